// Read first: RFC 8415 sections 13, 16, 17.1, 18.3 and 21, RFC 3646, RFC 4704.
//
// We differ: a message that was not sent to all is answered as if it had been (section 18.4 has UseMulticast for it).

import { checkBoolean, checkInteger, checkOptions } from '../../base/argument.ts'
import { sameOctets } from '../../base/bytes.ts'
import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  MSG_TRUNC,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { prefixMatches } from '../../base/prefix.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import {
  DHCP6_ADVERTISE,
  DHCP6_CLIENT_PORT,
  DHCP6_CONFIRM,
  DHCP6_DECLINE,
  DHCP6_GROUP,
  DHCP6_INFORMATION_REQUEST,
  DHCP6_REBIND,
  DHCP6_RELEASE,
  DHCP6_RENEW,
  DHCP6_REPLY,
  DHCP6_REQUEST,
  DHCP6_SERVER_PORT,
  DHCP6_SOLICIT,
  Dhcp6Message,
  readDhcp6,
  writeDhcp6,
} from '../../wire/dhcp6.ts'
import * as OPTION from '../../wire/dhcp6-options.ts'
import {
  associationOf,
  isDuid,
  requestedOf,
  STATUS_NOT_ON_LINK,
  STATUS_SUCCESS,
  statusOctets,
} from '../../wire/dhcp6-values.ts'
import { serveDatagrams } from '../serve-datagrams.ts'
import { TokenBucket } from '../token-bucket.ts'
import { Dhcp6Bindings } from './dhcp6-bindings.ts'
import { Dhcp6Scope, type Dhcp6ScopeOptions, SCOPE6_KEYS } from './dhcp6-scope.ts'
import { readDuid } from './duid.ts'

/** More than any client sends. */
const LONGEST_MESSAGE = 4096
const RATE = 100

export interface Dhcp6ServerOptions extends Dhcp6ScopeOptions {
  /** By what clients know the server, its DUID, the same each time: octets, or the hardware address to make it of, "02:00:00:00:00:01". */
  readonly identifier: string | Uint8Array
  /** Of several servers clients take the one with the highest, 0 to 255. Default 0. */
  readonly preference?: number
  /** Whether who asks for it gets an address with the first answer (RFC 8415 section 5.1). Default true: no other server is asked for. */
  readonly rapidCommit?: boolean
  /** Whether addresses of ours are given to who says he had them, of whom we know nothing. Default true. */
  readonly authoritative?: boolean
  /** Messages a second that are looked at; default 100. */
  readonly rate?: number
}

export interface Dhcp6ServerCounters {
  solicits: number
  requests: number
  confirms: number
  renews: number
  rebinds: number
  declines: number
  releases: number
  informationRequests: number
  advertises: number
  replies: number
  /** No message of a client: not one of DHCPv6, or without what it must have. */
  malformed: number
  /** For another server, of a host that is not on the link, or about addresses where there are none. */
  ignored: number
  /** More than `rate` a second. */
  limited: number
  /** There was no address left. */
  exhausted: number
}

/** An address that a client has. */
export interface Dhcp6Binding {
  readonly address: string
  /** The octets of its identifier: "00:03:00:01:02:00:00:00:00:01". */
  readonly client: string
  /** Which of its interfaces. */
  readonly iaid: number
  /** What the client calls itself; ''. */
  readonly hostName: string
  /** Milliseconds of the provider's clock; Infinity: for ever. */
  readonly until: number
}

/**
 * Tells hosts what there is to be known on their link, and gives them addresses if it has any: the server of DHCPv6. Leases are kept in
 * memory. That there is a server, a router says with its flags M and O: see `NetworkInterface.advertise`.
 *
 * ```ts
 * const server = Dhcp6Server.open(stack, 'eth0', {
 *   identifier: '02:00:00:00:00:01',
 *   address: '2001:db8:1::1/64',
 *   pool: '2001:db8:1::100-2001:db8:1::1ff',
 * })
 * const over = server.run()
 * // …
 * await server.close()
 * await over
 * ```
 */
export class Dhcp6Server {
  readonly counters: Dhcp6ServerCounters = {
    solicits: 0,
    requests: 0,
    confirms: 0,
    renews: 0,
    rebinds: 0,
    declines: 0,
    releases: 0,
    informationRequests: 0,
    advertises: 0,
    replies: 0,
    malformed: 0,
    ignored: 0,
    limited: 0,
    exhausted: 0,
  }
  readonly #socket: Socket
  readonly #scope: Dhcp6Scope
  readonly #bindings: Dhcp6Bindings
  readonly #identifier: Uint8Array<ArrayBuffer>
  readonly #preference: number
  readonly #rapidCommit: boolean
  readonly #bucket: TokenBucket
  #closed = false

  /**
   * `socket` is bound to port 547 of one interface, and a member of the group ff02::1:2 there: `open` makes such. TypeError and RangeError
   * name the option.
   */
  constructor(socket: Socket, options: Dhcp6ServerOptions) {
    const keys = [...SCOPE6_KEYS, 'identifier', 'preference', 'rapidCommit', 'authoritative', 'rate']
    checkOptions('options', options, keys)
    const { preference = 0, rapidCommit = true, authoritative = true, rate = RATE } = options
    checkInteger('options.preference', preference, 0, 255)
    checkBoolean('options.rapidCommit', rapidCommit)
    checkBoolean('options.authoritative', authoritative)
    checkInteger('options.rate', rate, 1)
    this.#identifier = readDuid('options.identifier', options.identifier)
    this.#scope = new Dhcp6Scope(options)
    this.#bindings = new Dhcp6Bindings(this.#scope, this.counters, authoritative)
    this.#socket = socket
    this.#preference = preference
    this.#rapidCommit = rapidCommit
    this.#bucket = new TokenBucket(rate, rate, this.#now())
  }

  /** A server on an interface of a provider, which may be the operating system (then it takes the right to bind port 547). */
  static open(provider: Provider, interfaceName: string, options: Dhcp6ServerOptions): Dhcp6Server {
    const socket = new Socket(provider, AF_INET6, SOCK_DGRAM)
    try {
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, interfaceName)
      const ifindex = provider.interfaceIndex?.(interfaceName) ?? 0
      socket.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, { group: DHCP6_GROUP, ifindex })
      socket.bind({ address: '::', port: DHCP6_SERVER_PORT })
      return new Dhcp6Server(socket, options)
    } catch (error) {
      void socket.close()
      throw error
    }
  }

  /** The addresses that clients have now. */
  get leases(): Dhcp6Binding[] {
    return this.#bindings.list(this.#now())
  }

  /** Serves until `close`. Rejects only if the socket itself fails. */
  async run(): Promise<void> {
    const room = new Uint8Array(LONGEST_MESSAGE)
    const serveOne = async () => {
      const { length, address } = await this.#socket.recvfrom(room, MSG_TRUNC)
      if (length > room.length) this.counters.malformed++
      else if (address instanceof SocketAddress) this.#serve(readDhcp6(room, 0, length), address)
    }
    await serveDatagrams(serveOne, () => this.#closed)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#socket.close()
  }

  #serve(message: Dhcp6Message | string, from: SocketAddress): void {
    if (typeof message === 'string') {
      this.counters.malformed++
      return
    }
    // Section 17.1: a host of this link writes from its link-local address, another by a relay, and there are none here.
    if (!from.ip.isLinkLocal) {
      this.counters.ignored++
      return
    }
    if (!this.#bucket.take(this.#now())) {
      this.counters.limited++
      return
    }
    const reply = this.#answer(message)
    if (reply === null) return
    if (reply.type === DHCP6_ADVERTISE) this.counters.advertises++
    else this.counters.replies++
    const to = new SocketAddress(AF_INET6, from.ip.copy(), DHCP6_CLIENT_PORT)
    to.scopeId = from.scopeId
    // What does not fit into the socket's buffer now is lost, as a datagram may be: the client asks again.
    try {
      this.#socket.trySendto(writeDhcp6(reply), to)
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
    }
  }

  #answer(message: Dhcp6Message): Dhcp6Message | null {
    const { type, options } = message
    const client = OPTION.dhcp6Value(options, OPTION.DHCP6_CLIENTID)
    const named = OPTION.dhcp6Value(options, OPTION.DHCP6_SERVERID)
    if (client === null ? type !== DHCP6_INFORMATION_REQUEST : !isDuid(client)) return this.#malformed()
    const ours = named !== null && sameOctets(named, this.#identifier)
    switch (type) {
      case DHCP6_INFORMATION_REQUEST:
        this.counters.informationRequests++
        return this.#informed(message, client, named === null || ours)
      case DHCP6_SOLICIT:
      case DHCP6_CONFIRM:
      case DHCP6_REBIND:
        // Sections 16.2, 16.5 and 16.7.
        if (named !== null) return this.#malformed()
        break
      case DHCP6_REQUEST:
      case DHCP6_RENEW:
      case DHCP6_RELEASE:
      case DHCP6_DECLINE:
        // Sections 16.4, 16.6, 16.8 and 16.9.
        if (named === null) return this.#malformed()
        if (!ours) {
          if (type === DHCP6_REQUEST) this.#bindings.unoffer(client as Uint8Array, options, this.#now())
          return this.#ignored()
        }
        break
      default:
        return this.#malformed()
    }
    // Whom there are no addresses for asks for them elsewhere.
    if (this.#scope.link === null) return this.#ignored()
    return this.#about(message, client as Uint8Array<ArrayBuffer>)
  }

  /** What is about addresses. */
  #about(message: Dhcp6Message, client: Uint8Array<ArrayBuffer>): Dhcp6Message | null {
    const { type, options } = message
    const now = this.#now()
    const bindings = this.#bindings
    switch (type) {
      case DHCP6_SOLICIT: {
        this.counters.solicits++
        const rapid = this.#rapidCommit && OPTION.dhcp6Value(options, OPTION.DHCP6_RAPID_COMMIT) !== null
        const given = bindings.assign(client, options, rapid ? 'bound' : 'offered', now)
        const reply = this.#reply(message, client, rapid ? DHCP6_REPLY : DHCP6_ADVERTISE, given)
        if (rapid) reply.options.push({ code: OPTION.DHCP6_RAPID_COMMIT, value: new Uint8Array(0) })
        else if (this.#preference > 0) {
          reply.options.push({ code: OPTION.DHCP6_PREFERENCE, value: Uint8Array.of(this.#preference) })
        }
        return reply
      }
      case DHCP6_REQUEST:
        this.counters.requests++
        return this.#reply(message, client, DHCP6_REPLY, bindings.assign(client, options, 'bound', now))
      case DHCP6_RENEW:
        this.counters.renews++
        return this.#reply(message, client, DHCP6_REPLY, bindings.extend(client, options, now))
      case DHCP6_REBIND:
        this.counters.rebinds++
        return this.#reply(message, client, DHCP6_REPLY, bindings.extend(client, options, now))
      case DHCP6_CONFIRM:
        this.counters.confirms++
        return this.#confirmed(message, client)
      case DHCP6_RELEASE:
        this.counters.releases++
        return this.#done(message, client, bindings.release(client, options, now))
      default:
        this.counters.declines++
        return this.#done(message, client, bindings.decline(client, options, now))
    }
  }

  // Section 18.3.3: whether all addresses belong to the link; who names none gets no answer.
  #confirmed(message: Dhcp6Message, client: Uint8Array<ArrayBuffer>): Dhcp6Message | null {
    const { link } = this.#scope
    const addresses = message.options
      .filter(({ code }) => code === OPTION.DHCP6_IA_NA)
      .flatMap(({ value }) => associationOf(value)?.addresses ?? [])
    if (link === null || addresses.length === 0) return this.#ignored()
    const all = addresses.every(({ address }) => prefixMatches(address, link.address, link.length))
    return this.#done(message, client, [], all ? STATUS_SUCCESS : STATUS_NOT_ON_LINK)
  }

  // Section 18.3.6; and 16.12: who asks for addresses asks otherwise.
  #informed(message: Dhcp6Message, client: Uint8Array<ArrayBuffer> | null, ours: boolean): Dhcp6Message | null {
    if (!ours) return this.#ignored()
    const associations: readonly number[] = [OPTION.DHCP6_IA_NA, OPTION.DHCP6_IA_TA, OPTION.DHCP6_IA_PD]
    if (message.options.some(({ code }) => associations.includes(code))) return this.#malformed()
    return this.#reply(message, client, DHCP6_REPLY, [])
  }

  /** With what the client asks for besides; who asks for nothing in particular gets all. */
  #reply(
    message: Dhcp6Message,
    client: Uint8Array<ArrayBuffer> | null,
    type: number,
    associations: readonly OPTION.Dhcp6Option[],
  ): Dhcp6Message {
    const reply = this.#head(message, client, type, associations)
    const oro = OPTION.dhcp6Value(message.options, OPTION.DHCP6_ORO)
    const wanted = oro === null ? this.#scope.options.keys() : new Set(requestedOf(oro) ?? [])
    for (const code of wanted) {
      const value = this.#scope.options.get(code)
      if (value !== undefined) reply.options.push({ code, value })
    }
    return reply
  }

  #done(
    message: Dhcp6Message,
    client: Uint8Array<ArrayBuffer>,
    associations: readonly OPTION.Dhcp6Option[],
    status: number = STATUS_SUCCESS,
  ): Dhcp6Message {
    const reply = this.#head(message, client, DHCP6_REPLY, associations)
    reply.options.push({ code: OPTION.DHCP6_STATUS_CODE, value: statusOctets(status, '') })
    return reply
  }

  #head(
    { xid }: Dhcp6Message,
    client: Uint8Array<ArrayBuffer> | null,
    type: number,
    associations: readonly OPTION.Dhcp6Option[],
  ): Dhcp6Message {
    const reply = new Dhcp6Message()
    reply.type = type
    reply.xid = xid
    if (client !== null) reply.options.push({ code: OPTION.DHCP6_CLIENTID, value: client })
    reply.options.push({ code: OPTION.DHCP6_SERVERID, value: this.#identifier }, ...associations)
    return reply
  }

  #malformed(): null {
    this.counters.malformed++
    return null
  }

  #ignored(): null {
    this.counters.ignored++
    return null
  }

  #now(): number {
    return this.#socket.provider.clock.now()
  }
}
