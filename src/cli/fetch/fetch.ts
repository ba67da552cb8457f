// Read first: curl(1). What it prints, and what it exits with, are those of curl, for what it can do.

import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Stack } from '../../platform/stack.ts'
import type { Provider } from '../../socket/provider.ts'
import { fileFailure } from '../file-failure.ts'
import type { Host } from '../host.ts'
import { isLinkName, withLinkNames } from '../link-names.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { tellOutputFailure } from '../standard-output.ts'
import { traced } from '../trace-option.ts'
import { UsageError } from '../usage-error.ts'
import type { ConnectionSource } from './fetch-connection.ts'
import { FetchCookies } from './fetch-cookies.ts'
import { type FetchBody, readBody, readInput } from './fetch-data.ts'
import {
  FETCH_BAD_AUTHORITIES,
  FETCH_NO_INTERFACE,
  FETCH_NOT_CONNECTED,
  FETCH_TIMED_OUT,
  FETCH_WRITE_ERROR,
  FetchFailure,
} from './fetch-failure.ts'
import { addFetchOptions, checkTogether, type FetchFlags } from './fetch-flags.ts'
import { fetchLookup, type LookupOptions } from './fetch-lookup.ts'
import { FetchOutput, unwritten } from './fetch-output.ts'
import { FetchProgress } from './fetch-progress.ts'
import { chosenProxy, type Environment, namesProxy } from './fetch-proxy-choice.ts'
import { FetchRecord } from './fetch-record.ts'
import { parseFetchUrl } from './fetch-request.ts'
import { type FetchLookup, fetchPage } from './fetch-transfer.ts'

/** For so long a connection may still say goodbye, in milliseconds, and so often it is looked at. */
const PARTING = 250
const PARTING_STEP = 5

/** What may be different the next time, and milliseconds before the first of --retry; twice as long before each other. */
const PASSING: readonly number[] = [408, 429, 500, 502, 503, 504]
const RETRY_PAUSE = 1000
const RETRY_PAUSE_MAX = 600_000

export function fetchCommand(version: string): Command {
  const command = new Command('fetch')
    .description('fetch a page, as curl does, and show how (--trace)')
    .argument('<url...>', 'http://HOST[:PORT]/PATH, or https://; several are fetched one after the other')
  return addFetchOptions(command, version).action(fetch)
}

async function fetch(texts: readonly string[], flags: FetchFlags): Promise<void> {
  const where = chosenWhere(flags, 'fetch')
  // Of the machine's network, and not of one that a stack is on.
  const environment = where === null ? process.env : {}
  checkTogether(flags, namesProxy(environment))
  if (flags.output.length > texts.length) {
    throw new UsageError(
      `-o ${flags.output[texts.length]} is for a URL, and there ${texts.length === 1 ? 'is 1' : `are ${texts.length}`}`,
    )
  }
  const unix = unixAddress(flags)
  if (unix !== undefined && where !== null) {
    throw new UsageError("--unix-socket is for the operating system's Unix sockets: leave --on out, or write --on os")
  }
  const outs = texts.map((text, i) => {
    const settings = { append: flags.continueAt !== undefined, createFolders: flags.createDirs === true }
    return new FetchOutput(outputPath(text, i, flags), settings)
  })
  tellOutputFailure((reason) => told(unwritten(reason), flags), FETCH_WRITE_ERROR)
  let shared: Shared | null = null
  let world: World | null = null
  let status = 0
  try {
    for (const [i, text] of texts.entries()) {
      const out = outs[i] as FetchOutput // one for each
      const record = new FetchRecord()
      const ended = await statusOf(flags, async () => {
        shared ??= sharedOf(flags)
        const job = jobOf(text, flags, record, out, shared)
        world ??= await openWorld(where, flags)
        const { host, shown } = world
        await Promise.race([
          again(() => transfer(host, shown.provider, job, flags, out, environment), job, flags),
          host.lost,
        ])
      })
      // As curl: that of the last one.
      status = ended.status
      if (flags.writeOut !== undefined) process.stdout.write(record.text(flags.writeOut, ended, out.path))
    }
  } finally {
    await leave(world, shared, flags, status)
  }
  process.exitCode = status
}

/** Where it is done, once for all URLs. */
interface World {
  readonly host: Host
  readonly shown: ReturnType<typeof traced>
}

async function openWorld(where: ReturnType<typeof chosenWhere>, flags: FetchFlags): Promise<World> {
  const host = await openHost(where, flags)
  try {
    await (flags.silent === true ? host.linkUp() : host.linkUpOrTold())
    return { host, shown: traced(host.provider, flags, (index) => host.interfaceName(index)) }
  } catch (error) {
    host.close()
    throw error
  }
}

async function leave(world: World | null, shared: Shared | null, flags: FetchFlags, status: number): Promise<void> {
  world?.shown.exit(status)
  if (world !== null && world.host.stack !== null) await parting(world.host.stack)
  world?.host.close()
  if (flags.cookieJar !== undefined) shared?.cookies.write(flags.cookieJar)
}

/** What all URLs have in common, read once. */
interface Shared {
  readonly body: FetchBody | null
  readonly cookies: FetchCookies
  readonly authorities: string | null
  readonly dump: ((head: string) => void) | undefined
}

function sharedOf(flags: FetchFlags): Shared {
  const { uploadFile } = flags
  const data = flags.data.length === 0 ? null : readBody(flags.data)
  return {
    body: uploadFile === undefined ? data : { bytes: readInput(uploadFile), type: null, headers: [] },
    cookies: new FetchCookies(flags.cookie, flags.cookieJar !== undefined),
    authorities: flags.cacert === undefined ? null : readAuthorities(flags.cacert),
    dump: flags.dumpHeader === undefined ? undefined : dumper(flags.dumpHeader),
  }
}

/** What is to be done for one URL, read from the flags. */
interface Job extends Shared {
  readonly url: URL
  readonly range: string | undefined
  readonly record: FetchRecord
}

function jobOf(text: string, flags: FetchFlags, record: FetchRecord, out: FetchOutput, shared: Shared): Job {
  const { continueAt, uploadFile } = flags
  const url = parseFetchUrl(text)
  let { body } = shared
  if (body !== null && flags.get && uploadFile === undefined) {
    // What a URL has already stays in front.
    url.search = [url.search.slice(1), Buffer.from(body.bytes).toString()].filter((part) => part !== '').join('&')
    body = null
  }
  if (uploadFile !== undefined && uploadFile !== '-' && url.pathname.endsWith('/')) {
    url.pathname += encodeURIComponent(basename(uploadFile))
  }
  const from = continueAt !== 'file' ? continueAt : out.path === null ? undefined : lengthOf(out.path)
  return { ...shared, url, body, range: from === undefined ? flags.range : from === 0 ? undefined : `${from}-`, record }
}

/** Runs what may help to be run again as often as --retry says. */
async function again(
  run: () => Promise<void>,
  { record }: Job,
  { retry, retryDelay, silent }: FetchFlags,
): Promise<void> {
  for (
    let left = retry, pause = retryDelay ?? RETRY_PAUSE;
    ;
    left--, pause = retryDelay ?? Math.min(2 * pause, RETRY_PAUSE_MAX)
  ) {
    const error = await run().then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error !== null && !(error instanceof FetchFailure)) throw error
    const late = error?.status === FETCH_TIMED_OUT || error?.status === FETCH_NOT_CONNECTED
    if (left === 0 || !(late || PASSING.includes(record.status))) {
      if (error !== null) throw error
      return
    }
    const why = error?.message ?? `HTTP ${record.status}`
    if (!silent) process.stderr.write(`jackfield: fetch: ${why}; again in ${pause / 1000} s, ${left} left\n`)
    await sleep(pause)
  }
}

async function transfer(
  host: Host,
  traceable: Provider,
  job: Job,
  flags: FetchFlags,
  out: FetchOutput,
  environment: Environment,
): Promise<void> {
  const { provider } = host
  const { url, body, record } = job
  const over = new AbortController()
  const { maxTime } = flags
  const timer =
    maxTime === undefined
      ? null
      : setTimeout(() => {
          over.abort(new FetchFailure(FETCH_TIMED_OUT, `Operation timed out after ${maxTime} milliseconds`))
        }, maxTime)
  // Whom to ask, routers say.
  if (flags.dnsServers.length === 0 && host.where?.ipv6 === 'auto') await host.ready()
  // What the resolver does is not of the transfer: curl's has a thread of its own, which strace leaves out as well.
  const asked: LookupOptions = {
    system: host.names,
    family: flags.ipv4 === true ? AF_INET : flags.ipv6 === true ? AF_INET6 : AF_UNSPEC,
    resolve: flags.resolve,
    servers: flags.dnsServers.length > 0 ? flags.dnsServers : host.nameServers,
    search: flags.dnsServers.length > 0 ? [] : host.searchDomains,
    interfaceIndex: (name) => host.interfaceIndex(name),
    signal: over.signal,
  }
  const find = fetchLookup(provider, asked)
  // An IPv6 address of ours is not used before it is known to be nobody else's; IPv4 need not wait for that.
  const lookup: FetchLookup = async (name, port) => {
    if (flags.dnsServers.some((server) => server.includes(':'))) await host.ready()
    const found =
      flags.dnsServers.length === 0 && isLinkName(host, name)
        ? await withLinkNames(host, (multicast) => fetchLookup(provider, { ...asked, multicast })(name, port))
        : await find(name, port)
    if (found.some(({ family }) => family === AF_INET6)) await host.ready()
    return found
  }
  const watched = out.path !== null && process.stderr.isTTY === true && !flags.silent && !flags.verbose
  const progress = watched ? new FetchProgress() : undefined
  const verbose = (line: string) => {
    if (flags.verbose === true) process.stderr.write(`${line}\n`)
  }
  const { proxy, proxyUser: user, noproxy: unproxied } = flags
  try {
    await fetchPage(traceable, url, {
      method: flags.request ?? null,
      head: flags.head ?? false,
      data: body?.bytes ?? null,
      ...(body === null ? {} : { dataType: body.type, dataHeaders: body.headers }),
      upload: flags.uploadFile !== undefined,
      headers: flags.header,
      agent: flags.userAgent,
      user: flags.user,
      bearer: flags.oauth2Bearer,
      range: job.range,
      compressed: flags.compressed === true,
      referer: flags.referer,
      cookies: job.cookies,
      lookup,
      redirections: flags.location === true ? flags.maxRedirs : 0,
      follows: flags.location === true,
      fail: flags.fail ?? false,
      failWithBody: flags.failWithBody ?? false,
      include: flags.include === true || flags.head === true,
      signal: over.signal,
      oldVersion: flags['http1.0'] === true,
      dump: job.dump,
      connectTo: flags.connectTo,
      connectTimeout: flags.connectTimeout,
      unix: unixAddress(flags),
      proxyFor: (asked) => chosenProxy(asked, { proxy, user, unproxied, environment, verbose }),
      tunnels: flags.proxytunnel === true,
      source: sourceOf(host, flags),
      limitRate: flags.limitRate,
      longest: flags.maxFilesize,
      secure: { insecure: flags.insecure === true, authorities: job.authorities },
      resumes: flags.continueAt !== undefined && job.range !== undefined,
      progress,
      record,
      verbose,
      write: (bytes) => out.write(bytes),
    })
    await out.end()
  } finally {
    progress?.end()
    if (timer !== null) clearTimeout(timer)
  }
}

/** Runs what may fail as curl does, and says so as curl does; the status to exit with, and why. */
async function statusOf(
  flags: FetchFlags,
  run: () => Promise<void>,
): Promise<{ readonly status: number; readonly message: string }> {
  try {
    await run()
    return { status: 0, message: '' }
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error
    told(error, flags)
    return error
  }
}

function told({ status, message }: FetchFailure, { silent, showError }: FetchFlags): number {
  if (silent !== true || showError === true) process.stderr.write(`jackfield: fetch: (${status}) ${message}\n`)
  return status
}

/** Lets the end of our connections leave: what is in the kernel's hands outlives a process, what is in ours does not. */
async function parting(stack: Stack): Promise<void> {
  const { netstat } = await import('../../stack/netstat.ts')
  for (let waited = 0; waited < PARTING && netstat(stack).some(isLeaving); waited += PARTING_STEP) {
    await new Promise((resolve) => setTimeout(resolve, PARTING_STEP))
  }
}

function isLeaving({ state }: { state: string }): boolean {
  return state === 'FIN-WAIT-1' || state === 'CLOSING' || state === 'LAST-ACK'
}

/** The Unix socket to connect to; undefined: none. */
function unixAddress({ unixSocket, abstractUnixSocket }: FetchFlags): SocketAddress | undefined {
  const path = unixSocket ?? (abstractUnixSocket === undefined ? undefined : `\0${abstractUnixSocket}`)
  if (path === undefined) return undefined
  try {
    return SocketAddress.unix(path)
  } catch (error) {
    throw new UsageError(`--unix-socket: ${(error as Error).message}`)
  }
}

/** --interface and --local-port. */
function sourceOf(host: Host, { interface: name, localPort }: FetchFlags): ConnectionSource {
  const port = localPort === undefined ? {} : { port: localPort }
  if (name === undefined) return port
  const address = IpAddress.parse(name)
  if (address !== null) return { address, ...port }
  if (host.interfaceIndex(name) !== null) return { device: name, ...port }
  throw new FetchFailure(FETCH_NO_INTERFACE, `Couldn't bind to '${name}': there is no interface of this name`)
}

/** The file for the URL that is number `i`; null: standard output. */
function outputPath(text: string, i: number, { output, outputDir = '', remoteName }: FetchFlags): string | null {
  const given = output[i]
  if (given !== undefined) return given === '-' ? null : join(outputDir, given)
  if (remoteName !== true) return null
  const name = basename(parseFetchUrl(text).pathname)
  if (name === '')
    throw new UsageError(`-O needs a URL that ends in the name of a file, and ${text} does not; use -o FILE`)
  return join(outputDir, name)
}

/** How long a file is; one that is not there has nothing yet. */
function lengthOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new FetchFailure(FETCH_BAD_AUTHORITIES, `--cacert ${path} cannot be read: ${(error as Error).message}`, error)
  }
}

/** Where -D writes to. The file is emptied before. */
function dumper(path: string): (head: string) => void {
  if (path === '-') return (head) => void process.stdout.write(head, 'latin1')
  try {
    writeFileSync(path, '')
  } catch (error) {
    throw new Error(`-D ${fileFailure(path, error)}`)
  }
  return (head) => appendFileSync(path, head, 'latin1')
}
