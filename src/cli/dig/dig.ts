// Read first: dig(1). What it prints, and what it exits with, are those of BIND's dig, for what it can do.

import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { errnoText } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { type Answer, Exchange } from '../../services/names/exchange.ts'
import { HttpsExchange } from '../../services/names/https-exchange.ts'
import type { QueryFlags } from '../../services/names/query.ts'
import { parseResolvConf } from '../../services/names/resolv-conf.ts'
import { ResolverError } from '../../services/names/resolver-error.ts'
import { DOMAIN_PORT } from '../../services/names/server-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { CAPTURE_OPTION, type Host, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { HostNames } from '../names-option.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { hostText } from '../option-values.ts'
import { UsageError } from '../usage-error.ts'
import { DIG_WORDS, type DigRequest, parseDig } from './dig-arguments.ts'
import { digJson } from './dig-json.ts'
import { askLinks, LINK_PORT, linkGroup } from './dig-multicast.ts'
import { digText, nameText, shortText, traceText } from './dig-text.ts'
import { traceDown } from './dig-trace.ts'

/** No server has answered. */
const NO_REPLY = 9

const RESOLV_CONF = '/etc/resolv.conf'

interface DigFlags extends HostOptions {
  readonly reverse?: string
  readonly type?: string
  readonly class?: string
  readonly name?: string
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly port?: number
  readonly json?: boolean
}

export function digCommand(version: string): Command {
  return new Command('dig')
    .summary('ask a name server, or all of the link, and show what it says')
    .description('ask a name server, or for NAME.local all of the link (multicast DNS), and show what it says')
    .argument(
      '[words...]',
      `[@SERVER] [NAME] [TYPE] [CLASS] ${DIG_WORDS} +https[=PATH] +[no]all +time=SECONDS +tries=COUNT`,
    )
    .option(...ON_OR_OS_OPTION)
    .option('-x, --reverse <address>', 'ask what an address is called')
    .option('-t, --type <type>', 'the type of records, where it stands in no word', hostText)
    .option('-c, --class <class>', 'the class of records', hostText)
    .option('-q, --name <name>', 'the name, where it could be taken for something else', hostText)
    .option('-4, --ipv4', 'ask servers over IPv4 only')
    .option('-6, --ipv6', 'ask servers over IPv6 only')
    .option('-p, --port <port>', `the server's port (default: ${DOMAIN_PORT}, of multicast ${LINK_PORT})`, port)
    .option('--json', 'a line of JSON for each answer, with the names of RFC 8427; what has failed is told on stderr')
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .action((words: string[], flags: DigFlags) => dig(words, flags, version))
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 65535) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 65535.')
  }
  return value
}

async function dig(words: string[], flags: DigFlags, version: string): Promise<void> {
  const request = parseDig([...words, ...questionWords(flags)], flags.reverse, flags.port ?? null, flags.name)
  if (flags.ipv4 && flags.ipv6) throw new UsageError('dig has both -4 and -6; write one')
  const where = chosenWhere(flags, 'dig')
  const { serverName } = request
  if (serverName !== null && where !== null) {
    throw new UsageError(`"@${serverName}" names no server by its address, such as @192.0.2.53; a stack knows no names`)
  }
  const group = linkGroup({ ...request, name: request.question.name }, flags.ipv6 === true, flags.port ?? null)
  // Of a link that says itself how it is, it says the servers too.
  const told =
    group === null && (where?.dhcp === true || where?.ipv6 === 'auto') && request.server === null && serverName === null
  const written = group === null && serverName === null && !told ? serversOf(request, flags, where === null) : []
  const host = await openHost(where, flags)
  try {
    await host.ready()
    const servers =
      group !== null
        ? [group]
        : told
          ? serversTold(host, flags, request.port)
          : serverName === null
            ? written
            : await serversNamed(host, serverName, flags, request.port)
    const greeting = [
      `\n; <<>> jackfield ${version} dig <<>> ${[...words, ...flagWords(flags)].join(' ')}`,
      ...(request.server === null && serverName === null ? [] : [foundText(servers.length)]),
      ';; global options: +cmd',
    ]
    const remarks = flags.json ? process.stderr : process.stdout
    const text = (answer: Answer, time: number) => {
      if (flags.json) return digJson(answer, time)
      if (request.short) return shortText(answer.message)
      return digText(answer, request.sections, time, new Date(), serverName)
    }
    if (group !== null) {
      const asked = askLinks(host, request.question, group, request.timeout)
      const found = await Promise.race([asked, host.lost])
      if (request.command && !flags.json) process.stdout.write(`${greeting.join('\n')}\n`)
      if (found.length === 0) sayUnreached(remarks)
      for (const { answer, time } of found) process.stdout.write(text(answer, time))
      return
    }
    const exchange = new Exchange(host.provider, secureRandom, false)
    if (request.trace) {
      if (request.command && !flags.json) process.stdout.write(`${greeting.join('\n')}\n`)
      await Promise.race([printTrace(host, exchange, servers, request, flags, remarks), host.lost])
      return
    }
    const asking = ask(host.provider, exchange, servers, request, remarks)
    const done = await Promise.race([asking, host.lost])
    if (done?.answer.transport === 'tcp' && !request.stream && !request.short && !flags.json) {
      process.stdout.write(';; Truncated, retrying in TCP mode.\n')
    }
    if (request.command && !flags.json) process.stdout.write(`${greeting.join('\n')}\n`)
    if (done === null) sayUnreached(remarks)
    else process.stdout.write(text(done.answer, done.time))
  } finally {
    host.close()
  }
}

/** +trace: what each server on the way has said, and who it was. */
async function printTrace(
  host: Host,
  exchange: Exchange,
  servers: readonly SocketAddress[],
  request: DigRequest,
  flags: DigFlags,
  remarks: NodeJS.WriteStream,
): Promise<void> {
  const { ipv4, ipv6, port: number = DOMAIN_PORT } = flags
  const first = servers.map((address) => ({ name: request.serverName ?? address.address, address }))
  const steps = traceDown(request.question, first, {
    ask: async (asked, question, recursion) => {
      for (const server of asked) {
        const done = await ask(
          host.provider,
          exchange,
          [server.address],
          { ...request, question, recursion, tries: 1 },
          remarks,
        )
        if (done !== null) return { ...done, server }
      }
      return null
    },
    lookup: async (name) => {
      try {
        return await new HostNames(host, flags).addresses(name, number)
      } catch (error) {
        if (error instanceof UsageError) return []
        throw error
      }
    },
    port: number,
    fits: ({ isV4 }) => (isV4 ? !ipv6 : !ipv4 && host.speaksIpv6),
  })
  for (;;) {
    const { done, value } = await steps.next()
    if (done) {
      if (!value) sayUnreached(remarks)
      return
    }
    const { answer, time, server } = value
    process.stdout.write(flags.json ? digJson(answer, time) : traceText(answer, request.sections, time, server.name))
  }
}

function sayUnreached(remarks: NodeJS.WriteStream): void {
  remarks.write(';; no servers could be reached\n')
  process.exitCode = NO_REPLY
}

function questionWords({ type, class: klass }: DigFlags): string[] {
  return [type, klass].filter((word) => word !== undefined)
}

function foundText(count: number): string {
  return `; (${count} server${count === 1 ? '' : 's'} found)`
}

function flagWords({ reverse, ipv4, ipv6, port: number }: DigFlags): string[] {
  return [
    ...(ipv4 ? ['-4'] : ipv6 ? ['-6'] : []),
    ...(number === undefined || number === DOMAIN_PORT ? [] : ['-p', String(number)]),
    ...(reverse === undefined ? [] : ['-x', reverse]),
  ]
}

/** The first answer that a server gives, and how long it took; null where none does. */
async function ask(
  provider: Provider,
  exchange: Exchange,
  servers: readonly SocketAddress[],
  request: DigRequest,
  remarks: NodeJS.WriteStream,
): Promise<{ readonly answer: Answer; readonly time: number } | null> {
  const { question, timeout, edns, dnssec, recursion, checkingDisabled, authenticData } = request
  for (let i = 0; i < request.tries; i++) {
    for (const server of servers) {
      const start = performance.now()
      try {
        const flags = { recursionDesired: recursion, checkingDisabled, authenticData, dnssecOk: dnssec }
        const stream = request.stream ? ({ transport: 'tcp' } as const) : {}
        const answer =
          request.https === null
            ? await exchange.ask(server, question, { timeout, edns, flags, ...stream })
            : await askHttps(provider, server, request, flags)
        return { answer, time: performance.now() - start }
      } catch (error) {
        const why = reasonText(error)
        const place = `${server.address}#${server.port}`
        const called = request.serverName ?? server.address
        remarks.write(
          request.stream || request.https !== null
            ? `;; Connection to ${place}(${called}) for ${nameText(question.name)} failed: ${why}.\n`
            : `;; communications error to ${place}: ${why}\n`,
        )
      }
    }
  }
  return null
}

async function askHttps(
  provider: Provider,
  server: SocketAddress,
  { question, https, serverName, timeout }: DigRequest,
  flags: QueryFlags,
): Promise<Answer> {
  // TLS and HTTP are loaded where they are asked for.
  const { httpsFetch, httpsUrl } = await import('./dig-https.ts')
  const url = httpsUrl(server, serverName ?? server.address, https as string)
  const counters = { queries: 0, wrongAnswers: 0, timeouts: 0, streamQueries: 0, plainQueries: 0 }
  const options = { url, fetch: httpsFetch(provider, server) }
  const exchange = new HttpsExchange(options, provider.clock, secureRandom, counters)
  return { ...(await exchange.ask(question, { flags, timeout })), server }
}

function reasonText(error: unknown): string {
  if (error instanceof ResolverError && error.cause instanceof SocketError) return reasonText(error.cause)
  if (error instanceof ResolverError && error.cause instanceof Error)
    return error.cause.message.split('\n')[0] as string
  if (error instanceof SocketError) return errnoText(error.errno).toLowerCase()
  if (error instanceof ResolverError) return error.code === 'ETIMEOUT' ? 'timed out' : 'end of file'
  throw error
}

/** `onOs`: the machine's own loopback is within reach. A stack has a loopback of its own. */
function serversOf(request: DigRequest, { ipv4, ipv6 }: DigFlags, onOs: boolean): readonly SocketAddress[] {
  const family = ipv4 ? AF_INET : ipv6 ? AF_INET6 : null
  const own = request.server === null ? machineServers(request.port, onOs) : [request.server]
  const servers = family === null ? own : own.filter((server) => server.family === family)
  if (servers.length > 0) return servers
  const why =
    request.server === null
      ? `${RESOLV_CONF} names no server that ${onOs ? 'is an address' : 'a stack could reach'}`
      : `${request.server.address} is of the other family than ${ipv4 ? '-4' : '-6'}`
  throw new UsageError(`${why}; write one, such as @192.0.2.53`)
}

/** All addresses of a server that is called by its name, as the machine knows it. */
async function serversNamed(host: Host, name: string, flags: DigFlags, at: number): Promise<readonly SocketAddress[]> {
  return new HostNames(host, flags).addresses(name, at)
}

function serversTold(host: Host, { ipv4, ipv6 }: DigFlags, at: number): readonly SocketAddress[] {
  if (host.nameServers.length === 0) {
    throw new UsageError('neither DHCP nor a router has told of a name server; write one, such as @192.0.2.53')
  }
  const zone = (name: string) => host.interfaceIndex(name) ?? 0
  const all = host.nameServers.map((server) => SocketAddress.internet(server, at, zone))
  const fitting = all.filter(({ ip }) => !(ip.isV4 ? ipv6 : ipv4))
  if (fitting.length > 0) return fitting
  const [told, example] = ipv6 ? ['IPv4', '@2001:db8::53'] : ['IPv6', '@192.0.2.53']
  throw new UsageError(`the link tells of name servers by ${told}; write one, such as ${example}`)
}

function machineServers(number: number, onOs: boolean): SocketAddress[] {
  let text = ''
  try {
    text = readFileSync(RESOLV_CONF, 'utf8')
  } catch {
    return []
  }
  return parseResolvConf(text).servers.flatMap((server) => {
    const ip = IpAddress.parse(server)
    return ip === null || (ip.isLoopback && !onOs) ? [] : [SocketAddress.internet(server, number)]
  })
}
