import {
  AF_INET,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPPROTO_IP,
  MCAST_JOIN_GROUP,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { SocketAddress } from '../../src/base/socket-address.ts'
import { Impair } from '../../src/device/impair.ts'
import { Switch } from '../../src/device/switch.ts'
import { CLASS_IN, type ResourceRecord } from '../../src/services/names/message.ts'
import {
  decodeMulticast,
  encodeMulticast,
  type MulticastMessage,
  type MulticastRecord,
} from '../../src/services/names/multicast/multicast-message.ts'
import { MulticastNames, type MulticastNamesOptions } from '../../src/services/names/multicast/multicast-names.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { turns } from '../berkeley/drive.ts'

const GROUP = { address: '224.0.0.251', port: 5353 }
const TURNS = 60

/** A message that came over the link: when, and from where. */
export interface Heard extends MulticastMessage {
  readonly at: number
  readonly from: SocketAddress
}

/** Somebody on the link who says what he is told to, and hears all that the group does. */
export class Neighbour {
  readonly heard: Heard[] = []
  readonly socket: Socket
  readonly #clock: ManualClock

  constructor(stack: Stack, clock: ManualClock, port = 5353) {
    this.#clock = clock
    this.socket = new Socket(stack, AF_INET, SOCK_DGRAM)
    this.socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    this.socket.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 255)
    this.socket.setsockopt(IPPROTO_IP, IP_TTL, 255)
    this.socket.setsockopt(IPPROTO_IP, IP_MULTICAST_LOOP, false)
    this.socket.bind({ address: '', port })
    if (port === 5353) this.socket.setsockopt(IPPROTO_IP, MCAST_JOIN_GROUP, { group: GROUP.address, ifindex: 2 })
    this.#listen().catch((error: { code?: string }) => {
      if (error.code !== 'EBADF') throw error
    })
  }

  async #listen(): Promise<void> {
    for await (const { data, address } of this.socket.datagrams()) {
      const message = decodeMulticast(data)
      if (message !== null) this.heard.push({ ...message, at: this.#clock.now(), from: address as SocketAddress })
    }
  }

  say(message: Partial<MulticastMessage> | Uint8Array, to: { address: string; port: number } = GROUP): void {
    this.socket.trySendto(message instanceof Uint8Array ? message : encodeMulticast(message), to)
  }

  /** Asks a question that all may answer. */
  ask(name: string, type: string, more: Partial<MulticastMessage> = {}, unicast = false): void {
    this.say({ questions: [{ name, type, unicast }], ...more })
  }

  get responses(): Heard[] {
    return this.heard.filter(({ response }) => response)
  }

  get queries(): Heard[] {
    return this.heard.filter(({ response }) => !response)
  }
}

export function address(name: string, text: string, ttl = 120, flush = true): MulticastRecord {
  const data = IpAddress.parse(text) as IpAddress
  return { record: { kind: 'address', name, type: data.isV4 ? 'A' : 'AAAA', class: CLASS_IN, ttl, data }, flush }
}

export function pointer(name: string, data: string, ttl = 4500): MulticastRecord {
  return { record: { kind: 'name', name, type: 'PTR', class: CLASS_IN, ttl, data }, flush: false }
}

export const words = (records: readonly MulticastRecord[]): string[] =>
  records.map(({ record, flush }) => `${record.name} ${record.type}${flush ? ' flush' : ''}`)

export const data = (records: readonly ResourceRecord[]): string[] => records.map((record) => String(record.data))

/** Hosts on one switch: 10.0.0.1, 10.0.0.2 … */
export class MulticastWorld {
  readonly clock = new ManualClock(1000)
  readonly lan = new Switch({ clock: this.clock })
  readonly names: MulticastNames[] = []
  readonly neighbours: Neighbour[] = []
  #stacks = 0
  readonly #loss: number

  constructor(loss = 0) {
    this.#loss = loss
  }

  stack(): Stack {
    const number = ++this.#stacks
    const stack = new Stack({ clock: this.clock, random: new SeededRandom(number) })
    const port = this.lan.port()
    const device = this.#loss === 0 ? port : new Impair(port, { in: { loss: this.#loss }, seed: number })
    stack.attach(device, { address: `10.0.0.${number}/24`, name: 'eth0' })
    return stack
  }

  host(host?: string, options: Partial<MulticastNamesOptions> = {}): MulticastNames {
    const stack = this.stack()
    const number = this.#stacks
    const names = new MulticastNames(stack, {
      ifindex: stack.interfaceNamed('eth0')?.index ?? 0,
      random: new SeededRandom(100 + number),
      families: [AF_INET],
      ...(host === undefined ? {} : { host, addresses: [`10.0.0.${number}`] }),
      ...options,
    })
    this.names.push(names)
    return names
  }

  neighbour(port?: number): Neighbour {
    const neighbour = new Neighbour(this.stack(), this.clock, port)
    this.neighbours.push(neighbour)
    return neighbour
  }

  async settle(): Promise<void> {
    do await turns(TURNS)
    while (this.clock.settle())
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds
    for (;;) {
      await this.settle()
      const next = this.clock.nextAt()
      if (next > end) break
      this.clock.advanceTo(next)
    }
    this.clock.advanceTo(end)
    await this.settle()
  }

  async drive<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const note = () => {
      over = true
    }
    promise.then(note, note)
    for (;;) {
      await this.settle()
      if (over) return promise
      const next = this.clock.nextAt()
      if (next === Number.POSITIVE_INFINITY) throw new Error('nothing is left to happen')
      this.clock.advanceTo(next)
    }
  }

  /** Closes all; nothing may be left that wakes up again. */
  async close(): Promise<void> {
    for (const names of this.names) await this.drive(names.close())
    for (const { socket } of this.neighbours) await socket.close()
    await this.settle()
  }
}
