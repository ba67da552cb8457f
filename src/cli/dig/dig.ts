// Read first: dig(1). What it prints, and what it exits with, are those of BIND's dig, for what it can do.

import { type Command, InvalidArgumentError, type Option } from 'commander'
import { AF_INET6 } from '../../base/constants.ts'
import { errnoText } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { type Answer, Exchange } from '../../services/names/exchange.ts'
import { HttpsExchange } from '../../services/names/https-exchange.ts'
import type { QueryFlags } from '../../services/names/query.ts'
import { ResolverError } from '../../services/names/resolver-error.ts'
import { DOMAIN_PORT } from '../../services/names/server-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { CAPTURE_OPTION, type Host, type HostOptions, IMPAIR_OPTION, ON_OR_OS_OPTION } from '../host.ts'
import { HostNames } from '../names-option.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { filePath, hostText } from '../option-values.ts'
import { tell } from '../report.ts'
import { UsageError } from '../usage-error.ts'
import type { Where } from '../where.ts'
import {
  behindLine,
  DIG_WORDS,
  type DigCommon,
  type DigPlan,
  type DigRequest,
  parseDig,
  readSource,
} from './dig-arguments.ts'
import { type BatchLine, batchLines } from './dig-batch.ts'
import { DigCommand, type DigItem, digItems } from './dig-items.ts'
import { digJson } from './dig-json.ts'
import { askLinks, LINK_PORT, linkGroup } from './dig-multicast.ts'
import { serversNamed, serversOf, serversTold } from './dig-servers.ts'
import { digText, nameText, shortText, traceText } from './dig-text.ts'
import { traceDown } from './dig-trace.ts'

/** What dig exits with: the file of questions cannot be read; no server has answered. */
const NO_BATCH = 8
const NO_REPLY = 9

interface DigFlags extends HostOptions {
  readonly file?: string
  readonly json?: boolean
}

export function digCommand(version: string): Command {
  const command = new DigCommand('dig')
  return command
    .summary('ask a name server, or all of the link, and show what it says')
    .description('ask a name server, or for NAME.local all of the link (multicast DNS), and show what it says')
    .argument(
      '[words...]',
      `[@SERVER] [NAME] [TYPE] [CLASS] ${DIG_WORDS} +https[=PATH] +[no]all +time=SECONDS +tries=COUNT; more names are more questions: what stands behind a name is about that one, what stands before the first about all`,
    )
    .option(...ON_OR_OS_OPTION)
    .option('-x, --reverse <address>', 'ask what an address is called')
    .option('-t, --type <type>', 'the type of records, where it stands in no word', hostText)
    .option('-c, --class <class>', 'the class of records', hostText)
    .option('-q, --name <name>', 'the name, where it could be taken for something else', hostText)
    .option('-f, --file <file>', 'ask what is on each line of a file, as behind dig; "-": of standard input', filePath)
    .option('-b, --bind <address[#port]>', 'ask from this address of ours, and this port', sourceText)
    .option('-4, --ipv4', 'ask servers over IPv4 only')
    .option('-6, --ipv6', 'ask servers over IPv6 only')
    .option('-p, --port <port>', `the server's port (default: ${DOMAIN_PORT}, of multicast ${LINK_PORT})`, port)
    .option('--json', 'a line of JSON for each answer, with the names of RFC 8427; what has failed is told on stderr')
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .action((_words: string[], flags: DigFlags) => dig(command, flags, version))
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 65535) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 65535.')
  }
  return value
}

function sourceText(text: string): string {
  if (readSource(text) === null) {
    throw new InvalidArgumentError('It must be an address of ours, such as 192.0.2.7 or 192.0.2.7#5353.')
  }
  return text
}

async function dig({ line, options }: DigCommand, flags: DigFlags, version: string): Promise<void> {
  const items = digItems(line, options)
  const plan = parseDig(items)
  const where = chosenWhere(flags, 'dig')
  let batch: AsyncIterable<BatchLine> | null = null
  try {
    if (flags.file !== undefined) batch = batchLines(flags.file)
  } catch (error) {
    tell(error)
    process.exitCode = NO_BATCH
    return
  }
  const session = new DigSession(where, flags, version)
  const asked = batch !== null && !plan.named ? [] : plan.requests
  for (const request of asked) session.check(request)
  await session.open()
  try {
    if (asked.length > 0) await session.ask(plan, items)
    if (batch === null) return
    let { common } = plan
    for await (const { number, words } of batch) {
      const [more, next] = lineOf(words, options, common, `line ${number} of ${flags.file}`)
      common = behindLine(common, next)
      await session.ask(next, more)
    }
  } finally {
    session.close()
  }
}

/** What a line of a file asks. */
function lineOf(
  words: readonly string[],
  options: readonly Option[],
  common: DigCommon,
  place: string,
): [readonly DigItem[], DigPlan] {
  try {
    const items = digItems(words, options, true)
    return [items, parseDig(items, common)]
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${error.message}`)
    throw error
  }
}

/** Questions that are asked one after the other, from one place. */
class DigSession {
  readonly #where: Where | null
  readonly #flags: DigFlags
  readonly #version: string
  #host: Host | null = null
  /** What is said before the next answer. */
  #greeting: string[] = []
  #greeted = false

  constructor(where: Where | null, flags: DigFlags, version: string) {
    this.#where = where
    this.#flags = flags
    this.#version = version
  }

  async open(): Promise<void> {
    this.#host = await openHost(this.#where, this.#flags)
    try {
      await this.#host.ready()
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#host?.close()
  }

  /** Throws a UsageError for what cannot be asked from here. */
  check(request: DigRequest): void {
    this.#known(request)
  }

  /** The servers that are known without asking for them; null: they have names, or the link tells of them. */
  #known(request: DigRequest): readonly SocketAddress[] | null {
    const { serverName } = request
    if (serverName !== null && this.#where !== null) {
      throw new UsageError(
        `"@${serverName}" names no server by its address, such as @192.0.2.53; a stack knows no names`,
      )
    }
    const group = groupOf(request)
    if (group !== null) return [group]
    return serverName !== null || this.#told(request) ? null : serversOf(request, this.#where === null)
  }

  async ask({ requests, warnings, serverFirst }: DigPlan, items: readonly DigItem[]): Promise<void> {
    for (const warning of warnings) process.stderr.write(`${warning}\n`)
    const words = items.map(({ text }) => text).join(' ')
    for (const [i, request] of requests.entries()) {
      const host = this.#host as Host // it was opened
      const servers = this.#known(request) ?? (await this.#found(host, request))
      if (i === 0) this.#greet(words, serverFirst ? servers.length : 0)
      await this.#askOne(host, request, servers)
    }
  }

  /** As BIND's: the first has an empty line before it, and tells what is so for all. */
  #greet(words: string, servers: number): void {
    const line = `; <<>> jackfield ${this.#version} dig <<>> ${words}`
    const found = servers === 0 ? [] : [`; (${servers} server${servers === 1 ? '' : 's'} found)`]
    this.#greeting = this.#greeted ? [line] : ['', line, ...found, ';; global options: +cmd']
    this.#greeted = true
  }

  #sayGreeting({ command, short }: DigRequest): void {
    if (command && !short && !this.#flags.json) {
      for (const line of this.#greeting) process.stdout.write(`${line}\n`)
    }
    this.#greeting = []
  }

  /** Whether a link that says itself how it is says the servers too. */
  #told({ server, serverName }: DigRequest): boolean {
    return (this.#where?.dhcp === true || this.#where?.ipv6 === 'auto') && server === null && serverName === null
  }

  #found(host: Host, request: DigRequest): readonly SocketAddress[] | Promise<readonly SocketAddress[]> {
    const { serverName } = request
    return serverName === null ? serversTold(host, request) : serversNamed(host, serverName, request)
  }

  async #askOne(host: Host, request: DigRequest, servers: readonly SocketAddress[]): Promise<void> {
    const flags = this.#flags
    const remarks = flags.json ? process.stderr : process.stdout
    const text = (answer: Answer, time: number) => {
      if (flags.json) return digJson(answer, time)
      if (request.short) return shortText(answer.message)
      return digText(answer, request.sections, time, new Date(), request.serverName)
    }
    const group = groupOf(request)
    if (group !== null) {
      const asked = askLinks(host, request.question, group, request.timeout, request.source)
      const found = await Promise.race([asked, host.lost])
      this.#sayGreeting(request)
      if (found.length === 0) sayUnreached(remarks)
      for (const { answer, time } of found) process.stdout.write(text(answer, time))
      return
    }
    const exchange = new Exchange(host.provider, secureRandom, false, request.source)
    if (request.trace) {
      this.#sayGreeting(request)
      await Promise.race([printTrace(host, exchange, servers, request, flags, remarks), host.lost])
      return
    }
    const asking = ask(host.provider, exchange, servers, request, remarks)
    const done = await Promise.race([asking, host.lost])
    if (done?.answer.transport === 'tcp' && !request.stream && !request.short && !flags.json) {
      process.stdout.write(';; Truncated, retrying in TCP mode.\n')
    }
    this.#sayGreeting(request)
    if (done === null) sayUnreached(remarks)
    else process.stdout.write(text(done.answer, done.time))
  }
}

function groupOf(request: DigRequest): SocketAddress | null {
  const { question, ipv6, source, givenPort } = request
  return linkGroup({ ...request, name: question.name }, ipv6 || source?.family === AF_INET6, givenPort)
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
  const { ipv4, ipv6, port: number } = request
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
        return await new HostNames(host, { ipv4, ipv6 }).addresses(name, number)
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
        const setup = error instanceof SocketError && error.syscall === 'bind'
        const stream = request.stream || request.https !== null
        remarks.write(
          stream || setup
            ? `;; ${stream ? 'Connection to' : 'UDP setup with'} ${place}(${called}) for ${nameText(question.name)} failed: ${why}.\n`
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
  { question, https, serverName, timeout, source }: DigRequest,
  flags: QueryFlags,
): Promise<Answer> {
  // TLS and HTTP are loaded where they are asked for.
  const { httpsFetch, httpsUrl } = await import('./dig-https.ts')
  const url = httpsUrl(server, serverName ?? server.address, https as string)
  const counters = { queries: 0, wrongAnswers: 0, timeouts: 0, streamQueries: 0, plainQueries: 0 }
  const options = { url, fetch: httpsFetch(provider, server, source) }
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
