import { AF_INET, SO_BROADCAST, SOCK_DGRAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { DhcpClient, type DhcpClientOptions } from '../../src/services/dhcp/dhcp-client.ts'
import { Socket } from '../../src/socket/socket.ts'
import { InterfaceConfiguration } from '../../src/stack/link/interface-configuration.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import type { Stack } from '../../src/stack/stack.ts'
import {
  BOOTREPLY,
  DHCPACK,
  DHCPDISCOVER,
  DHCPOFFER,
  DHCPREQUEST,
  DhcpMessage,
  readDhcp,
  writeDhcp,
} from '../../src/wire/dhcp.ts'
import * as OPTION from '../../src/wire/dhcp-options.ts'
import { addressOctets, uint32Octets } from '../../src/wire/dhcp-values.ts'
import { AskedLink } from './asked-link.ts'
import { bits } from './dhcp-world.ts'

type Options = [number, Uint8Array<ArrayBuffer>][]

/** What a client said, when, and to whom. */
export interface Said {
  readonly at: number
  readonly message: DhcpMessage
  readonly to: string
}

/** The answers to a message; octets go as they are. */
export type Behaviour = (said: Said) => readonly (DhcpMessage | Uint8Array<ArrayBuffer>)[]

/** What an honest server with one address answers. */
export function answer(
  said: Said,
  address = '10.0.0.50',
  more: Options = [],
  fields: Partial<DhcpMessage> = {},
): DhcpMessage {
  const { message } = said
  const reply = Object.assign(new DhcpMessage(), {
    op: BOOTREPLY,
    type: message.type === DHCPDISCOVER ? DHCPOFFER : DHCPACK,
    xid: message.xid,
    chaddr: message.chaddr,
    yiaddr: bits(address),
    ...fields,
  })
  reply.options = new Map([
    [OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.1'))],
    [OPTION.DHCP_LEASE_TIME, uint32Octets(1000)],
    [OPTION.DHCP_SUBNET_MASK, addressOctets(bits('255.255.255.0'))],
    ...more,
  ] as Options)
  return reply
}

export const honest: Behaviour = (said) =>
  said.message.type === DHCPDISCOVER || said.message.type === DHCPREQUEST ? [answer(said)] : []

/** A host without an address, and a link of hosts that answer as they are told. */
export class ClientWorld extends AskedLink<Said> {
  readonly link: NetworkInterface

  constructor() {
    super()
    this.link = this.stack.attach(this.port(), { name: 'eth0' })
  }

  /** A host of its own with this address, that behaves so at port 67. */
  serve(behaviour: Behaviour, address = '10.0.0.1'): Stack {
    const host = this.host({ address: `${address}/24` })
    const socket = new Socket(host, AF_INET, SOCK_DGRAM)
    socket.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
    socket.bind({ address: '', port: 67 })
    void this.#serve(socket, behaviour)
    return host
  }

  async #serve(socket: Socket, behaviour: Behaviour): Promise<void> {
    for await (const { data, address } of socket.datagrams()) {
      const message = readDhcp(data, 0, data.length)
      if (typeof message === 'string') throw new Error(message)
      const said = { at: this.clock.now(), message, to: `${address}` }
      this.said.push(said)
      for (const reply of behaviour(said)) {
        const bytes = reply instanceof Uint8Array ? reply : writeDhcp(reply, 1472)
        const to = message.ciaddr === 0 ? '255.255.255.255' : (address as SocketAddress).ip.toString()
        socket.trySendto(bytes, SocketAddress.internet(to, 68))
      }
    }
  }

  client(options: Partial<DhcpClientOptions> = {}): DhcpClient {
    const configured = new InterfaceConfiguration(this.link)
    return new DhcpClient(this.stack, configured, { random: new SeededRandom(5), conflictDetection: false, ...options })
  }

  get addresses(): string[] {
    return this.link.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength - 96}`)
  }

  get routes(): string[] {
    return this.stack.routes.entries
      .filter(({ interface: link, prefix }) => link === this.link && prefix.isV4)
      .map(({ prefix, length, gateway }) => `${prefix}/${length - 96}${gateway === null ? '' : ` via ${gateway}`}`)
  }
}
