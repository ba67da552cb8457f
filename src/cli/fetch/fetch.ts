// Read first: curl(1). What it prints, and what it exits with, are those of curl, for what it can do.

import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { finished } from 'node:stream/promises'
import { Command, InvalidArgumentError } from 'commander'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../base/constants.ts'
import type { Stack } from '../../platform/stack.ts'
import { CAPTURE_OPTION, type Host, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { filePath, lineText } from '../option-values.ts'
import { tellOutputFailure } from '../standard-output.ts'
import { addTraceOptions, type TraceFlags, traced } from '../trace-option.ts'
import { UsageError } from '../usage-error.ts'
import { FETCH_READ_ERROR, FETCH_TIMED_OUT, FETCH_WRITE_ERROR, FetchFailure } from './fetch-failure.ts'
import { fetchLookup, parseResolve, parseServers, type ResolvedHost } from './fetch-lookup.ts'
import { parseFetchUrl, parseHeader, parseMethod } from './fetch-request.ts'
import { type FetchLookup, fetchPage } from './fetch-transfer.ts'

/** curl's --max-redirs. */
const REDIRECTIONS = 50

/** For so long a connection may still say goodbye, in milliseconds, and so often it is looked at. */
const PARTING = 250
const PARTING_STEP = 5

interface FetchFlags extends HostOptions, TraceFlags {
  readonly output?: string
  readonly remoteName?: boolean
  readonly head?: boolean
  readonly include?: boolean
  readonly verbose?: boolean
  readonly silent?: boolean
  readonly fail?: boolean
  readonly location?: boolean
  readonly header: readonly (readonly [string, string | null])[]
  readonly request?: string
  readonly data: readonly string[]
  readonly userAgent: string
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly resolve: readonly ResolvedHost[]
  readonly dnsServers: readonly string[]
  readonly maxTime?: number
}

export function fetchCommand(version: string): Command {
  const command = new Command('fetch')
    .description('fetch a page, as curl does, and show how (--trace)')
    .argument('<url>', 'http://HOST[:PORT]/PATH')
    .option(...ON_OR_OS_OPTION)
    .option('-o, --output <file>', 'write the page to a file', filePath)
    .option('-O, --remote-name', 'the same, with the last part of the URL for its name')
    .option('-I, --head', 'ask for the header alone')
    .option('-i, --include', 'show the header of the answer too')
    .option('-v, --verbose', 'tell on stderr what is said')
    .option('-s, --silent', 'tell nothing of errors; the exit status does')
    .option('-f, --fail', 'fail, with status 22, where the server says 400 or more')
    .option('-L, --location', 'go where the server sends us')
    .option('-H, --header <line>', 'add "Name: value" to the request, or leave "Name:" out', gathered(parseHeader), [])
    .option('-X, --request <method>', 'the method, in place of GET', parseMethod)
    .option('-d, --data <data>', 'send it by POST; @FILE sends a file', gathered(String), [])
    .option('-A, --user-agent <name>', 'who we are', lineText, `jackfield/${version}`)
    .option('-4, --ipv4', 'connect over IPv4 only')
    .option('-6, --ipv6', 'connect over IPv6 only')
    .option('--resolve <host:port:address>', 'the address of a host, looked up nowhere', gathered(parseResolve), [])
    .option('--dns-servers <addresses>', 'who knows names: addresses with commas between them', parseServers, [])
    .option('-m, --max-time <seconds>', 'give up after so long, with status 28', seconds)
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
  return addTraceOptions(command).action(fetch)
}

/** An option that may be given several times. */
function gathered<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)]
}

function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || value <= 0 || value > 86_400) {
    throw new InvalidArgumentError('It must be a number of seconds, at most 86400.')
  }
  return value * 1000
}

async function fetch(text: string, flags: FetchFlags): Promise<void> {
  const where = chosenWhere(flags, 'fetch')
  if (flags.ipv4 === true && flags.ipv6 === true) throw new UsageError('-4 and -6 exclude each other; write one')
  const out = new FetchOutput(outputPath(text, flags))
  tellOutputFailure((reason) => told(unwritten(reason), flags), FETCH_WRITE_ERROR)
  process.exitCode = await statusOf(flags, async () => {
    const url = parseFetchUrl(text)
    const data = flags.data.length === 0 ? null : readData(flags.data)
    const host = await openHost(where, flags)
    try {
      await (flags.silent === true ? host.linkUp() : host.linkUpOrTold())
      await Promise.race([transfer(host, url, data, flags, out), host.lost])
    } finally {
      if (host.stack !== null) await parting(host.stack)
      host.close()
    }
  })
}

async function transfer(
  host: Host,
  url: URL,
  data: Uint8Array | null,
  flags: FetchFlags,
  out: FetchOutput,
): Promise<void> {
  const { provider } = host
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
  const find = fetchLookup(provider, {
    system: host.names,
    family: flags.ipv4 === true ? AF_INET : flags.ipv6 === true ? AF_INET6 : AF_UNSPEC,
    resolve: flags.resolve,
    servers: flags.dnsServers.length > 0 ? flags.dnsServers : host.nameServers,
    search: flags.dnsServers.length > 0 ? [] : host.searchDomains,
    interfaceIndex: (name) => host.interfaceIndex(name),
    signal: over.signal,
  })
  // An IPv6 address of ours is not used before it is known to be nobody else's; IPv4 need not wait for that.
  const lookup: FetchLookup = async (name, port) => {
    if (flags.dnsServers.some((server) => server.includes(':'))) await host.ready()
    const found = await find(name, port)
    if (found.some(({ family }) => family === AF_INET6)) await host.ready()
    return found
  }
  const shown = traced(provider, flags, (index) => host.interfaceName(index))
  let status = 1
  try {
    await fetchPage(shown.provider, url, {
      method: flags.request ?? null,
      head: flags.head ?? false,
      data,
      headers: flags.header,
      agent: flags.userAgent,
      lookup,
      redirections: flags.location === true ? REDIRECTIONS : 0,
      fail: flags.fail ?? false,
      include: flags.include === true || flags.head === true,
      signal: over.signal,
      verbose: (line) => {
        if (flags.verbose === true) process.stderr.write(`${line}\n`)
      },
      write: (bytes) => out.write(bytes),
    })
    await out.end()
    status = 0
  } catch (error) {
    if (error instanceof FetchFailure) status = error.status
    throw error
  } finally {
    if (timer !== null) clearTimeout(timer)
    shown.exit(status)
  }
}

/** Runs what may fail as curl does, and says so as curl does; the status to exit with. */
async function statusOf(flags: FetchFlags, run: () => Promise<void>): Promise<number> {
  try {
    await run()
    return 0
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error
    return told(error, flags)
  }
}

function told({ status, message }: FetchFailure, { silent }: FetchFlags): number {
  if (silent !== true) process.stderr.write(`jackfield: fetch: (${status}) ${message}\n`)
  return status
}

function unwritten(reason: string): FetchFailure {
  return new FetchFailure(FETCH_WRITE_ERROR, `Failure writing output to destination: ${reason}`)
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

function outputPath(text: string, flags: FetchFlags): string | null {
  if (flags.output !== undefined) return flags.output === '-' ? null : flags.output
  if (flags.remoteName !== true) return null
  const name = basename(parseFetchUrl(text).pathname)
  if (name === '')
    throw new UsageError(`-O needs a URL that ends in the name of a file, and ${text} does not; use -o FILE`)
  return name
}

/** -d, each part behind an "&" as curl joins them. */
function readData(parts: readonly string[]): Uint8Array {
  const read = (part: string): Buffer => {
    if (!part.startsWith('@')) return Buffer.from(part)
    try {
      return readFileSync(part.slice(1))
    } catch (error) {
      throw new FetchFailure(FETCH_READ_ERROR, `Failed to open ${part.slice(1)}: ${(error as Error).message}`, error)
    }
  }
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [read(part)] : [Buffer.from('&'), read(part)])))
}

/** Where the page goes. A file is made when there is something for it. */
class FetchOutput {
  readonly #path: string | null
  #stream: NodeJS.WritableStream | null = null
  #failed: Error | null = null

  constructor(path: string | null) {
    this.#path = path
  }

  async write(bytes: Uint8Array): Promise<void> {
    const stream = this.#open()
    if (!stream.write(bytes)) {
      // What went wrong is told by the next line.
      await once(stream, 'drain').catch(() => {})
    }
    this.#check()
  }

  async end(): Promise<void> {
    const stream = this.#path === null ? this.#stream : this.#open()
    if (stream === null || stream === process.stdout) return
    stream.end()
    await finished(stream).catch((error: Error) => {
      this.#failed ??= error
    })
    this.#check()
  }

  #open(): NodeJS.WritableStream {
    if (this.#stream === null) {
      this.#stream = this.#path === null ? process.stdout : createWriteStream(this.#path)
      if (this.#path !== null) {
        this.#stream.on('error', (error: Error) => {
          this.#failed ??= error
        })
      }
    }
    return this.#stream
  }

  #check(): void {
    if (this.#failed === null) return
    throw unwritten(this.#failed.message)
  }
}
