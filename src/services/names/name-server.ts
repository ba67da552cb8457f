// Read first: RFC 1034 section 4.3.2, RFC 5625 (DNS proxies), RFC 7766 (over TCP), RFC 6891 section 6.2, RFC 2181 section 9 (TC).

import { checkInteger, checkOptions, given } from '../../base/argument.ts'
import { read16, write16 } from '../../base/bytes.ts'
import { SHUT_RD } from '../../base/constants.ts'
import { EAGAIN } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { compressNames } from './compressed-names.ts'
import { isDomainName } from './domain-name.ts'
import { UDP_PAYLOAD_SIZE } from './exchange.ts'
import { ForwardedAnswers } from './forwarded-answers.ts'
import { HostsFile } from './hosts-file.ts'
import { type KnownAnswer, KnownNames } from './known-names.ts'
import { LocalZone } from './local-zone.ts'
import {
  BADVERS,
  CLASS_IN,
  decodeMessage,
  encodeMessage,
  FORMERR,
  LONGEST_MESSAGE,
  type Message,
  MessageError,
  type MessageParts,
  NOTIMP,
  OPCODE_QUERY,
  type Question,
  questionEnd,
  REFUSED,
  SERVFAIL,
  SHORTEST_PAYLOAD,
} from './message.ts'
import { NameServerDatagrams } from './name-server-datagrams.ts'
import type { Resolver } from './resolver.ts'
import { frameMessage, readFramed } from './stream-channel.ts'
import { Zone } from './zone.ts'
import { NOTAUTH, transferMessages, transferQuery } from './zone-transfer.ts'

const HEADER_LENGTH = 12
/** How long a client may leave its connection idle, or an answer unread: RFC 7766 section 6.2.3 speaks of seconds. */
const IDLE_TIME = 10_000
/** Questions of one connection that are worked on at once; further ones wait in the stream. */
const MOST_OF_A_STREAM = 16

export interface NameServerOptions {
  /** Who is asked; null: nobody, and what is not known here is refused. */
  readonly resolver: Resolver | null
  /** Names that are answered here. */
  readonly hosts?: HostsFile
  /** A domain of which `hosts` has every name: others in it do not exist. */
  readonly zone?: string
  /** What else is answered here, with authority. The table of hosts comes before them. */
  readonly zones?: readonly Zone[]
  /** Who may have a zone whole, by TCP (AXFR, RFC 5936). Default nobody. */
  readonly transfer?: (client: SocketAddress, zone: string) => boolean
  /** Seconds that answers from `hosts` may be kept; default 60. */
  readonly ttl?: number
  /** Questions that wait for a server's answer at once; default 256. Past it the answer is SERVFAIL. */
  readonly concurrency?: number
  /** Servers' answers that are kept at most, each of up to 4096 octets; default 1000, 0 for none. */
  readonly cacheSize?: number
}

const OPTION_KEYS: readonly (keyof NameServerOptions)[] = [
  'resolver',
  'hosts',
  'zone',
  'zones',
  'transfer',
  'ttl',
  'concurrency',
  'cacheSize',
]

export interface NameServerCounters {
  queries: number
  local: number
  forwarded: number
  /** Answered with what a server had said to somebody else: before, or to who asked the same a moment earlier. */
  cached: number
  shared: number
  /** Answered with SERVFAIL: no answer, or too many questions. */
  failures: number
  /** What is no query at all, and gets no answer. */
  dropped: number
}

/**
 * Answers questions: by itself for the names of its zones and of a table of hosts, else with what the resolver's servers say, which is
 * passed on as it came, and kept for as long as it may be. Over datagrams (`datagrams`) and streams (`stream`).
 *
 * ```ts
 * const zone = Zone.parse(text)
 * const nameServer = new NameServer({ resolver, zones: [zone], hosts: new HostsFile('192.0.2.1 server.example') })
 * const socket = new Socket(stack, AF_INET6, SOCK_DGRAM)
 * socket.bind({ address: '::', port: 53 })
 * await nameServer.datagrams(socket).run()
 * ```
 */
export class NameServer {
  readonly counters: NameServerCounters = {
    queries: 0,
    local: 0,
    forwarded: 0,
    cached: 0,
    shared: 0,
    failures: 0,
    dropped: 0,
  }
  /** Null: nobody is asked. */
  readonly #answers: ForwardedAnswers | null
  readonly #resolver: Resolver | null
  readonly #known: KnownNames
  readonly #transfer: (client: SocketAddress, zone: string) => boolean
  readonly #concurrency: number
  readonly #stop = new AbortController()
  #waiting = 0

  constructor(options: NameServerOptions) {
    checkOptions('options', options, OPTION_KEYS)
    const { resolver, hosts = new HostsFile(), zone, zones = [], transfer } = options
    const { ttl = 60, concurrency = 256, cacheSize = 1000 } = options
    if (!(hosts instanceof HostsFile)) throw new TypeError(`options.hosts must be a HostsFile, got ${given(hosts)}`)
    if (zone !== undefined && !isDomainName(zone)) {
      throw new RangeError(`options.zone must be a domain name, got ${given(zone)}`)
    }
    if (!Array.isArray(zones) || !zones.every((one) => one instanceof Zone)) {
      throw new TypeError(`options.zones must be an array of Zones, got ${given(zones)}`)
    }
    if (transfer !== undefined && typeof transfer !== 'function') {
      throw new TypeError(`options.transfer must be a function, got ${given(transfer)}`)
    }
    checkInteger('options.ttl', ttl, 0)
    checkInteger('options.concurrency', concurrency, 1)
    checkInteger('options.cacheSize', cacheSize, 0)
    this.#answers = resolver === null ? null : new ForwardedAnswers(resolver, resolver.provider.clock, cacheSize)
    this.#resolver = resolver
    this.#known = new KnownNames(new LocalZone(hosts, zone ?? null, ttl), zones)
    this.#transfer = transfer ?? (() => false)
    this.#concurrency = concurrency
  }

  /** The answer to the message in `bytes`; null for what is none to be answered. Never rejects. `stream`: it need not be short. */
  async answer(bytes: Uint8Array, stream: boolean): Promise<Uint8Array | null> {
    // What is no query is not answered: two servers would answer each other for ever.
    if (bytes.length < HEADER_LENGTH || ((bytes[2] as number) & 0x80) !== 0) {
      this.counters.dropped++
      return null
    }
    this.counters.queries++
    let query: Message
    try {
      query = decodeMessage(bytes)
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
      return encodeMessage({ id: read16(bytes, 0), response: true, rcode: FORMERR })
    }
    const refusal = refusalOf(query)
    if (refusal !== 0) return this.#own(query, { rcode: refusal }, stream)
    const question = query.question as NonNullable<Message['question']>
    const known = this.#known.answer(question, this.#answers !== null && query.recursionDesired)
    if (known !== null) return this.#know(query, question, known, stream)
    if (this.#answers === null) return this.#own(query, { rcode: REFUSED }, stream)
    const { recursionDesired, checkingDisabled, authenticData, edns } = query
    const flags = { recursionDesired, checkingDisabled, authenticData, dnssecOk: edns?.dnssecOk ?? false }
    const asked = { question, flags, edns: edns !== null }
    const kept = this.#answers.kept(asked)
    if (kept !== null) {
      this.counters.cached++
      return this.#pass(query, bytes, kept, stream)
    }
    if (this.#waiting >= this.#concurrency) return this.#fail(query, stream)
    this.#waiting++
    try {
      const answer = await this.#answers.ask(asked, this.#stop.signal)
      if (answer.shared) this.counters.shared++
      else this.counters.forwarded++
      return this.#pass(query, bytes, answer.bytes, stream)
    } catch {
      // Nobody answers, or nothing that could be passed on: whatever it is, it is not the client's fault.
      return this.#fail(query, stream)
    } finally {
      this.#waiting--
    }
  }

  // Aliases may lead to where others know: they are asked for those who want it (RFC 1034 section 4.3.2, step 5).
  async #know(query: Message, question: Question, known: KnownAnswer, stream: boolean): Promise<Uint8Array> {
    this.counters.local++
    const { beyond, answers } = known
    if (beyond === null || this.#resolver === null || !query.recursionDesired) {
      return this.#own(query, known, stream, known.referral)
    }
    if (this.#waiting >= this.#concurrency) return this.#fail(query, stream)
    this.#waiting++
    try {
      const found = await this.#resolver.query(beyond, question.type, { signal: this.#stop.signal })
      const { rcode, chain, records, soa } = found
      const authorities = soa === null ? [] : [soa]
      return this.#own(query, { ...known, rcode, answers: [...answers, ...chain, ...records], authorities }, stream)
    } catch {
      return this.#fail(query, stream)
    } finally {
      this.#waiting--
    }
  }

  /** Serves a socket of datagrams. */
  datagrams(socket: Socket): NameServerDatagrams {
    return new NameServerDatagrams(this, socket)
  }

  /**
   * Serves one connection until its client has had enough, or has said or taken nothing for ten seconds. Closing it is the caller's.
   *
   * ```ts
   * for await (const connection of listener.connections()) {
   *   void nameServer.stream(connection).finally(() => connection.close())
   * }
   * ```
   */
  async stream(socket: Socket): Promise<void> {
    const working = new Set<Promise<void>>()
    for (;;) {
      const bytes = await readFramed(socket, { timeout: IDLE_TIME })
      if (bytes === null) break
      const work = this.#answerStream(socket, bytes).finally(() => working.delete(work))
      working.add(work)
      if (working.size >= MOST_OF_A_STREAM) await Promise.race(working)
    }
    await Promise.all(working)
  }

  async #answerStream(socket: Socket, bytes: Uint8Array): Promise<void> {
    const transfer = this.#transferred(bytes, socket)
    const answers = transfer ?? [await this.answer(bytes, true)]
    try {
      for (const answer of answers) if (answer !== null) await sendWhole(socket, frameMessage(answer))
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      // The client is gone, or takes nothing: whoever reads from it hears so too.
      stopReading(socket)
    }
  }

  /** The messages that a zone goes in; null where none is asked for. */
  #transferred(bytes: Uint8Array, socket: Socket): Iterable<Uint8Array> | null {
    const query = transferQuery(bytes)
    if (query === null) return null
    this.counters.queries++
    const { name } = query.question as Question
    const zone = this.#known.zone(name)
    if (zone === null || !this.#transfer(socket.getpeername(), zone.name)) {
      return [this.#own(query, { rcode: zone === null ? NOTAUTH : REFUSED }, true)]
    }
    this.counters.local++
    return transferMessages(this.#head(query), zone)
  }

  /** Gives up the questions that are under way. */
  close(): void {
    this.#stop.abort()
  }

  #fail(query: Message, stream: boolean): Uint8Array {
    this.counters.failures++
    return this.#own(query, { rcode: SERVFAIL }, stream)
  }

  // What is only there to spare a question is left out of what would be too long (RFC 2181 section 9). `whole`: it is not.
  #own(query: Message, parts: Omit<MessageParts, 'id'>, stream: boolean, whole = false): Uint8Array {
    const most = payloadOf(query, stream)
    const answer = this.#written(query, parts)
    if (answer === null) return this.#fail(query, stream)
    if (answer.length <= most) return answer
    const { additionals = [] } = parts
    if (additionals.length > 0 && !whole) return this.#own(query, { ...parts, additionals: [] }, stream)
    return this.#truncated(query, parts.rcode ?? 0)
  }

  // Null: there is more than a message holds.
  #written(query: Message, parts: Omit<MessageParts, 'id'>): Uint8Array | null {
    try {
      return compressNames(encodeMessage({ ...this.#head(query), ...parts }))
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
  }

  // The servers' answer, under the client's id, to the client's question as it wrote it. Names in the answer that point into the
  // question stay where they are: it has the same length.
  #pass(query: Message, asked: Uint8Array, answer: Uint8Array, stream: boolean): Uint8Array {
    if (answer.length > payloadOf(query, stream)) return this.#truncated(query, 0)
    write16(answer, 0, query.id)
    const end = questionEnd(asked)
    // RFC 6891 section 7 has answers without a question.
    if (questionEnd(answer) === end) answer.set(asked.subarray(HEADER_LENGTH, end), HEADER_LENGTH)
    return answer
  }

  #truncated(query: Message, rcode: number): Uint8Array {
    return encodeMessage({ ...this.#head(query), rcode, truncated: true })
  }

  #head(query: Message): MessageParts {
    const { id, opcode, recursionDesired, checkingDisabled, question, edns } = query
    return {
      id,
      opcode,
      response: true,
      recursionDesired,
      recursionAvailable: this.#answers !== null,
      checkingDisabled,
      question,
      edns: edns === null ? null : { udpPayloadSize: UDP_PAYLOAD_SIZE, version: 0, dnssecOk: edns.dnssecOk },
    }
  }
}

/** Why a query is refused; 0 where it is not. */
function refusalOf({ opcode, question, edns }: Message): number {
  if (opcode !== OPCODE_QUERY) return NOTIMP
  if (edns !== null && edns.version > 0) return BADVERS
  if (question === null) return FORMERR
  if (question.class !== CLASS_IN) return REFUSED
  // By TCP alone, where `stream` has seen to it; changes alone (RFC 1995) nobody here remembers.
  return question.type === 'AXFR' || question.type === 'IXFR' ? REFUSED : 0
}

function payloadOf({ edns }: Message, stream: boolean): number {
  if (stream) return LONGEST_MESSAGE
  if (edns === null) return SHORTEST_PAYLOAD
  // More than we would ask for would come in fragments.
  return Math.min(edns.udpPayloadSize, UDP_PAYLOAD_SIZE)
}

/** Sends all of it. Rejects with a SocketError where the client does not take it in time. */
async function sendWhole(socket: Socket, bytes: Uint8Array): Promise<void> {
  const sent = await socket.send(bytes, 0, { timeout: IDLE_TIME })
  if (sent < bytes.length) throw new SocketError('send', EAGAIN)
}

function stopReading(socket: Socket): void {
  try {
    socket.shutdown(SHUT_RD)
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
    // It is closed already.
  }
}
