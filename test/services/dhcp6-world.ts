import { AF_INET6, IPPROTO_IPV6, IPV6_JOIN_GROUP, SOCK_DGRAM } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Dhcp6Client } from '../../src/services/dhcp/dhcp6-client.ts'
import type { Dhcp6ClientOptions } from '../../src/services/dhcp/dhcp6-client-options.ts'
import { Dhcp6Server, type Dhcp6ServerOptions } from '../../src/services/dhcp/dhcp6-server.ts'
import { hardwareDuid } from '../../src/services/dhcp/duid.ts'
import { Socket } from '../../src/socket/socket.ts'
import { InterfaceConfiguration } from '../../src/stack/link/interface-configuration.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import {
  DHCP6_ADVERTISE,
  DHCP6_GROUP,
  DHCP6_REPLY,
  DHCP6_SOLICIT,
  Dhcp6Message,
  readDhcp6,
  writeDhcp6,
} from '../../src/wire/dhcp6.ts'
import * as OPTION from '../../src/wire/dhcp6-options.ts'
import { associationOctets, associationOf, STATUS_SUCCESS } from '../../src/wire/dhcp6-values.ts'
import { settle } from '../berkeley/drive.ts'
import { AskedLink } from './asked-link.ts'

export const LINK = '2001:db8:1::1/64'
export const POOL = '2001:db8:1::100-2001:db8:1::109'
export const SERVER_DUID = hardwareDuid(Uint8Array.of(2, 0, 0, 0, 0, 1))
export const CLIENT_DUID = hardwareDuid(Uint8Array.of(2, 0, 0, 0, 0, 9))
export const IAID = 7

export function ip(text: string): IpAddress {
  return IpAddress.parse(text) as IpAddress
}

export type Option = readonly [code: number, value: Uint8Array<ArrayBuffer>]

export function optionsOf(list: readonly Option[]): OPTION.Dhcp6Option[] {
  return list.map(([code, value]) => ({ code, value }))
}

/** An IA_NA with these addresses, each with its lifetimes. */
export function ia(
  addresses: readonly (readonly [address: string, preferred: number, valid: number])[],
  { iaid = IAID, t1 = 0, t2 = 0, status = STATUS_SUCCESS } = {},
): Option {
  const list = addresses.map(([text, preferred, valid]) => ({ address: ip(text), preferred, valid }))
  return [OPTION.DHCP6_IA_NA, associationOctets({ iaid, t1, t2, addresses: list, status })]
}

/** Addresses of a message's associations, each as text with its lifetimes, and the statuses of those. */
export function told(message: Dhcp6Message | null): string[] {
  return (message?.options ?? [])
    .filter(({ code }) => code === OPTION.DHCP6_IA_NA)
    .flatMap(({ value }) => {
      const found = associationOf(value)
      if (found === null) return ['none']
      const status = found.status === STATUS_SUCCESS ? [] : [`status ${found.status}`]
      return [...found.addresses.map(({ address, preferred, valid }) => `${address} ${preferred} ${valid}`), ...status]
    })
}

/** What a client said, when. */
export interface Said {
  readonly at: number
  readonly message: Dhcp6Message
}

/** The answers to a message; octets go as they are. */
export type Behaviour = (said: Said) => readonly (Dhcp6Message | Uint8Array<ArrayBuffer>)[]

/** What an honest server answers: an address for half an hour. */
export function answer({ message }: Said, more: readonly Option[] = [], without: readonly number[] = []): Dhcp6Message {
  const reply = new Dhcp6Message()
  reply.type = message.type === DHCP6_SOLICIT ? DHCP6_ADVERTISE : DHCP6_REPLY
  reply.xid = message.xid
  const asked = OPTION.dhcp6Value(message.options, OPTION.DHCP6_CLIENTID) as Uint8Array<ArrayBuffer>
  const all: Option[] = [[OPTION.DHCP6_CLIENTID, asked], [OPTION.DHCP6_SERVERID, SERVER_DUID], ...more]
  const own = all.some(([code]) => code === OPTION.DHCP6_IA_NA)
  const wanted = message.options.some(({ code }) => code === OPTION.DHCP6_IA_NA)
  if (!own && wanted) all.push(ia([['2001:db8:1::50', 1000, 2000]]))
  reply.options = optionsOf(all.filter(([code]) => !without.includes(code)))
  return reply
}

export const honest: Behaviour = (said) => [answer(said)]

/** A host without an address but its link-local one, and a link of hosts that answer as they are told. */
export class Dhcp6World extends AskedLink<Said> {
  readonly link: NetworkInterface

  /** `detecting`: addresses are asked for before they are used. */
  constructor(detecting = false) {
    const options = { name: 'eth0', ipv6: 'static', duplicateAddressDetection: detecting } as const
    super()
    this.link = this.stack.attach(this.port(), options)
  }

  /** Our server, on a host of its own. */
  server(options: Partial<Dhcp6ServerOptions> = {}): Dhcp6Server {
    const all = { identifier: SERVER_DUID, address: LINK, pool: POOL, ...options }
    const server = Dhcp6Server.open(this.host({ address: LINK, duplicateAddressDetection: false }), 'eth0', all)
    void server.run()
    return server
  }

  /** A host of its own that behaves so at port 547. */
  serve(behaviour: Behaviour, address = '2001:db8:1::2/64'): void {
    const socket = new Socket(this.host({ address, duplicateAddressDetection: false }), AF_INET6, SOCK_DGRAM)
    socket.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, { group: DHCP6_GROUP, ifindex: 2 })
    socket.bind({ address: '::', port: 547 })
    void this.#serve(socket, behaviour)
  }

  async #serve(socket: Socket, behaviour: Behaviour): Promise<void> {
    for await (const { data, address } of socket.datagrams()) {
      const message = readDhcp6(data, 0, data.length)
      if (typeof message === 'string') throw new Error(message)
      const said = { at: this.clock.now(), message }
      this.said.push(said)
      for (const reply of behaviour(said)) {
        socket.trySendto(reply instanceof Uint8Array ? reply : writeDhcp6(reply), address as SocketAddress)
      }
    }
  }

  client(options: Partial<Dhcp6ClientOptions> = {}): Dhcp6Client {
    const configured = new InterfaceConfiguration(this.link)
    return new Dhcp6Client(this.stack, configured, { random: new SeededRandom(5), iaid: IAID, ...options })
  }

  get addresses(): string[] {
    return this.link.addresses
      .filter(({ address }) => !address.isLinkLocal)
      .map(({ address, prefixLength, deprecated }) => `${address}/${prefixLength}${deprecated ? ' deprecated' : ''}`)
  }
}

/** The tester's own socket, on a host of the server's link. */
export class Dhcp6Asker {
  readonly world = new Dhcp6World()
  readonly server: Dhcp6Server
  readonly heard: Dhcp6Message[] = []
  readonly #socket: Socket

  constructor(options: Partial<Dhcp6ServerOptions> = {}) {
    this.server = this.world.server(options)
    this.#socket = new Socket(this.world.stack, AF_INET6, SOCK_DGRAM)
    this.#socket.bind({ address: '::', port: 546 })
    void this.#hear()
  }

  async #hear(): Promise<void> {
    for await (const { data } of this.#socket.datagrams()) {
      const message = readDhcp6(data, 0, data.length)
      if (typeof message === 'string') throw new Error(message)
      this.heard.push(message)
    }
  }

  async send(bytes: Uint8Array, to = `${DHCP6_GROUP}%2`): Promise<void> {
    await settle(this.world.clock)
    this.#socket.trySendto(bytes, SocketAddress.internet(to, 547))
    await this.world.pass(1)
  }

  /** Sends a message with the client's identifier, and the server's for those that need it; gives what is heard of it, null for nothing. */
  async ask(type: number, options: readonly Option[] = [], client: Uint8Array<ArrayBuffer> = CLIENT_DUID) {
    const before = this.heard.length
    const message = new Dhcp6Message()
    message.type = type
    message.xid = 77
    message.options = optionsOf([[OPTION.DHCP6_CLIENTID, client], ...options])
    await this.send(writeDhcp6(message))
    if (this.heard.length > before + 1) throw new Error(`${this.heard.length - before} answers`)
    return this.heard[before] ?? null
  }
}
