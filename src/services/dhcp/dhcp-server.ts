// Read first: RFC 2131 sections 4.1 and 4.3, RFC 3046.

import { checkBoolean, checkInteger, checkOptions, given } from '../../base/argument.ts'
import {
  AF_INET,
  MSG_TRUNC,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import {
  BOOTREQUEST,
  DHCP_SERVER_PORT,
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPINFORM,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  type DhcpMessage,
  readDhcp,
} from '../../wire/dhcp.ts'
import * as OPTION from '../../wire/dhcp-options.ts'
import { addressOf, textOf, uint32Of } from '../../wire/dhcp-values.ts'
import { serveDatagrams } from '../serve-datagrams.ts'
import { TokenBucket } from '../token-bucket.ts'
import { isHostOf, isUnicast, parseSubnet, textOfAddress } from './address-text.ts'
import { clientKey, hardwareKey } from './client-key.ts'
import { type DhcpReply, grant, refuse } from './dhcp-reply.ts'
import { DhcpScope, type DhcpScopeOptions, INFINITE_TIME, parseNetwork, SCOPE_KEYS } from './dhcp-scope.ts'
import { OFFER_TIME } from './lease-table.ts'

/** More than any client sends. */
const LONGEST_MESSAGE = 4096
/** How long nobody is given what a client has found to be another's. */
const DECLINED_TIME = 600_000
/** Addresses that are looked for at once, and how often for one client. */
const CHECKS_MAX = 16
const CHECK_TRIES = 3
const RATE = 100
const HOST_NAME_MAX = 255
const EMPTY = new Uint8Array(0)

export interface DhcpServerOptions extends DhcpScopeOptions {
  /** The server's own address with its prefix, "192.0.2.1/24": of the link that the socket is on. */
  readonly address: string
  /** Subnets behind relays (RFC 3046), each with its own pool and all else. */
  readonly relayed?: readonly (DhcpScopeOptions & { readonly network: string })[]
  /**
   * True: it is the only server of its subnets, so that addresses it knows nothing of are given to who says he had them, if nobody else
   * has, and refused otherwise. False: it is silent about them, as RFC 2131 section 4.3.2 has it. Default true.
   */
  readonly authoritative?: boolean
  /** Messages a second that are looked at; default 100. */
  readonly rate?: number
  /** Whether a host has this address already, before it is offered to a new client: an echo request, or ARP. Default: nobody is asked. */
  readonly inUse?: (address: string) => Promise<boolean>
}

export interface DhcpServerCounters {
  discovers: number
  requests: number
  declines: number
  releases: number
  informs: number
  offers: number
  acks: number
  naks: number
  /** No message of a client: not one of DHCP, or of a client without any name. */
  malformed: number
  /** For another server, or of a subnet that is none of ours. */
  ignored: number
  /** More than `rate` a second. */
  limited: number
  /** There was no address left. */
  exhausted: number
}

/** An address that a client has. */
export interface DhcpBinding {
  readonly address: string
  /** "1 02:00:00:00:00:01", hardware type and address, or "id " and the octets of its identifier. */
  readonly client: string
  /** What the client calls itself; ''. */
  readonly hostName: string
  /** Milliseconds of the provider's clock; Infinity: for ever. */
  readonly until: number
}

/**
 * Gives hosts their addresses, and what else they need: the server of DHCP for IPv4. Leases are kept in memory.
 *
 * ```ts
 * const server = DhcpServer.open(stack, 'eth0', { address: '192.0.2.1/24', pool: '192.0.2.100-192.0.2.199', routers: ['192.0.2.1'] })
 * const over = server.run()
 * // …
 * await server.close()
 * await over
 * ```
 */
export class DhcpServer {
  readonly counters: DhcpServerCounters = {
    discovers: 0,
    requests: 0,
    declines: 0,
    releases: 0,
    informs: 0,
    offers: 0,
    acks: 0,
    naks: 0,
    malformed: 0,
    ignored: 0,
    limited: 0,
    exhausted: 0,
  }
  readonly #socket: Socket
  /** The first is that of the link. */
  readonly #scopes: readonly DhcpScope[]
  readonly #address: number
  readonly #authoritative: boolean
  readonly #bucket: TokenBucket
  readonly #inUse: ((address: string) => Promise<boolean>) | null
  #checks = 0
  #closed = false

  /** `socket` is bound to port 67 of one interface, and may broadcast: `open` makes such. TypeError and RangeError name the option. */
  constructor(socket: Socket, options: DhcpServerOptions) {
    checkOptions('options', options, [...SCOPE_KEYS, 'address', 'relayed', 'authoritative', 'rate', 'inUse'])
    const { authoritative = true, rate = RATE, relayed = [], inUse = null } = options
    checkBoolean('options.authoritative', authoritative)
    checkInteger('options.rate', rate, 1)
    if (inUse !== null && typeof inUse !== 'function') {
      throw new TypeError(`options.inUse must be a function, got ${given(inUse)}`)
    }
    if (!Array.isArray(relayed)) throw new TypeError(`options.relayed must be an array, got ${given(relayed)}`)
    const subnet = parseSubnet('options.address', options.address)
    if (!isHostOf(subnet, subnet.address) || !isUnicast(subnet.address)) {
      throw new RangeError(`options.address must be a host's, got ${options.address}`)
    }
    const behind = (relayed as NonNullable<DhcpServerOptions['relayed']>).map((one, i) => {
      const name = `options.relayed[${i}]`
      checkOptions(name, one, [...SCOPE_KEYS, 'network'])
      return new DhcpScope(name, parseNetwork(`${name}.network`, one.network), subnet.address, one)
    })
    this.#scopes = [new DhcpScope('options', subnet, subnet.address, options), ...behind]
    this.#socket = socket
    this.#address = subnet.address
    this.#authoritative = authoritative
    this.#bucket = new TokenBucket(rate, rate, this.#now())
    this.#inUse = inUse
  }

  /** A server on an interface of a provider, which may be the operating system (then it takes the right to bind port 67). */
  static open(provider: Provider, interfaceName: string, options: DhcpServerOptions): DhcpServer {
    const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
    try {
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, interfaceName)
      socket.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
      socket.bind({ address: '', port: DHCP_SERVER_PORT })
      return new DhcpServer(socket, options)
    } catch (error) {
      void socket.close()
      throw error
    }
  }

  /** The addresses that clients have now. */
  get leases(): DhcpBinding[] {
    const now = this.#now()
    const found: DhcpBinding[] = []
    for (const scope of this.#scopes) {
      for (const { address, key, state, hostName, until } of scope.leases) {
        if (state !== 'bound' || until <= now) continue
        found.push({ address: textOfAddress(address), client: key, hostName, until })
      }
    }
    return found
  }

  /** Serves until `close`. Rejects only if the socket itself fails. */
  async run(): Promise<void> {
    const room = new Uint8Array(LONGEST_MESSAGE)
    const serveOne = async () => {
      const { length } = await this.#socket.recvfrom(room, MSG_TRUNC)
      if (length > room.length) this.counters.malformed++
      else void this.#serve(readDhcp(room, 0, length))
    }
    await serveDatagrams(serveOne, () => this.#closed)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#socket.close()
  }

  async #serve(message: DhcpMessage | string): Promise<void> {
    if (typeof message === 'string' || message.op !== BOOTREQUEST) {
      this.counters.malformed++
      return
    }
    if (!this.#bucket.take(this.#now())) {
      this.counters.limited++
      return
    }
    const answer = this.#answer(message)
    const reply = answer instanceof Promise ? await answer : answer
    if (reply === null || this.#closed) return
    // What does not fit into the socket's buffer now is lost, as a datagram may be: the client asks again.
    try {
      this.#socket.trySendto(reply.bytes, new SocketAddress(AF_INET, IpAddress.v4(reply.address), reply.port))
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
    }
  }

  #answer(message: DhcpMessage): DhcpReply | null | Promise<DhcpReply | null> {
    const key = clientKey(message)
    if (key === null) {
      this.counters.malformed++
      return null
    }
    const scope = this.#scopeOf(message)
    if (scope === null) {
      this.counters.ignored++
      return null
    }
    switch (message.type) {
      case DHCPDISCOVER:
        this.counters.discovers++
        return this.#discovered(message, scope, key)
      case DHCPREQUEST:
        this.counters.requests++
        return this.#requested(message, scope, key)
      case DHCPDECLINE:
        this.counters.declines++
        this.#declined(message, scope, key)
        return null
      case DHCPRELEASE:
        this.counters.releases++
        this.#released(message, scope, key)
        return null
      case DHCPINFORM:
        this.counters.informs++
        return this.#informed(message, scope)
      default:
        this.counters.malformed++
        return null
    }
  }

  // Section 4.3.1: the subnet is the relay's, or that of the link. A relay says by its address which one it is.
  #scopeOf({ giaddr }: DhcpMessage): DhcpScope | null {
    if (giaddr === 0) return this.#scopes[0] ?? null
    return this.#scopes.find((scope) => scope.contains(giaddr)) ?? null
  }

  #discovered(message: DhcpMessage, scope: DhcpScope, key: string): DhcpReply | null | Promise<DhcpReply | null> {
    const address = this.#chooseAddress(message, scope, key)
    if (address === null) {
      this.counters.exhausted++
      return null
    }
    const isNew = scope.leases.of(key)?.address !== address
    const reply = this.#offer(message, scope, key, address)
    return isNew && this.#inUse !== null ? this.#checked(this.#inUse, message, scope, key, address, reply) : reply
  }

  #offer(message: DhcpMessage, scope: DhcpScope, key: string, address: number): DhcpReply {
    const now = this.#now()
    const lease = scope.leases.of(key)
    // Who asks anew while he has one keeps it until he has said that he takes it again.
    if (lease?.address !== address || lease.state !== 'bound' || lease.until <= now) {
      scope.leases.give(address, key, 'offered', now + OFFER_TIME, hostNameOf(message))
    }
    this.counters.offers++
    return grant(message, scope, this.#address, DHCPOFFER, address, this.#secondsFor(message, scope))
  }

  // RFC 2131 section 2.2: a server should look whether an address is in use before it offers it.
  async #checked(
    inUse: (address: string) => Promise<boolean>,
    message: DhcpMessage,
    scope: DhcpScope,
    key: string,
    first: number,
    firstReply: DhcpReply,
  ): Promise<DhcpReply | null> {
    // Clients ask again.
    if (this.#checks >= CHECKS_MAX) return null
    this.#checks++
    try {
      let [address, reply]: [number | null, DhcpReply] = [first, firstReply]
      for (let i = 0; i < CHECK_TRIES && address !== null; i++) {
        if (!(await inUse(textOfAddress(address)))) return reply
        const lease = scope.leases.of(key)
        if (this.#closed || lease?.address !== address) return null
        scope.leases.decline(lease, this.#now() + DECLINED_TIME, this.#now())
        address = scope.leases.unused(this.#now())
        if (address !== null) reply = this.#offer(message, scope, key, address)
      }
      return null
    } finally {
      this.#checks--
    }
  }

  // Section 4.3.1: what it has, what is kept for it, what it had, what it asks for, or any.
  #chooseAddress(message: DhcpMessage, { leases, subnet }: DhcpScope, key: string): number | null {
    const now = this.#now()
    const reserved = leases.reservedFor(key, hardwareKey(message.htype, message.chaddr))
    const before = leases.of(key)?.address ?? null
    const wished = addressOf(message.options.get(OPTION.DHCP_REQUESTED_ADDRESS) ?? EMPTY)
    for (const address of reserved !== null ? [reserved] : [before, wished]) {
      if (address === null || !leases.available(address, key, now) || !isHostOf(subnet, address)) continue
      if (address !== reserved && leases.isReserved(address)) continue
      return address
    }
    return leases.unused(now)
  }

  #requested(message: DhcpMessage, scope: DhcpScope, key: string): DhcpReply | null {
    const { leases } = scope
    const chosen = addressOf(message.options.get(OPTION.DHCP_SERVER_IDENTIFIER) ?? EMPTY)
    const lease = leases.of(key)
    if (chosen !== null && chosen !== this.#address) {
      // It has taken another server's offer (section 3.1, step 4).
      if (lease?.state === 'offered') leases.release(lease, this.#now())
      this.counters.ignored++
      return null
    }
    const wished = addressOf(message.options.get(OPTION.DHCP_REQUESTED_ADDRESS) ?? EMPTY)
    const address = message.ciaddr !== 0 ? message.ciaddr : wished
    if (address === null) {
      this.counters.malformed++
      return null
    }
    // INIT-REBOOT, RENEWING, REBINDING of a client that we know nothing of: section 4.3.2.
    if (chosen === null && lease === null && !this.#authoritative && scope.contains(address)) {
      this.counters.ignored++
      return null
    }
    const refusal = this.#refusal(message, scope, key, address)
    if (refusal !== null) {
      this.counters.naks++
      return refuse(message, this.#address, refusal)
    }
    const seconds = this.#secondsFor(message, scope)
    const until = seconds === INFINITE_TIME ? Number.POSITIVE_INFINITY : this.#now() + seconds * 1000
    leases.give(address, key, 'bound', until, hostNameOf(message))
    this.counters.acks++
    return grant(message, scope, this.#address, DHCPACK, address, seconds)
  }

  /** Why the client cannot have the address; null: it can. */
  #refusal(message: DhcpMessage, scope: DhcpScope, key: string, address: number): string | null {
    const { leases } = scope
    if (!scope.contains(address)) return 'wrong network'
    const reserved = leases.reservedFor(key, hardwareKey(message.htype, message.chaddr))
    if (reserved !== null && address !== reserved && leases.available(reserved, key, this.#now())) {
      return 'another address is kept for you'
    }
    if (reserved === null && leases.isReserved(address)) return 'address is kept for another client'
    return leases.available(address, key, this.#now()) ? null : 'address not available'
  }

  #declined(message: DhcpMessage, scope: DhcpScope, key: string): void {
    const lease = scope.leases.of(key)
    const address = addressOf(message.options.get(OPTION.DHCP_REQUESTED_ADDRESS) ?? EMPTY)
    if (lease === null || lease.address !== address || !this.#isMeant(message)) return
    scope.leases.decline(lease, this.#now() + DECLINED_TIME, this.#now())
  }

  #released(message: DhcpMessage, scope: DhcpScope, key: string): void {
    const lease = scope.leases.of(key)
    if (lease === null || lease.address !== message.ciaddr || !this.#isMeant(message)) return
    scope.leases.release(lease, this.#now())
  }

  #isMeant(message: DhcpMessage): boolean {
    return addressOf(message.options.get(OPTION.DHCP_SERVER_IDENTIFIER) ?? EMPTY) === this.#address
  }

  // Section 4.3.5. The answer goes where the message says: no further than the subnet.
  #informed(message: DhcpMessage, scope: DhcpScope): DhcpReply | null {
    if (!isHostOf(scope.subnet, message.ciaddr)) {
      this.counters.ignored++
      return null
    }
    this.counters.acks++
    return grant(message, scope, this.#address, DHCPACK, 0, null)
  }

  #secondsFor(message: DhcpMessage, scope: DhcpScope): number {
    const wished = uint32Of(message.options.get(OPTION.DHCP_LEASE_TIME) ?? EMPTY) ?? INFINITE_TIME
    return wished === 0 ? scope.leaseTime : Math.min(wished, scope.leaseTime)
  }

  #now(): number {
    return this.#socket.provider.clock.now()
  }
}

function hostNameOf(message: DhcpMessage): string {
  return (textOf(message.options.get(OPTION.DHCP_HOST_NAME) ?? EMPTY) ?? '').slice(0, HOST_NAME_MAX)
}
