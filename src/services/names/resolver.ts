// Read first: RFC 1034 section 5.3.1 (stub resolvers), RFC 1035 section 7, RFC 2308, RFC 5452, resolv.conf(5).

import { checkBoolean, checkInteger, checkMethods, checkOptions, given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { Random } from '../../base/random.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { AnswerCache } from './answer-cache.ts'
import { canonicalName, isDomainName, reverseName } from './domain-name.ts'
import { type Answer, Exchange, type ExchangeCounters, type ExchangeTransport } from './exchange.ts'
import { HttpsExchange, type HttpsOptions } from './https-exchange.ts'
import {
  CLASS_IN,
  FORMERR,
  type Message,
  NOERROR,
  NOTIMP,
  NXDOMAIN,
  type Question,
  REFUSED,
  type ResourceRecord,
  SERVFAIL,
} from './message.ts'
import type { QueryFlags } from './query.ts'
import { type ChainLink, followChain, type QueryResult } from './query-result.ts'
import { type MailExchanger, orderExchangers, orderServices, type ServiceTarget } from './record-order.ts'
import { typeName, typeNumber } from './record-type.ts'
import { DEFAULT_RESOLV_CONF, type ResolvConf } from './resolv-conf.ts'
import { type ResolverCode, ResolverError } from './resolver-error.ts'
import { type InterfaceIndex, serverAddress } from './server-address.ts'
import { SharedJob } from './shared-job.ts'
import { timeToKeep } from './time-to-keep.ts'

/** How many messages one question may take: each leads to an alias further. */
const MOST_HOPS = 8
const DEFAULT_CACHE_SIZE = 1000
const DEFAULT_CONCURRENCY = 512

export interface ResolverOptions extends Partial<Omit<ResolvConf, 'servers'>> {
  /** Who is asked, in this order: "192.0.2.53", "fe80::1%eth0", or a SocketAddress where the port is not 53. */
  readonly servers: readonly (string | SocketAddress)[]
  /** Ids come from it: a secure one, unless everything shall happen the same way again. */
  readonly random: Random
  /** Answers that are kept at most; default 1000, 0 for none. */
  readonly cacheSize?: number
  /** Questions that are under way at most, each with a socket of its own; default 512. Further ones are refused: EAGAIN. */
  readonly concurrency?: number
  /** Mixes the case of letters in names, which answers must repeat: harder to forge, and a few servers cannot. Default false. */
  readonly mixedCase?: boolean
  /** Asks by HTTPS (RFC 8484), and none of `servers`. */
  readonly https?: HttpsOptions
  /** Which number an interface has, for servers written as "fe80::1%eth0". */
  readonly interfaceIndex?: InterfaceIndex
}

const OPTION_KEYS: readonly (keyof ResolverOptions)[] = [
  'servers',
  'search',
  'ndots',
  'timeout',
  'attempts',
  'rotate',
  'random',
  'cacheSize',
  'concurrency',
  'mixedCase',
  'https',
  'interfaceIndex',
]

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined
}

export interface RawQueryOptions extends QueryOptions {
  readonly flags?: QueryFlags
  readonly edns?: boolean
  readonly transport?: ExchangeTransport
}

/**
 * A stub resolver: asks name servers over a provider's sockets, checks that answers are to what was asked, follows aliases, and
 * keeps answers for as long as they hold.
 *
 * ```ts
 * const resolver = new Resolver(stack, { servers: ['192.0.2.53'], random: secureRandom })
 * const { records } = await resolver.query('server.example', 'A')
 * ```
 */
export class Resolver {
  readonly provider: Provider
  readonly servers: readonly SocketAddress[]
  readonly search: readonly string[]
  readonly ndots: number
  readonly timeout: number
  readonly attempts: number
  readonly rotate: boolean
  readonly cache: AnswerCache<QueryResult>
  readonly #exchange: Exchange
  readonly #https: HttpsExchange | null
  readonly #random: Random
  readonly #underWay = new Map<string, SharedJob<QueryResult>>()
  readonly #concurrency: number
  #next = 0
  #busy = 0

  constructor(provider: Provider, options: ResolverOptions) {
    checkMethods('provider', provider, 'a Provider', 'socket')
    checkResolverOptions(options)
    const settings = { ...DEFAULT_RESOLV_CONF, ...options }
    this.provider = provider
    this.servers = options.servers.map((server) => serverAddress(server, options.interfaceIndex ?? (() => null)))
    this.search = settings.search.map(canonicalName)
    this.ndots = settings.ndots
    this.timeout = settings.timeout
    this.attempts = settings.attempts
    this.rotate = settings.rotate
    this.cache = new AnswerCache(provider.clock, options.cacheSize ?? DEFAULT_CACHE_SIZE)
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY
    const { random, https, mixedCase = false } = options
    this.#random = random
    this.#exchange = new Exchange(provider, random, mixedCase)
    this.#https = https === undefined ? null : new HttpsExchange(https, provider.clock, random, this.counters)
  }

  get counters(): ExchangeCounters {
    return this.#exchange.counters
  }

  /**
   * The records of `type` ("A", "MX", "TYPE65") that `name` has, at the end of its aliases. That there is no such name (`rcode`
   * NXDOMAIN), or no such record, is a result too. The search list is not used. Who asks what is being asked shares the answer.
   *
   * Rejects with a ResolverError: ETIMEOUT, ENOSERVER, ESERVFAIL, EREFUSED, ELOOP, EBADNAME …; EAGAIN, too many questions are
   * under way; with the signal's reason.
   */
  query(name: string, type: string, options: QueryOptions = {}): Promise<QueryResult> {
    const owner = canonicalName(name)
    if (!isDomainName(owner)) return Promise.reject(new ResolverError('EBADNAME', name))
    const { signal } = options
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const wanted = typeName(typeNumber(type))
    const key = `${owner} ${wanted}`
    const known = this.cache.get(key)
    if (known !== null) return Promise.resolve(aged(known.value, known.age))
    let job = this.#underWay.get(key)
    if (job === undefined || job.abandoned) {
      if (this.#busy >= this.#concurrency) return Promise.reject(new ResolverError('EAGAIN', name))
      const started = new SharedJob((stop) => this.#counted(this.#resolve(owner, wanted, key, stop)))
      const over = () => {
        if (this.#underWay.get(key) === started) this.#underWay.delete(key)
      }
      started.settled.then(over)
      job = started
      this.#underWay.set(key, job)
    }
    return job.join(signal)
  }

  /**
   * The hosts that have a service, in the order in which they are to be tried: by priority, and by weight at random. [] where there
   * are none. Rejects as `query`.
   *
   * Source: RFC 2782.
   *
   * ```ts
   * for (const { target, port } of await resolver.services('_sip._udp.example')) console.log(target, port)
   * ```
   */
  async services(name: string, options: QueryOptions = {}): Promise<ServiceTarget[]> {
    return orderServices((await this.query(name, 'SRV', options)).records, this.#random)
  }

  /** The hosts that take mail for a domain, the preferred first; [] where there are none, or none is taken. Rejects as `query`. */
  async mailExchangers(domain: string, options: QueryOptions = {}): Promise<MailExchanger[]> {
    return orderExchangers((await this.query(domain, 'MX', options)).records, this.#random)
  }

  /** The TXT records of a name, the strings of each as one; what is no UTF-8 is replaced. Rejects as `query`. */
  async texts(name: string, options: QueryOptions = {}): Promise<string[]> {
    const { records } = await this.query(name, 'TXT', options)
    return records.flatMap((record) => (record.kind === 'text' ? joined(record.data) : []))
  }

  /** The names of an address, "192.0.2.1" or "2001:db8::1". RangeError where it is none; rejects as `query`. */
  async namesOf(address: string | IpAddress, options: QueryOptions = {}): Promise<string[]> {
    const ip = typeof address === 'string' ? IpAddress.parse(address) : address
    if (!(ip instanceof IpAddress))
      throw new RangeError(`address must be an IPv4 or IPv6 address, got ${given(address)}`)
    const { records } = await this.query(reverseName(ip), 'PTR', options)
    return records.flatMap((record) => (record.kind === 'name' ? record.data : []))
  }

  /**
   * Asks the servers one question and gives the first answer that says something, as it came: neither search list nor aliases nor
   * cache. Where every server says that it cannot (SERVFAIL, REFUSED …), the last of these. Rejects as `query`.
   */
  exchange(question: Question, options: RawQueryOptions = {}): Promise<Answer> {
    if (this.#busy >= this.#concurrency) return Promise.reject(new ResolverError('EAGAIN', question.name))
    return this.#counted(this.#ask(question, options))
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#busy++
    try {
      return await work
    } finally {
      this.#busy--
    }
  }

  async #ask(question: Question, options: RawQueryOptions): Promise<Answer> {
    const { signal } = options
    const https = this.#https
    const length = https === null ? this.servers.length : 1
    const first = this.rotate && length > 0 ? this.#next++ % length : 0
    let refusal: Answer | null = null
    let failure: unknown
    // Who says that he cannot is not asked again: where two forwarders' aliases lead to one another, each round would be two (RFC 9520
    // tells of such storms). We differ from glibc, which asks all of them once more.
    const unable = new Set<number>()
    for (let attempt = 0; attempt < this.attempts; attempt++) {
      for (let i = 0; i < length; i++) {
        checkAborted(signal)
        const number = (first + i) % length
        if (unable.has(number)) continue
        const server = this.servers[number] as SocketAddress
        const { timeout } = this
        try {
          const answer = await (https === null
            ? this.#exchange.ask(server, question, { ...options, timeout })
            : https.ask(question, { ...options, timeout }))
          if (saysSomething(answer.message)) return answer
          refusal = answer
          unable.add(number)
        } catch (error) {
          checkAborted(signal)
          if (!(error instanceof SocketError) && !(error instanceof ResolverError)) throw error
          failure = error
        }
      }
    }
    if (refusal !== null) return refusal
    if (failure instanceof ResolverError) throw failure
    throw new ResolverError('ENOSERVER', question.name, failure)
  }

  /** The names to try for `name`, in order: resolv.conf(5) `search` and `ndots`. A dot at the end: that name alone. */
  candidates(name: string): readonly string[] {
    const own = canonicalName(name)
    if (name.endsWith('.')) return [own]
    const searched = this.search.map((domain) => (domain === '.' ? own : `${own}.${domain}`))
    const dots = own.split('.').length - 1
    const all = dots >= this.ndots ? [own, ...searched] : [...searched, own]
    return all.filter((candidate, i) => isDomainName(candidate) && all.indexOf(candidate) === i)
  }

  async #resolve(name: string, type: string, key: string, signal: AbortSignal): Promise<QueryResult> {
    const chain: ChainLink[] = []
    let target = name
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const { message } = await this.#ask({ name: target, type, class: CLASS_IN }, { signal })
      const { rcode } = message
      if (rcode !== NOERROR && rcode !== NXDOMAIN) throw new ResolverError(codeOf(rcode), name)
      const end = followChain(message, target, type, chain)
      if (end === null) throw new ResolverError('ELOOP', name)
      target = end.name
      // What an alias leads to may lie where the server does not look: then it is asked for by itself.
      if (!end.complete) continue
      const { records, soa } = end
      const result: QueryResult = { name: target, rcode, records, chain, soa }
      this.cache.set(key, result, timeToKeep([...chain, ...records], records.length > 0, soa))
      return result
    }
    throw new ResolverError('ELOOP', name)
  }
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason
}

function checkResolverOptions(options: ResolverOptions): void {
  checkOptions('options', options, OPTION_KEYS)
  if (!Array.isArray(options.servers)) {
    throw new TypeError(`options.servers must be an array, got ${given(options.servers)}`)
  }
  checkMethods('options.random', options.random, 'a Random', 'int32')
  const { search = [], ndots = 1, timeout = 5000, attempts = 2, cacheSize = 0, concurrency = 1 } = options
  if (!Array.isArray(search) || !search.every((domain) => typeof domain === 'string')) {
    throw new TypeError(`options.search must be an array of strings, got ${given(search)}`)
  }
  checkInteger('options.ndots', ndots, 0)
  checkInteger('options.timeout', timeout, 1)
  checkInteger('options.attempts', attempts, 1)
  checkInteger('options.cacheSize', cacheSize, 0)
  checkInteger('options.concurrency', concurrency, 1)
  if (options.https !== undefined) checkHttps(options.https)
  checkBoolean('options.rotate', options.rotate)
  checkBoolean('options.mixedCase', options.mixedCase)
}

function checkHttps(https: HttpsOptions): void {
  checkOptions('options.https', https, ['url', 'fetch', 'method'])
  const { url, fetch, method = 'POST' } = https
  if (typeof url !== 'string' || !/^https:\/\/[^/?#\s]+[^#\s]*$/.test(url)) {
    throw new RangeError(`options.https.url must be such as https://dns.example/dns-query, got ${given(url)}`)
  }
  if (typeof fetch !== 'function') throw new TypeError(`options.https.fetch must be a function, got ${given(fetch)}`)
  if (method !== 'GET' && method !== 'POST') {
    throw new RangeError(`options.https.method must be GET or POST, got ${given(method)}`)
  }
}

function joined(strings: readonly Uint8Array[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.of(...strings.flatMap((octets) => [...octets])),
  )
}

// Servers that cannot, or that know neither the answer nor anybody who does, are passed over, as glibc does.
function saysSomething(message: Message): boolean {
  if (message.rcode === NXDOMAIN) return true
  if (message.rcode !== NOERROR) return false
  const lame = message.answers.length === 0 && !message.authoritative && !message.recursionAvailable
  return !lame || message.authorities.some(({ kind }) => kind === 'soa')
}

function codeOf(rcode: number): ResolverCode {
  if (rcode === SERVFAIL) return 'ESERVFAIL'
  if (rcode === REFUSED) return 'EREFUSED'
  if (rcode === NOTIMP) return 'ENOTIMP'
  return rcode === FORMERR ? 'EFORMERR' : 'EOTHER'
}

// RFC 1035 section 3.2.1: the time to live runs while it is kept.
function aged(result: QueryResult, age: number): QueryResult {
  const older = <T extends ResourceRecord>(record: T): T => ({ ...record, ttl: Math.max(0, record.ttl - age) })
  return { ...result, records: result.records.map(older), chain: result.chain.map(older) }
}
