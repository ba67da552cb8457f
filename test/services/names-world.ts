import { AF_INET, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { SocketAddress } from '../../src/base/socket-address.ts'
import {
  CLASS_IN,
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageParts,
  NXDOMAIN,
  type Question,
  type ResourceRecord,
} from '../../src/services/names/message.ts'
import { Names, type NamesOptions } from '../../src/services/names/names.ts'
import { Resolver, type ResolverOptions } from '../../src/services/names/resolver.ts'
import { frameMessage, readFramed } from '../../src/services/names/stream-channel.ts'
import { StreamServer } from '../../src/services/stream-server.ts'
import { Socket } from '../../src/socket/socket.ts'
import { pass, turns } from '../berkeley/drive.ts'
import { TwoStacks } from '../stack/two-stacks.ts'

/** The server's address; the client has 10.0.0.1. */
export const SERVER = '10.0.0.2'

const TURNS = 60

/** A query as the server sees it. */
export interface Asked extends Question {
  readonly message: Message
  readonly bytes: Uint8Array
  readonly transport: 'udp' | 'tcp'
  readonly client: SocketAddress
}

/** What the server does: parts of an answer, whole messages (one or several, well made or not), or nothing. */
export type Behaviour = (asked: Asked) => Omit<MessageParts, 'id'> | readonly Uint8Array[] | null

export function address(name: string, text: string, ttl = 300): ResourceRecord {
  const data = IpAddress.parse(text) as IpAddress
  return { kind: 'address', name, type: data.isV4 ? 'A' : 'AAAA', class: CLASS_IN, ttl, data }
}

export function alias(name: string, target: string, ttl = 300): ResourceRecord {
  return { kind: 'name', name, type: 'CNAME', class: CLASS_IN, ttl, data: target }
}

export function pointer(name: string, target: string, ttl = 300): ResourceRecord {
  return { kind: 'name', name, type: 'PTR', class: CLASS_IN, ttl, data: target }
}

export function soa(name: string, ttl: number, minimum: number): ResourceRecord {
  const data = { mname: `ns.${name}`, rname: `root.${name}`, serial: 1, refresh: 2, retry: 3, expire: 4, minimum }
  return { kind: 'soa', name, type: 'SOA', class: CLASS_IN, ttl, data }
}

/** A zone of records: answers with those of the name and type and the aliases on the way, and says what there is not. */
export function zone(...records: ResourceRecord[]): Behaviour {
  return ({ name, type }) => {
    const answers: ResourceRecord[] = []
    let target = name.toLowerCase()
    for (let i = 0; i < 20; i++) {
      const own = records.filter((record) => record.name === target)
      answers.push(...own.filter((record) => record.type === type))
      const link = own.find((record) => record.type === 'CNAME')
      if (link?.kind !== 'name' || type === 'CNAME') break
      answers.push(link)
      target = link.data
    }
    const known = records.some((record) => record.name === target)
    return { answers, ...(known ? {} : { rcode: NXDOMAIN }) }
  }
}

/** The answer to `asked` with these parts, as octets. */
export function reply(asked: Asked, parts: Omit<MessageParts, 'id'>): Uint8Array {
  const { id, question, recursionDesired } = asked.message
  return encodeMessage({ id, question, recursionDesired, recursionAvailable: true, response: true, ...parts })
}

/** Two hosts: a client, and a server of names that does as it is told. */
export class NamesWorld extends TwoStacks {
  readonly asked: Asked[] = []

  /** Serves port 53 of the right host, UDP and TCP, or another port. */
  serve(behaviour: Behaviour, port = 53): void {
    const datagrams = new Socket(this.right, AF_INET, SOCK_DGRAM)
    datagrams.bind({ address: '', port })
    void this.#serveDatagrams(datagrams, behaviour)
    const listener = new Socket(this.right, AF_INET, SOCK_STREAM)
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    listener.bind({ address: '', port })
    listener.listen()
    void new StreamServer(listener, (socket) => this.#serveStream(socket, behaviour)).run().catch(() => {})
  }

  async #serveDatagrams(socket: Socket, behaviour: Behaviour): Promise<void> {
    for await (const { data, address: client } of socket.datagrams()) {
      for (const answer of this.#answers(data, 'udp', client as SocketAddress, behaviour)) {
        await socket.sendto(answer, client as SocketAddress)
      }
    }
  }

  async #serveStream(socket: Socket, behaviour: Behaviour): Promise<void> {
    for (;;) {
      const bytes = await readFramed(socket)
      if (bytes === null) return
      for (const answer of this.#answers(bytes, 'tcp', socket.getpeername(), behaviour)) {
        await socket.send(frameMessage(answer))
      }
    }
  }

  #answers(
    bytes: Uint8Array,
    transport: Asked['transport'],
    client: SocketAddress,
    behaviour: Behaviour,
  ): readonly Uint8Array[] {
    const message = decodeMessage(bytes)
    const asked: Asked = { ...(message.question as Question), message, bytes, transport, client }
    this.asked.push(asked)
    const answer = behaviour(asked)
    if (answer === null) return []
    return Array.isArray(answer) ? answer : [reply(asked, answer as Omit<MessageParts, 'id'>)]
  }

  resolver(options: Partial<ResolverOptions> = {}): Resolver {
    return new Resolver(this.left, { servers: [SERVER], random: new SeededRandom(7), ...options })
  }

  names(options: NamesOptions = {}): Names {
    return new Names(this.left, { servers: [SERVER], random: new SeededRandom(7), ...options })
  }

  /** As `drive` of the Berkeley tests, for longer chains of promises: what is known already comes through many and no event. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const note = () => {
      over = true
    }
    promise.then(note, note)
    for (;;) {
      do await turns(TURNS)
      while (this.clock.settle())
      if (over) return promise
      const next = this.clock.nextAt()
      if (next === Number.POSITIVE_INFINITY) throw new Error('nothing is left to happen')
      this.clock.advanceTo(next)
    }
  }

  /** What `promise` is rejected with. */
  failure(promise: Promise<unknown>): Promise<unknown> {
    const told = promise.then(
      (value) => {
        throw new Error(`expected a rejection, got ${String(value)}`)
      },
      (reason: unknown) => ({ reason }),
    )
    return this.drive(told).then(({ reason }) => reason)
  }

  pass(milliseconds: number): Promise<void> {
    return pass(this.clock, milliseconds)
  }
}
