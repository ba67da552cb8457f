// Read first: RFC 8415 sections 6.1, 7.6, 16 and 18.2, RFC 3646, RFC 4704 (names).
//
// We differ: nothing is waited for before the first message (sections 18.2.1 and 18.2.6: up to a second), as in other clients; Reconfigure
// is not accepted, which section 16.11 allows; and temporary addresses and prefixes are not asked for.

import { checkMethods } from '../../base/argument.ts'
import { sameOctets } from '../../base/bytes.ts'
import type { ConfiguredInterface } from '../../base/configured-interface.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { searchListOctets, uint32Of } from '../../wire/dhcp-values.ts'
import {
  DHCP6_ADVERTISE,
  DHCP6_CONFIRM,
  DHCP6_DECLINE,
  DHCP6_INFORMATION_REQUEST,
  DHCP6_REBIND,
  DHCP6_RELEASE,
  DHCP6_RENEW,
  DHCP6_REPLY,
  DHCP6_REQUEST,
  DHCP6_SOLICIT,
  Dhcp6Message,
} from '../../wire/dhcp6.ts'
import * as OPTION from '../../wire/dhcp6-options.ts'
import {
  associationOctets,
  requestedOctets,
  STATUS_NO_BINDING,
  STATUS_NOT_ON_LINK,
  STATUS_SUCCESS,
  STATUS_UNSPEC_FAIL,
  STATUS_USE_MULTICAST,
  statusOf,
} from '../../wire/dhcp6-values.ts'
import type { DhcpLoss } from './dhcp-client.ts'
import { checkClientOptions, type Dhcp6ClientOptions } from './dhcp6-client-options.ts'
import { type Dhcp6ClientCounters, Dhcp6Exchange, type Retransmission } from './dhcp6-exchange.ts'
import { type Dhcp6Lease, informationOf, leaseOf6 } from './dhcp6-lease.ts'
import { hardwareDuid } from './duid.ts'
import { LeaseWaiters } from './lease-waiters.ts'
import { Lease6Settings } from './lease6-settings.ts'

/** Section 7.6, in milliseconds. */
const SOL_TIMEOUT = 1000
const MAX_RT = 3_600_000
const REQUEST: Retransmission = { irt: 1000, mrt: () => 30_000, mrc: 10 }
const CONFIRM: Retransmission = { irt: 1000, mrt: () => 4000 }
const CNF_MAX_RD = 10_000
const RENEWAL: Retransmission = { irt: 10_000, mrt: () => 600_000 }
const RELEASE: Retransmission = { irt: 1000, mrt: () => MAX_RT, mrc: 4 }
const DECLINE = RELEASE
/** Section 21.24, in seconds. */
const MAX_RT_LEAST = 60
const MAX_RT_MOST = 86_400
/** After a server that offers and then refuses, and after an address that is another's. */
const DECLINED_WAIT = 10_000
/** What a server says of itself that wants no other to be waited for: section 18.2.1. */
const HIGHEST_PREFERENCE = 255
const EMPTY = new Uint8Array(0)

const PARAMETERS: readonly number[] = [OPTION.DHCP6_DNS_SERVERS, OPTION.DHCP6_DOMAIN_LIST]

/** What it does; CLOSED: it has ended. */
export type Dhcp6ClientState =
  | 'SOLICITING'
  | 'REQUESTING'
  | 'BOUND'
  | 'CONFIRMING'
  | 'RENEWING'
  | 'REBINDING'
  | 'INFORMING'
  | 'INFORMED'
  | 'CLOSED'

/**
 * Gets an interface an IPv6 address by DHCPv6 and keeps it for as long as the server lets it; or only what there is to be known besides:
 * name servers and domains to search. Ways beyond the link routers tell, not DHCPv6.
 *
 * ```ts
 * const client = new Dhcp6Client(stack, new InterfaceConfiguration(networkInterface), { random })
 * const { addresses, nameServers } = await client.bound()
 * // …
 * await client.release()
 * ```
 */
export class Dhcp6Client {
  readonly #interface: ConfiguredInterface
  readonly #options: Dhcp6ClientOptions
  readonly #identifier: Uint8Array<ArrayBuffer>
  readonly #iaid: number
  readonly #settings: Lease6Settings
  readonly #exchange: Dhcp6Exchange
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #waiting = new LeaseWaiters<Dhcp6Lease>()
  #state: Dhcp6ClientState
  #lease: Dhcp6Lease | null = null
  /** Wished for. */
  #wished: readonly string[]
  #failure: unknown = null
  #solMaxRt = MAX_RT
  #infMaxRt = MAX_RT
  /** Who has asked whether the addresses are still of the link. */
  #confirms: ((still: boolean) => void)[] = []
  /** Ends the wait for the time to renew. */
  #wake: AbortController | null = null

  /** Begins at once. TypeError and RangeError name the argument that cannot be; SocketError: its port cannot be had. */
  constructor(provider: Provider, configured: ConfiguredInterface, options: Dhcp6ClientOptions) {
    checkMethods('provider', provider, 'a Provider', 'socket')
    const methods = ['addAddress', 'claimAddress', 'deprecateAddress', 'removeAddress']
    checkMethods('interface', configured, 'a ConfiguredInterface', ...methods)
    checkClientOptions(options)
    const { mode = 'addresses', previous, identifier, iaid, random } = options
    const hardware = Uint8Array.from(configured.hardwareAddress)
    this.#wished = previous === undefined ? [] : [previous]
    this.#interface = configured
    this.#options = options
    this.#identifier = identifier?.slice() ?? hardwareDuid(hardware)
    this.#iaid = iaid ?? uint32Of(hardware.slice(-4)) ?? 0
    this.#settings = new Lease6Settings(configured, provider.clock)
    this.#exchange = new Dhcp6Exchange(provider, configured.name, random)
    this.#state = mode === 'addresses' ? 'SOLICITING' : 'INFORMING'
    const run = mode === 'addresses' ? this.#runAddresses() : this.#runInformation()
    this.#running = run.catch((error: unknown) => this.#ended(error))
  }

  get state(): Dhcp6ClientState {
    return this.#state
  }

  /** What it has; null: nothing now. */
  get lease(): Dhcp6Lease | null {
    return this.#lease
  }

  get counters(): Dhcp6ClientCounters {
    return this.#exchange.counters
  }

  /** Resolves to the lease, at once where there is one. Rejects with the signal's reason, or when the client has ended. */
  bound({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Dhcp6Lease> {
    if (this.#lease !== null) return Promise.resolve(this.#lease)
    if (this.#state === 'CLOSED') return Promise.reject(this.#failure)
    return this.#waiting.wait(signal)
  }

  /**
   * The link may be another one than before: asks its servers whether the addresses belong there (RFC 8415 section 18.2.3). False: they
   * do not, the interface has lost them, and others are looked for. True: they do, or nobody said otherwise within ten seconds.
   */
  confirm(): Promise<boolean> {
    // In other states with a lease it is being asked for anyway.
    if (this.#state !== 'BOUND' && this.#state !== 'CONFIRMING') return Promise.resolve(this.#lease !== null)
    return new Promise((resolve) => {
      this.#confirms.push(resolve)
      this.#wake?.abort()
    })
  }

  /** Tells the server that the addresses are free again, up to four times until it says that it has heard, and ends. */
  async release(): Promise<void> {
    const lease = this.#lease
    if (this.#state === 'CLOSED') return
    const message = lease === null || lease.addresses.length === 0 ? null : this.#message(DHCP6_RELEASE, lease)
    this.#abort()
    await this.#running
    if (message !== null) {
      const over = new AbortController()
      await this.#exchange.ask(message, RELEASE, over.signal, ({ type }) => (type === DHCP6_REPLY ? true : null))
    }
    await this.close()
  }

  /** Ends, without a word to the server: the interface has no address from it any more. */
  async close(): Promise<void> {
    this.#abort()
    await this.#running
    await this.#exchange.close()
  }

  #abort(): void {
    this.#stop.abort(new Error('the DHCPv6 client is closed'))
    this.#wake?.abort()
    // What is being asked about need not be waited for.
    this.#settings.clear()
  }

  async #runAddresses(): Promise<void> {
    for (;;) {
      const lease = await this.#acquire()
      this.#bind(lease, 'BOUND')
      const why = await this.#keep()
      this.#lose(why)
      this.#state = 'SOLICITING'
    }
  }

  // Section 18.2.6; and again when its time is over (section 21.23).
  async #runInformation(): Promise<void> {
    const timing = { irt: SOL_TIMEOUT, mrt: () => this.#infMaxRt }
    for (;;) {
      this.#state = 'INFORMING'
      const asked = this.#message(DHCP6_INFORMATION_REQUEST, null)
      const lease = await this.#exchange.ask(asked, timing, this.#stop.signal, (answer) => {
        this.#heed(answer)
        return answer.type === DHCP6_REPLY ? informationOf(answer, this.#exchange.now(), this.#interface.name) : null
      })
      // Without a last try it only ends with something.
      this.#bind(lease as Dhcp6Lease, 'INFORMED')
      await this.#exchange.receive(null, (lease as Dhcp6Lease).renewAt, this.#stop.signal, () => null)
    }
  }

  #ended(error: unknown): void {
    this.#failure = error
    if (this.#lease !== null) this.#lose('closed')
    this.#settings.clear()
    this.#state = 'CLOSED'
    this.#waiting.reject(error)
    this.#confirmed(false)
    // Where it was not told to end, nobody else will.
    if (!this.#stop.signal.aborted) void this.#exchange.close()
  }

  #bind(lease: Dhcp6Lease, state: Dhcp6ClientState): void {
    this.#lease = lease
    this.#state = state
    this.#wished = lease.addresses.map(({ address }) => address)
    this.#waiting.resolve(lease)
    this.#options.onLease?.(lease)
  }

  #lose(why: DhcpLoss): void {
    const lease = this.#lease as Dhcp6Lease
    this.#lease = null
    this.#settings.clear()
    this.#options.onLost?.(lease, why)
  }

  #confirmed(still: boolean): void {
    const asking = this.#confirms
    this.#confirms = []
    for (const resolve of asking) resolve(still)
  }

  async #acquire(): Promise<Dhcp6Lease> {
    for (;;) {
      this.#state = 'SOLICITING'
      const lease = await this.#solicit()
      if (lease !== null) {
        const taken = await this.#settle(lease)
        if (taken.length === 0) return lease
        this.#wished = []
        await this.#decline(lease, taken)
      }
      // A server that offers what it then refuses must not have us ask without end.
      await this.#exchange.receive(null, this.#exchange.now() + DECLINED_WAIT, this.#stop.signal, () => null)
    }
  }

  /** Which of its addresses other hosts have; then the interface has none of the lease. */
  async #settle(lease: Dhcp6Lease, claim = this.#options.conflictDetection ?? true): Promise<string[]> {
    const taken = await this.#settings.apply(lease, claim)
    // It may have been closed while others were asked about the address.
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason
    if (taken.length > 0) this.#settings.clear()
    return taken
  }

  // Section 18.2.1: for the first second offers are compared, after that any will do. null: the server refused then, or was silent.
  async #solicit(): Promise<Dhcp6Lease | null> {
    const asked = this.#message(DHCP6_SOLICIT, null)
    asked.options.push({ code: OPTION.DHCP6_RAPID_COMMIT, value: EMPTY })
    const compare = this.#options.compareOffers ?? true
    let best: { readonly preference: number; readonly offer: Dhcp6Lease } | null = null
    let compared = !compare
    const timing = { irt: SOL_TIMEOUT, mrt: () => this.#solMaxRt, whole: true }
    const found = await this.#exchange.ask(
      asked,
      timing,
      this.#stop.signal,
      (answer) => {
        this.#heed(answer)
        const lease = this.#leaseOf(answer)
        if (lease === null || typeof lease === 'number') return null
        if (answer.type === DHCP6_REPLY) {
          const rapid = OPTION.dhcp6Value(answer.options, OPTION.DHCP6_RAPID_COMMIT) !== null
          return rapid ? { lease, committed: true } : null
        }
        const preference = OPTION.dhcp6Value(answer.options, OPTION.DHCP6_PREFERENCE)?.[0] ?? 0
        if (compared || preference === HIGHEST_PREFERENCE) return { lease, committed: false }
        if (best === null || preference > best.preference) best = { preference, offer: lease }
        return null
      },
      () => {
        compared = true
        return best === null ? null : { lease: best.offer, committed: false }
      },
    )
    if (found === null || found.committed) return found?.lease ?? null
    const answer = await this.#request(found.lease)
    return typeof answer === 'number' ? null : answer
  }

  /** Asks a server for what it has offered: section 18.2.2. A number: it has refused with that status. */
  async #request(offer: Dhcp6Lease): Promise<Dhcp6Lease | number | null> {
    this.#state = 'REQUESTING'
    return this.#exchange.ask(this.#message(DHCP6_REQUEST, offer), REQUEST, this.#stop.signal, (answer) =>
      this.#replyOf(answer, offer.server),
    )
  }

  /** What a Reply of `server`, or with null of any, says. What it may say differently when it is asked again is none. */
  #replyOf(answer: Dhcp6Message, server: Uint8Array | null): Dhcp6Lease | number | null {
    if (answer.type !== DHCP6_REPLY) return null
    const from = OPTION.dhcp6Value(answer.options, OPTION.DHCP6_SERVERID) ?? EMPTY
    if (server !== null && !sameOctets(from, server)) return null
    this.#heed(answer)
    const lease = this.#leaseOf(answer)
    // Section 18.2.10.
    return lease === STATUS_UNSPEC_FAIL || lease === STATUS_USE_MULTICAST ? null : lease
  }

  #leaseOf(answer: Dhcp6Message): Dhcp6Lease | number | null {
    if (answer.type !== DHCP6_ADVERTISE && answer.type !== DHCP6_REPLY) return null
    return leaseOf6(answer, this.#iaid, this.#exchange.now(), this.#interface.name)
  }

  #decline(lease: Dhcp6Lease, taken: readonly string[]): Promise<true | null> {
    const message = this.#message(DHCP6_DECLINE, lease, taken)
    return this.#exchange.ask(message, DECLINE, this.#stop.signal, ({ type }) => (type === DHCP6_REPLY ? true : null))
  }

  /** Until the addresses are lost: sections 18.2.4 and 18.2.5. */
  async #keep(): Promise<DhcpLoss> {
    for (;;) {
      const lease = this.#lease as Dhcp6Lease
      this.#state = 'BOUND'
      if (!(await this.#untilRenewal(lease))) return 'refused'
      this.#state = 'RENEWING'
      let answer = await this.#renew(DHCP6_RENEW, lease, lease.rebindAt)
      if (answer === STATUS_NO_BINDING) answer = await this.#request(lease)
      if (answer === null) {
        this.#state = 'REBINDING'
        answer = await this.#renew(DHCP6_REBIND, lease, lease.expiresAt)
      }
      if (answer === null) return 'expired'
      if (typeof answer === 'number') return 'refused'
      const taken = await this.#settle(answer)
      if (taken.length > 0) {
        await this.#decline(answer, taken)
        return 'refused'
      }
      this.#bind(answer, 'BOUND')
    }
  }

  #renew(type: number, lease: Dhcp6Lease, until: number): Promise<Dhcp6Lease | number | null> {
    if (until <= this.#exchange.now()) return Promise.resolve(null)
    const server = type === DHCP6_RENEW ? lease.server : null
    return this.#exchange.ask(this.#message(type, lease), { ...RENEWAL, until }, this.#stop.signal, (answer) =>
      this.#replyOf(answer, server),
    )
  }

  /** False: the link is another one, and the addresses are none of it. */
  async #untilRenewal(lease: Dhcp6Lease): Promise<boolean> {
    for (;;) {
      this.#wake = new AbortController()
      const stopped = this.#stop.signal
      try {
        if (this.#confirms.length === 0) {
          await this.#exchange.receive(null, lease.renewAt, this.#wake.signal, () => null)
          return true
        }
      } catch (error) {
        if (stopped.aborted) throw stopped.reason
        if (!this.#wake.signal.aborted) throw error
      }
      this.#state = 'CONFIRMING'
      const until = this.#exchange.now() + CNF_MAX_RD
      const status = await this.#exchange.ask(
        this.#message(DHCP6_CONFIRM, lease),
        { ...CONFIRM, until },
        stopped,
        ({ type, options }) => (type === DHCP6_REPLY ? statusOf(options) : null),
      )
      this.#state = 'BOUND'
      this.#confirmed(status !== STATUS_NOT_ON_LINK)
      if (status === STATUS_NOT_ON_LINK) return false
    }
  }

  /** Section 18.2.9 and 18.2.10: how long it waits at the most is for servers to say, within reason. */
  #heed({ options }: Dhcp6Message): void {
    const read = (code: number): number | null => {
      const seconds = uint32Of(OPTION.dhcp6Value(options, code) ?? EMPTY)
      return seconds === null || seconds < MAX_RT_LEAST || seconds > MAX_RT_MOST ? null : seconds * 1000
    }
    this.#solMaxRt = read(OPTION.DHCP6_SOL_MAX_RT) ?? this.#solMaxRt
    this.#infMaxRt = read(OPTION.DHCP6_INF_MAX_RT) ?? this.#infMaxRt
  }

  /** `lease`: what it is about; null: what is wished for. */
  #message(type: number, lease: Dhcp6Lease | null, addresses?: readonly string[]): Dhcp6Message {
    const message = new Dhcp6Message()
    message.type = type
    message.xid = this.#options.random.int32() & 0xffffff
    const { options } = message
    options.push({ code: OPTION.DHCP6_CLIENTID, value: this.#identifier })
    // Who is asked about addresses of a server by that server alone names it.
    if (lease !== null && type !== DHCP6_CONFIRM && type !== DHCP6_REBIND) {
      options.push({ code: OPTION.DHCP6_SERVERID, value: Uint8Array.from(lease.server) })
    }
    if (type !== DHCP6_INFORMATION_REQUEST) {
      const texts = addresses ?? lease?.addresses.map(({ address }) => address) ?? this.#wished
      // Section 18.2.2: lifetimes of addresses are the server's to say.
      const list = texts.map((text) => ({ address: IpAddress.parse(text) as IpAddress, preferred: 0, valid: 0 }))
      const value = associationOctets({ iaid: this.#iaid, t1: 0, t2: 0, addresses: list, status: STATUS_SUCCESS })
      options.push({ code: OPTION.DHCP6_IA_NA, value })
    }
    if (type === DHCP6_CONFIRM || type === DHCP6_RELEASE || type === DHCP6_DECLINE) return message
    const { hostName, request = [] } = this.#options
    // Sections 18.2.1 and 18.2.6: these are always to be asked for.
    const own = [OPTION.DHCP6_SOL_MAX_RT]
    if (type === DHCP6_INFORMATION_REQUEST) {
      own.splice(0, 1, OPTION.DHCP6_INFORMATION_REFRESH_TIME, OPTION.DHCP6_INF_MAX_RT)
    }
    const codes = [...new Set([...PARAMETERS, ...own, ...request])]
    options.push({ code: OPTION.DHCP6_ORO, value: requestedOctets(codes) })
    if (hostName !== undefined && type !== DHCP6_INFORMATION_REQUEST) {
      // RFC 4704 section 4: a name of one label may be completed by the server, and then has no end.
      const name = searchListOctets([hostName])
      const ending = hostName.includes('.') ? name : name.subarray(0, -1)
      options.push({ code: OPTION.DHCP6_CLIENT_FQDN, value: Uint8Array.of(1, ...ending) })
    }
    return message
  }
}
