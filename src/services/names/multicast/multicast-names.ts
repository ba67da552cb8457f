// Read first: RFC 6762, RFC 6763.
//
// We differ: one object is one link, so that a name is claimed on each by itself; questions that come by unicast are not answered
// (section 5.5 has them answered for hosts of the link); labels with dots in them are not read (see domain-name.ts).

import { checkInteger, checkMethods, checkOptions, given } from '../../../base/argument.ts'
import { IpAddress } from '../../../base/ip-address.ts'
import type { Random } from '../../../base/random.ts'
import type { SocketAddress } from '../../../base/socket-address.ts'
import type { Provider } from '../../../socket/provider.ts'
import { canonicalName, isDomainName, reverseName } from '../domain-name.ts'
import { CLASS_IN, MessageError, type ResourceRecord } from '../message.ts'
import { typeName, typeNumber } from '../record-type.ts'
import { saysAbsent } from './absence.ts'
import { Agenda } from './agenda.ts'
import { Claim, type Published } from './claim.ts'
import { MulticastCache } from './multicast-cache.ts'
import { decodeMulticast, encodeMulticast, type MulticastMessage } from './multicast-message.ts'
import { MulticastQuestions } from './multicast-questions.ts'
import { MULTICAST_PORT, MulticastResponder } from './multicast-responder.ts'
import { BOTH_FAMILIES, MulticastSockets } from './multicast-sockets.ts'
import { type BrowseCallbacks, ServiceBrowser } from './service-browser.ts'
import { checkLabel, checkServiceType, encodeServiceText, nextLabel, type ServiceText } from './service-text.ts'

/** Seconds: RFC 6762 section 10. */
const HOST_TTL = 120
const OTHER_TTL = 4500
const DEFAULT_TIMEOUT = 3000
const DEFAULT_PATIENCE = 300
/** Packets of ours that are still to come back. */
const MOST_SENT = 64
const ALL_TYPES = '_services._dns-sd._udp'

export interface MulticastNamesOptions {
  /** The number of the link's interface: if_nametoindex(3). */
  readonly ifindex: number
  /** Delays and order come from it. */
  readonly random: Random
  /** The name of this host, without ".local"; left out, it has none and publishes no services. */
  readonly host?: string
  /** The addresses of this host on the link. */
  readonly addresses?: readonly string[]
  /** AF_INET, AF_INET6 or both, the default: of those that the link has. */
  readonly families?: readonly number[]
}

const OPTION_KEYS: readonly (keyof MulticastNamesOptions)[] = ['ifindex', 'random', 'host', 'addresses', 'families']

export interface ServiceOptions {
  /** What people call it: "Files". */
  readonly instance: string
  /** "_http._tcp" */
  readonly type: string
  readonly port: number
  readonly text?: ServiceText
}

export interface MulticastCounters {
  sent: number
  heard: number
  /** What is no message, and answers from elsewhere than port 5353. */
  dropped: number
}

/** A service of this host that others are told of. */
export interface PublishedService {
  /** Its instance: another one where somebody else has that. */
  readonly instance: string
  /** Takes it back. */
  withdraw(): void
}

export interface MulticastQueryOptions {
  /** Milliseconds; default 3000. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Names of one link that no server has to know: "host.local" is asked of all, and answered by who has it. And services: published,
 * and browsed for.
 *
 * Source: RFC 6762, RFC 6763.
 *
 * ```ts
 * const local = new MulticastNames(stack, { ifindex: 2, random, host: 'server', addresses: ['10.0.0.2'] })
 * await local.claimed
 * await local.publish({ instance: 'Files', type: '_http._tcp', port: 80, text: { path: '/' } })
 * const browser = local.browse('_http._tcp', { added: ({ instance, host, port }) => console.log(instance, host, port) })
 * const [record] = await local.query('printer.local', 'A')
 * await local.close()
 * ```
 */
export class MulticastNames {
  readonly provider: Provider
  readonly counters: MulticastCounters = { sent: 0, heard: 0, dropped: 0 }
  /** Resolved when the host's name is its own, at once where it has none. */
  readonly claimed: Promise<void>
  /** The number of the link's interface. */
  readonly ifindex: number
  readonly #random: Random
  readonly #agenda: Agenda
  readonly #cache: MulticastCache
  readonly #questions: MulticastQuestions
  readonly #responder: MulticastResponder
  readonly #sockets: MulticastSockets
  readonly #browsers = new Set<ServiceBrowser>()
  readonly #waiting = new Set<() => void>()
  readonly #host: Claim | null
  readonly #services = new Set<Claim>()
  readonly #sent: string[] = []
  #addresses: readonly IpAddress[]
  #closed = false
  #looking = false

  /** Throws a TypeError or RangeError that names the option, or a SocketError where the interface has no such groups. */
  constructor(provider: Provider, options: MulticastNamesOptions) {
    checkMethods('provider', provider, 'a Provider', 'socket')
    checkMulticastOptions(options)
    const { ifindex, random, host, addresses = [], families = BOTH_FAMILIES } = options
    const { clock } = provider
    this.provider = provider
    this.ifindex = ifindex
    this.#random = random
    this.#agenda = new Agenda(clock)
    this.#cache = new MulticastCache(clock, random, {
      added: () => this.#changed(),
      removed: () => this.#changed(),
      ending: (name, type) => this.#questions.refresh(name, type),
    })
    this.#questions = new MulticastQuestions(clock, random, this.#cache, (message) => this.#send(message))
    this.#responder = new MulticastResponder(random, this.#agenda, (message, to) => this.#send(message, to))
    this.#sockets = new MulticastSockets(provider, ifindex, families, (bytes, from, toGroup) =>
      this.#hear(bytes, from, toGroup),
    )
    this.#addresses = readAddresses('options.addresses', addresses)
    this.#host =
      host === undefined ? null : this.#claim(`${host}.local`, false, (name) => hostRecords(name, this.#addresses))
    this.#host?.start()
    this.claimed = this.#host?.claimed ?? Promise.resolve()
  }

  /** The name of this host, which is another one than was asked for where somebody else had that: "host-2.local". Null: none. */
  get host(): string | null {
    return this.#host?.name ?? null
  }

  /**
   * The host's addresses are others now: all are told. TypeError and RangeError name what is no address; nothing happens where they are
   * the same, or the host has no name.
   *
   * ```ts
   * const local = new MulticastNames(stack, { ifindex: 2, random, host: 'server', addresses: ['10.0.0.2'] })
   * local.setAddresses(['10.0.0.3', '2001:db8::3'])
   * ```
   */
  setAddresses(addresses: readonly string[]): void {
    const own = readAddresses('addresses', addresses)
    if (own.length === 0) throw new RangeError('addresses must be one at least, got none')
    const before = this.#addresses
    if (own.length === before.length && own.every((one) => before.some((other) => other.equals(one)))) return
    this.#addresses = own
    if (!this.#closed) this.#host?.update()
  }

  /** Packets that could not be sent. */
  get lost(): number {
    return this.#sockets.lost
  }

  /**
   * The records of `type` that somebody has for `name`; [] where nobody answers in time, or who has the name says that there are
   * none. Rejects with the signal's reason.
   */
  async query(name: string, type: string, options: MulticastQueryOptions = {}): Promise<ResourceRecord[]> {
    return this.queryAll(name, [type], options)
  }

  /**
   * The same for several types at once. Where one has an answer, the others have `patience` milliseconds more, 300 by default: for
   * what nobody has there may be no answer ever.
   */
  async queryAll(
    name: string,
    types: readonly string[],
    options: MulticastQueryOptions & { readonly patience?: number } = {},
  ): Promise<ResourceRecord[]> {
    checkOptions('options', options, ['timeout', 'signal', 'patience'])
    const { timeout = DEFAULT_TIMEOUT, signal, patience = DEFAULT_PATIENCE } = options
    checkInteger('options.timeout', timeout, 1)
    checkInteger('options.patience', patience, 0)
    if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${given(name)}`)
    const asked = canonicalName(name)
    if (!isDomainName(asked)) throw new RangeError(`name must be a domain name, got ${given(name)}`)
    const wanted = types.map((type) => typeName(typeNumber(type)))
    if (signal?.aborted === true) throw signal.reason
    const known = (type: string) => this.#cache.records(asked, type).map(({ record }) => record)
    const answered = (type: string) =>
      known(type).length > 0 || this.#cache.records(asked, 'NSEC').some(({ record }) => saysAbsent(record, asked, type))
    const all = () => wanted.every(answered)
    if (!all() && !this.#closed) {
      const forget = wanted.map((type) => this.#questions.ask(asked, type, true))
      try {
        const some = () => wanted.some((type) => known(type).length > 0)
        await this.#until(() => all() || some(), timeout, signal)
        if (some()) await this.#until(all, patience, signal)
      } finally {
        for (const one of forget) one()
      }
    }
    return wanted.flatMap(known)
  }

  // Resolved once `done` says so, in so many milliseconds at the latest.
  async #until(done: () => boolean, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (done() || this.#closed) return
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (done() || this.#closed) over()
      }
      const aborted = () => {
        reject((signal as AbortSignal).reason)
        over()
      }
      const cancel = this.#agenda.in(milliseconds, () => over())
      const over = () => {
        cancel()
        this.#waiting.delete(look)
        signal?.removeEventListener('abort', aborted)
        resolve()
      }
      this.#waiting.add(look)
      signal?.addEventListener('abort', aborted)
    })
  }

  /**
   * Tells others of a service of this host, once the names are its own: where an instance is somebody else's it becomes "Files (2)".
   * Throws a TypeError or RangeError for what cannot be, and an Error where this host has no name.
   */
  async publish(service: ServiceOptions): Promise<PublishedService> {
    checkOptions('service', service, ['instance', 'type', 'port', 'text'])
    const { instance, type, port, text = {} } = service
    checkLabel('service.instance', instance)
    checkServiceType(type)
    checkInteger('service.port', port, 0, 65_535)
    const strings = encodeServiceText(text)
    const host = this.#host
    if (host === null) throw new Error('options.host is left out: a host without a name publishes no services')
    await this.claimed
    const domain = `${type}.local`
    const claim = this.#claim(`${instance}.${domain}`, true, (name) => [
      unique({
        kind: 'srv',
        ...owned(name, 'SRV', HOST_TTL),
        data: { priority: 0, weight: 0, port, target: host.name },
      }),
      unique({ kind: 'text', ...owned(name, 'TXT', OTHER_TTL), data: strings }),
      shared({ kind: 'name', ...owned(domain, 'PTR', OTHER_TTL), data: name }),
      shared({ kind: 'name', ...owned(`${ALL_TYPES}.local`, 'PTR', OTHER_TTL), data: domain }),
    ])
    this.#services.add(claim)
    claim.start()
    await claim.claimed
    return {
      get instance() {
        return claim.name.slice(0, claim.name.length - domain.length - 1)
      },
      withdraw: () => this.#end(claim),
    }
  }

  /** Follows the services of a type, "_http._tcp", until the browser is closed. Callbacks are never called from inside this call. */
  browse(type: string, callbacks: BrowseCallbacks): ServiceBrowser {
    checkServiceType(type)
    checkOptions('callbacks', callbacks, ['added', 'changed', 'removed'])
    checkMethods('callbacks', callbacks, 'an object with added', 'added')
    const over = (browser: ServiceBrowser) => this.#browsers.delete(browser)
    const browser = new ServiceBrowser(type, this.#cache, this.#questions, callbacks, over)
    this.#browsers.add(browser)
    this.#changed()
    return browser
  }

  /** Says goodbye, and closes. What waits for answers has none. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const browser of [...this.#browsers]) browser.close()
    for (const claim of [...this.#services]) this.#end(claim)
    if (this.#host !== null) this.#end(this.#host)
    this.#questions.close()
    this.#cache.close()
    this.#agenda.close()
    for (const look of [...this.#waiting]) look()
    await this.#sockets.close()
  }

  #claim(name: string, spoken: boolean, records: (name: string) => readonly Omit<Published, 'sentAt'>[]): Claim {
    const claim = new Claim(name, {
      random: this.#random,
      agenda: this.#agenda,
      send: (message) => this.#send(message),
      records,
      rename: (old) => {
        const dot = old.indexOf('.')
        return `${nextLabel(old.slice(0, dot), spoken)}${old.slice(dot)}`
      },
      renamed: () => {
        // Services are where the host is.
        if (!spoken) for (const service of this.#services) service.update()
      },
    })
    this.#responder.claims.add(claim)
    return claim
  }

  #end(claim: Claim): void {
    this.#responder.claims.delete(claim)
    this.#services.delete(claim)
    claim.end(this.#responder.identities(claim))
  }

  #send(message: Partial<MulticastMessage>, to?: SocketAddress): void {
    this.counters.sent++
    const bytes = encodeMulticast(message)
    const copies = this.#sockets.send(bytes, to)
    if (to !== undefined) return
    for (let i = 0; i < copies; i++) this.#sent.push(String.fromCharCode(...bytes))
    if (this.#sent.length > MOST_SENT) this.#sent.splice(0, this.#sent.length - MOST_SENT)
  }

  #hear(bytes: Uint8Array, from: SocketAddress, toGroup: boolean): void {
    this.counters.heard++
    let message: MulticastMessage | null
    try {
      message = decodeMulticast(bytes)
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
      message = null
    }
    // RFC 6762 section 6: who answers from elsewhere is none of us.
    if (message === null || (message.response ? from.port !== MULTICAST_PORT : !toGroup)) {
      this.counters.dropped++
      return
    }
    const own = toGroup && this.#isOwn(bytes)
    if (message.response) {
      if (!own) this.#responder.hearResponse(message)
      for (const record of [...message.answers, ...message.additionals]) this.#cache.hear(record)
      this.#changed()
    } else {
      if (!own) this.#questions.heard(message)
      this.#responder.hearQuery(message, from)
    }
  }

  // The group's members hear themselves, once for each packet. What has the same octets says the same, whoever said it.
  #isOwn(bytes: Uint8Array): boolean {
    const at = this.#sent.indexOf(String.fromCharCode(...bytes))
    if (at >= 0) this.#sent.splice(at, 1)
    return at >= 0
  }

  // Soon, once for all that a packet says.
  #changed(): void {
    if (this.#looking || this.#closed) return
    this.#looking = true
    this.#agenda.in(0, () => {
      this.#looking = false
      for (const look of [...this.#waiting]) look()
      for (const browser of [...this.#browsers]) browser.look()
    })
  }
}

function checkMulticastOptions(options: MulticastNamesOptions): void {
  checkOptions('options', options, OPTION_KEYS)
  const { ifindex, random, host, addresses = [], families = BOTH_FAMILIES } = options
  checkInteger('options.ifindex', ifindex, 1)
  checkMethods('options.random', random, 'a Random', 'int32')
  if (host !== undefined) checkLabel('options.host', host)
  if (readAddresses('options.addresses', addresses).length === 0 && host !== undefined)
    throw new RangeError('options.host needs options.addresses, got none')
  if (!Array.isArray(families) || families.length === 0 || !families.every((one) => BOTH_FAMILIES.includes(one))) {
    throw new RangeError(`options.families must be some of AF_INET and AF_INET6, got ${given(families)}`)
  }
}

function readAddresses(name: string, texts: unknown): IpAddress[] {
  if (!Array.isArray(texts)) throw new TypeError(`${name} must be an array, got ${given(texts)}`)
  return texts.map((text: unknown) => {
    const address = typeof text === 'string' ? IpAddress.parse(text) : null
    if (address === null) throw new RangeError(`${name} must be addresses, got ${given(text)}`)
    return address
  })
}

function owned<const Type extends string>(name: string, type: Type, ttl: number) {
  return { name, type, class: CLASS_IN, ttl }
}

function unique(record: ResourceRecord): Omit<Published, 'sentAt'> {
  return { record, unique: true }
}

function shared(record: ResourceRecord): Omit<Published, 'sentAt'> {
  return { record, unique: false }
}

function hostRecords(name: string, addresses: readonly IpAddress[]): Omit<Published, 'sentAt'>[] {
  return addresses.flatMap((data) => [
    unique({ kind: 'address', ...owned(name, data.isV4 ? 'A' : 'AAAA', HOST_TTL), data }),
    unique({ kind: 'name', ...owned(reverseName(data), 'PTR', HOST_TTL), data: name }),
  ])
}
