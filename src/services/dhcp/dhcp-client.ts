// Read first: RFC 2131 sections 3.1, 3.2, 4.1 and 4.4, RFC 4361, RFC 5227.
//
// We differ: nothing is waited for before the first DISCOVER (section 4.4.1: 1 to 10 seconds), as in other clients; and no lease is
// kept beyond the client, so that nobody goes on with one that no server has confirmed.

import { checkBoolean, checkMethods, checkOptions, given } from '../../base/argument.ts'
import type { ConfiguredInterface } from '../../base/configured-interface.ts'
import { type Random, randomFraction } from '../../base/random.ts'
import type { Provider } from '../../socket/provider.ts'
import {
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  DhcpMessage,
} from '../../wire/dhcp.ts'
import * as OPTION from '../../wire/dhcp-options.ts'
import { addressOctets, addressOf, textOctets, uint16Octets } from '../../wire/dhcp-values.ts'
import { parseAddress } from './address-text.ts'
import { nodeIdentifier } from './client-key.ts'
import { DhcpExchange } from './dhcp-exchange.ts'
import { type DhcpLease, leaseOf } from './dhcp-lease.ts'
import { BROADCAST_ADDRESS } from './dhcp-reply.ts'
import { LeaseSettings } from './lease-settings.ts'
import { LeaseWaiters } from './lease-waiters.ts'
import type { DhcpClientCounters } from './receive-answer.ts'

/** Section 4.1: 4, 8, 16, 32, 64 seconds, each a second more or less. */
const RETRANSMIT_FIRST = 4000
const RETRANSMIT_MOST = 64_000
const RETRANSMIT_JITTER = 1000
/** Section 3.1, step 5: four times, for about a minute. */
const REQUESTS = 4
const REBOOT_REQUESTS = 2
/** Section 4.4.5. */
const RENEWAL_LEAST = 60_000
/** Section 3.1, step 5; and for a server that offers and then refuses. */
const DECLINED_WAIT = 10_000
const RENEWAL_SPREAD = 0.05
const MESSAGE_SIZE = 1500
const EMPTY = new Uint8Array(0)

/** What is asked for: classless routes before routers (RFC 3442). */
const PARAMETERS: readonly number[] = [
  OPTION.DHCP_SUBNET_MASK,
  OPTION.DHCP_CLASSLESS_ROUTES,
  OPTION.DHCP_ROUTER,
  OPTION.DHCP_DOMAIN_NAME_SERVER,
  OPTION.DHCP_DOMAIN_NAME,
  OPTION.DHCP_INTERFACE_MTU,
  OPTION.DHCP_BROADCAST_ADDRESS,
  OPTION.DHCP_NTP_SERVER,
  OPTION.DHCP_DOMAIN_SEARCH,
]

/** The states of RFC 2131 figure 5; CLOSED: it has ended. */
export type DhcpClientState =
  | 'INIT'
  | 'INIT-REBOOT'
  | 'SELECTING'
  | 'REBOOTING'
  | 'REQUESTING'
  | 'BOUND'
  | 'RENEWING'
  | 'REBINDING'
  | 'CLOSED'

/** Why an address is lost: its time was over, the server refused to go on, or the client was closed. */
export type DhcpLoss = 'expired' | 'refused' | 'closed'

export interface DhcpClientOptions {
  /** Numbers of messages and times come from it: a secure one, unless everything shall happen the same way again. */
  readonly random: Random
  /** The address that it had before: it is asked for first (INIT-REBOOT). */
  readonly previous?: string
  /** By what servers know this client; default made of the hardware address (RFC 4361). */
  readonly identifier?: Uint8Array
  /** What it calls itself. */
  readonly hostName?: string
  /** Numbers of further options to ask for; they are in `lease.options`. */
  readonly request?: readonly number[]
  /** Whether an address is used only after nobody else has answered for it (RFC 5227), which takes 4 to 7 seconds. Default true. */
  readonly conflictDetection?: boolean
  /** Bound, renewed, or bound anew: the interface is configured. */
  readonly onLease?: (lease: DhcpLease) => void
  /** The interface has lost it; the client tries to get another, unless it was closed. */
  readonly onLost?: (lease: DhcpLease, why: DhcpLoss) => void
}

const KEYS: readonly (keyof DhcpClientOptions)[] = [
  'random',
  'previous',
  'identifier',
  'hostName',
  'request',
  'conflictDetection',
  'onLease',
  'onLost',
]

/**
 * Gets an interface its address by DHCP for IPv4, with routes and MTU, keeps it for as long as the server lets it, and gets another where
 * it does not.
 *
 * ```ts
 * const client = new DhcpClient(stack, new InterfaceConfiguration(networkInterface), { random })
 * const { address, nameServers } = await client.bound()
 * // …
 * await client.release()
 * ```
 */
export class DhcpClient {
  readonly #interface: ConfiguredInterface
  readonly #options: DhcpClientOptions
  readonly #identifier: Uint8Array<ArrayBuffer>
  readonly #settings: LeaseSettings
  readonly #exchange: DhcpExchange
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #state: DhcpClientState = 'INIT'
  #lease: DhcpLease | null = null
  /** Asked for first; 0: none. */
  #wished: number
  readonly #waiting = new LeaseWaiters<DhcpLease>()
  #failure: unknown = null
  /** When it began to look for an address: `secs` of its messages. */
  #beganAt = 0

  /** Begins at once. TypeError and RangeError name the argument that cannot be; SocketError: its port cannot be had. */
  constructor(provider: Provider, configured: ConfiguredInterface, options: DhcpClientOptions) {
    checkMethods('provider', provider, 'a Provider', 'socket')
    checkMethods(
      'interface',
      configured,
      'a ConfiguredInterface',
      'addAddress',
      'claimAddress',
      'removeAddress',
      'addRoute',
    )
    checkOptions('options', options, KEYS)
    checkMethods('options.random', options.random, 'a Random', 'int32')
    checkBoolean('options.conflictDetection', options.conflictDetection)
    const { previous, identifier, hostName, request = [] } = options
    if (
      identifier !== undefined &&
      (!(identifier instanceof Uint8Array) || identifier.length < 2 || identifier.length > 255)
    ) {
      throw new RangeError(`options.identifier must be a Uint8Array of 2 to 255 octets, got ${given(identifier)}`)
    }
    if (hostName !== undefined && !/^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(hostName)) {
      throw new RangeError(`options.hostName must be a name of a host, got ${given(hostName)}`)
    }
    for (const code of request) {
      if (Number.isInteger(code) && code > 0 && code < 255) continue
      throw new RangeError(`options.request must have numbers from 1 to 254, got ${given(code)}`)
    }
    this.#wished = previous === undefined ? 0 : parseAddress('options.previous', previous)
    this.#interface = configured
    this.#options = options
    this.#identifier = identifier?.slice() ?? nodeIdentifier(configured.hardwareAddress)
    this.#settings = new LeaseSettings(configured)
    this.#exchange = new DhcpExchange(provider, configured.name, this.#stop.signal)
    this.#running = this.#run().catch((error: unknown) => this.#ended(error))
  }

  get state(): DhcpClientState {
    return this.#state
  }

  /** What it has; null: nothing now. */
  get lease(): DhcpLease | null {
    return this.#lease
  }

  get counters(): DhcpClientCounters {
    return this.#exchange.counters
  }

  /** Resolves to the lease, at once where there is one. Rejects with the signal's reason, or when the client has ended. */
  bound({ signal }: { readonly signal?: AbortSignal } = {}): Promise<DhcpLease> {
    if (this.#lease !== null) return Promise.resolve(this.#lease)
    if (this.#state === 'CLOSED') return Promise.reject(this.#failure)
    return this.#waiting.wait(signal)
  }

  /** Tells the server that the address is free again, and ends. */
  release(): Promise<void> {
    const lease = this.#lease
    if (lease !== null && this.#state !== 'CLOSED') {
      const message = this.#message(DHCPRELEASE)
      message.broadcast = false
      message.ciaddr = bitsOf(lease.address)
      message.options.set(OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bitsOf(lease.server)))
      this.#exchange.send(message, bitsOf(lease.server))
    }
    return this.close()
  }

  /** Ends, without a word to the server: the interface has no address from it any more. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the DHCP client is closed'))
    // What is being asked about need not be waited for.
    this.#settings.clear()
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      const lease = await this.#acquire()
      this.#bind(lease)
      const why = await this.#keep()
      this.#lose(why)
    }
  }

  #ended(error: unknown): void {
    this.#failure = error
    void this.#exchange.close()
    if (this.#lease !== null) this.#lose('closed')
    this.#settings.clear()
    this.#state = 'CLOSED'
    this.#waiting.reject(error)
  }

  #bind(lease: DhcpLease): void {
    this.#settings.rest(lease)
    this.#lease = lease
    this.#state = 'BOUND'
    this.#wished = bitsOf(lease.address)
    this.#waiting.resolve(lease)
    this.#options.onLease?.(lease)
  }

  #lose(why: DhcpLoss): void {
    const lease = this.#lease as DhcpLease
    this.#lease = null
    this.#settings.clear()
    this.#options.onLost?.(lease, why)
  }

  // INIT to BOUND: section 4.4.1, and 4.4.2 where there was an address before.
  async #acquire(): Promise<DhcpLease> {
    this.#beganAt = this.#exchange.now()
    let reboot = this.#state === 'INIT' && this.#wished !== 0
    for (;;) {
      this.#state = reboot ? 'INIT-REBOOT' : 'INIT'
      const lease = await (reboot ? this.#reboot() : this.#select())
      if (lease !== null && (await this.#settings.address(lease, this.#options.conflictDetection ?? true))) return lease
      // It may have been closed while others were asked about the address.
      if (this.#stop.signal.aborted) throw this.#stop.signal.reason
      if (lease !== null) this.#decline(lease)
      // A server that offers what it then refuses must not have us ask without end.
      if (!reboot) await this.#idle(this.#exchange.now() + DECLINED_WAIT)
      reboot = false
    }
  }

  /** Asks whether the address of before is still ours; null: it is not, or nobody answers. */
  async #reboot(): Promise<DhcpLease | null> {
    this.#state = 'REBOOTING'
    const asked = this.#message(DHCPREQUEST)
    asked.options.set(OPTION.DHCP_REQUESTED_ADDRESS, addressOctets(this.#wished))
    return this.#request(asked, this.#wished, null, REBOOT_REQUESTS)
  }

  /** Takes the first offer that can be one; null: its server refused then, or was silent. */
  async #select(): Promise<DhcpLease | null> {
    const asked = this.#message(DHCPDISCOVER)
    if (this.#wished !== 0) asked.options.set(OPTION.DHCP_REQUESTED_ADDRESS, addressOctets(this.#wished))
    let offer: DhcpLease | null = null
    for (let delay = RETRANSMIT_FIRST; offer === null; delay = Math.min(2 * delay, RETRANSMIT_MOST)) {
      this.#state = 'SELECTING'
      const now = this.#exchange.now()
      asked.secs = this.#seconds()
      this.#exchange.send(asked, BROADCAST_ADDRESS)
      offer = await this.#exchange.receive(asked, now + this.#jittered(delay), (answer) =>
        answer.type === DHCPOFFER ? leaseOf(answer, now) : null,
      )
    }
    this.#state = 'REQUESTING'
    const request = this.#message(DHCPREQUEST)
    // Section 4.4.1: as it was in the DISCOVER, so that relays take it to the same servers.
    request.xid = asked.xid
    request.secs = asked.secs
    const [address, server] = [bitsOf(offer.address), bitsOf(offer.server)]
    request.options.set(OPTION.DHCP_REQUESTED_ADDRESS, addressOctets(address))
    request.options.set(OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(server))
    return this.#request(request, address, server, REQUESTS)
  }

  async #request(asked: DhcpMessage, address: number, server: number | null, times: number): Promise<DhcpLease | null> {
    let delay = RETRANSMIT_FIRST
    for (let i = 0; i < times; i++) {
      const until = this.#exchange.now() + this.#jittered(delay)
      const answer = await this.#confirmed(asked, address, server, BROADCAST_ADDRESS, until)
      if (answer !== null) return answer === 'refused' ? null : answer
      delay = Math.min(2 * delay, RETRANSMIT_MOST)
    }
    return null
  }

  /** Sends a REQUEST and waits for what `server`, or with null any, says to it. */
  #confirmed(
    asked: DhcpMessage,
    address: number,
    server: number | null,
    to: number,
    until: number,
  ): Promise<DhcpLease | 'refused' | null> {
    const now = this.#exchange.now()
    this.#exchange.send(asked, to)
    return this.#exchange.receive(asked, until, (answer) => {
      const from = addressOf(answer.options.get(OPTION.DHCP_SERVER_IDENTIFIER) ?? EMPTY)
      if (from === null || (server !== null && from !== server)) return null
      if (answer.type === DHCPNAK) return 'refused'
      return answer.type === DHCPACK && answer.yiaddr === address ? leaseOf(answer, now) : null
    })
  }

  #decline(lease: DhcpLease): void {
    const message = this.#message(DHCPDECLINE)
    message.options.set(OPTION.DHCP_REQUESTED_ADDRESS, addressOctets(bitsOf(lease.address)))
    message.options.set(OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bitsOf(lease.server)))
    this.#exchange.send(message, BROADCAST_ADDRESS)
    this.#wished = 0
  }

  /** BOUND, RENEWING, REBINDING, until the address is lost: section 4.4.5. */
  async #keep(): Promise<DhcpLoss> {
    for (;;) {
      const lease = this.#lease as DhcpLease
      this.#state = 'BOUND'
      // Clients that a network's power brought back together shall not all come for more together (section 4.4.5).
      const spread = Number.isFinite(lease.renewAt) ? RENEWAL_SPREAD * (lease.renewAt - this.#exchange.now()) : 0
      await this.#idle(lease.renewAt - spread * randomFraction(this.#options.random))
      this.#beganAt = this.#exchange.now()
      this.#state = 'RENEWING'
      let answer = await this.#renew(lease, bitsOf(lease.server), lease.rebindAt)
      if (answer === null) {
        this.#state = 'REBINDING'
        answer = await this.#renew(lease, null, lease.expiresAt)
      }
      if (answer === null) return 'expired'
      if (answer === 'refused') return 'refused'
      // The same address may have another prefix now.
      await this.#settings.address(answer, false)
      this.#bind(answer)
    }
  }

  /** Asks the server, or with null all, again and again, each time after half of what is left. */
  async #renew(lease: DhcpLease, server: number | null, until: number): Promise<DhcpLease | 'refused' | null> {
    const address = bitsOf(lease.address)
    const asked = this.#message(DHCPREQUEST)
    asked.ciaddr = address
    asked.broadcast = false
    for (;;) {
      const left = until - this.#exchange.now()
      if (left <= 0) return null
      const again = this.#exchange.now() + Math.min(left, Math.max(RENEWAL_LEAST, left / 2))
      asked.secs = this.#seconds()
      const answer = await this.#confirmed(asked, address, server, server ?? BROADCAST_ADDRESS, again)
      if (answer !== null) return answer
    }
  }

  /** Lets the time pass, and what comes meanwhile. */
  #idle(until: number): Promise<null> {
    return this.#exchange.receive(null, until, () => null)
  }

  #message(type: number): DhcpMessage {
    const message = new DhcpMessage()
    message.type = type
    message.xid = this.#options.random.int32()
    message.secs = this.#seconds()
    // Without an address nothing can be sent to us alone.
    message.broadcast = true
    message.chaddr = Uint8Array.from(this.#interface.hardwareAddress)
    message.options.set(OPTION.DHCP_CLIENT_IDENTIFIER, this.#identifier)
    if (type !== DHCPDISCOVER && type !== DHCPREQUEST) return message
    const { hostName, request = [] } = this.#options
    message.options.set(OPTION.DHCP_PARAMETER_LIST, Uint8Array.from(new Set([...PARAMETERS, ...request])))
    message.options.set(OPTION.DHCP_MESSAGE_SIZE, uint16Octets(MESSAGE_SIZE))
    if (hostName !== undefined) message.options.set(OPTION.DHCP_HOST_NAME, textOctets(hostName))
    return message
  }

  #seconds(): number {
    return Math.min(0xffff, Math.floor((this.#exchange.now() - this.#beganAt) / 1000))
  }

  #jittered(delay: number): number {
    return delay + (2 * randomFraction(this.#options.random) - 1) * RETRANSMIT_JITTER
  }
}

/** Of an address that was read before. */
function bitsOf(text: string): number {
  return parseAddress('address', text)
}
