import { AF_INET, SO_BROADCAST, SOCK_DGRAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import { DhcpServer, type DhcpServerOptions } from '../../src/services/dhcp/dhcp-server.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { DhcpMessage, readDhcp, writeDhcp } from '../../src/wire/dhcp.ts'
import { pass, settle } from '../berkeley/drive.ts'

export const POOL = '10.0.0.100-10.0.0.109'

export function bits(text: string): number {
  return (IpAddress.parse(text) as IpAddress).d
}

export function text(address: number): string {
  return IpAddress.v4(address).toString()
}

export function hardware(last: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(2, 0, 0, 0, 0, last)
}

/** What came, and from where it was sent to where. */
export interface Heard {
  readonly message: DhcpMessage
  readonly from: string
}

/** A host that serves, 10.0.0.1 on eth0, and one without an address at the other end of the cable, on which the test speaks. */
export class DhcpWorld {
  readonly clock = new ManualClock(1000)
  readonly cable = new Cable()
  readonly host: Stack
  readonly client: Stack
  readonly server: DhcpServer
  readonly running: Promise<void>
  readonly heard: Heard[] = []
  readonly #socket: Socket

  constructor(options: Partial<DhcpServerOptions> = {}, port = 68, address: string | null = null) {
    this.host = new Stack({ clock: this.clock, random: new SeededRandom(1) })
    this.client = new Stack({ clock: this.clock, random: new SeededRandom(2) })
    this.host.attach(this.cable.left, { address: '10.0.0.1/24', name: 'eth0' })
    this.client.attach(this.cable.right, { name: 'eth0', ...(address === null ? {} : { address }) })
    this.server = DhcpServer.open(this.host, 'eth0', { address: '10.0.0.1/24', pool: POOL, ...options })
    this.running = this.server.run()
    this.#socket = new Socket(this.client, AF_INET, SOCK_DGRAM)
    this.#socket.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
    this.#socket.bind({ address: '', port })
    void this.#hear()
  }

  async #hear(): Promise<void> {
    for await (const { data, address } of this.#socket.datagrams()) {
      const message = readDhcp(data, 0, data.length)
      if (typeof message === 'string') throw new Error(message)
      this.heard.push({ message, from: `${address}` })
    }
  }

  /** Broadcasts octets to the server, or sends them to its address. */
  async send(bytes: Uint8Array, to = '255.255.255.255'): Promise<void> {
    await settle(this.clock)
    this.#socket.trySendto(bytes, SocketAddress.internet(to, 67))
    await pass(this.clock, 1)
  }

  /** Sends a message, and gives what is heard of it; null for nothing. */
  async ask(
    type: number,
    fields: Partial<DhcpMessage> = {},
    options: readonly (readonly [number, Uint8Array<ArrayBuffer>])[] = [],
    to?: string,
  ): Promise<DhcpMessage | null> {
    const before = this.heard.length
    const message = Object.assign(new DhcpMessage(), { type, xid: 77, chaddr: hardware(1) }, fields)
    message.options = new Map(options)
    await this.send(writeDhcp(message), to)
    if (this.heard.length > before + 1) throw new Error(`${this.heard.length - before} answers`)
    return this.heard[before]?.message ?? null
  }

  async close(): Promise<void> {
    await this.server.close()
    await settle(this.clock)
    await this.running
  }
}
