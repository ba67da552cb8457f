// What programs on the fuzzed stack do meanwhile.

import {
  AF_INET,
  AF_INET6,
  IP_RECVERR,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  MSG_ERRQUEUE,
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  TCP_CORK,
  TCP_MAXSEG,
  TCP_NODELAY,
} from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { neighbourOf } from './hosts.ts'
import { UDP_PORTS } from './network-frames.ts'
import { LISTENING } from './tcp-frames.ts'

/** Connections that the programs keep; the oldest is closed for a new one. */
const STREAMS = 24
const scratch = new Uint8Array(70_000)

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

/** Listeners, datagram and raw sockets, and the connections that come of them. */
export class Programs {
  readonly #stack: Stack
  readonly #listeners: Endpoint[] = []
  readonly #datagrams: Endpoint[] = []
  readonly #streams: Endpoint[] = []

  constructor(stack: Stack) {
    this.#stack = stack
    for (const port of LISTENING) {
      const listener = this.#open(AF_INET6, SOCK_STREAM, 0)
      listener.bind(SocketAddress.internet('::', port))
      listener.listen(port === 80 ? 16 : 2)
      this.#listeners.push(listener)
    }
    for (const port of UDP_PORTS) {
      const socket = this.#open(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)
      socket.bind(SocketAddress.internet('::', port))
      this.#datagrams.push(socket)
    }
    const told = this.#open(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
    told.setOption(IPPROTO_IP, IP_RECVERR, int(1))
    told.connect(SocketAddress.internet('192.0.2.3', 9))
    told.send(scratch, 0, 30, 0)
    this.#datagrams.push(told)
    this.#datagrams.push(this.#open(AF_INET, SOCK_RAW, IPPROTO_ICMP), this.#open(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6))
    this.#datagrams.push(this.#open(AF_INET, SOCK_RAW, IPPROTO_TCP), this.#open(AF_INET, SOCK_DGRAM, IPPROTO_ICMP))
  }

  #open(family: number, type: number, protocol: number): Endpoint {
    const endpoint = this.#stack.socket(family, type, protocol)
    if (typeof endpoint === 'number') throw new Error(`socket(${family}, ${type}, ${protocol}) is ${endpoint}`)
    return endpoint
  }

  /** How many sockets are open here. */
  get count(): number {
    return this.#listeners.length + this.#datagrams.length + this.#streams.length
  }

  /** Takes what has come, and closes what there are too many of. */
  serve(): void {
    for (const listener of this.#listeners) {
      for (;;) {
        const accepted = listener.accept(null)
        if (typeof accepted === 'number') break
        this.#streams.push(accepted)
      }
    }
    while (this.#streams.length > STREAMS) this.#streams.shift()?.close()
  }

  /** One call of one of them, as the numbers say. */
  call(what: number, which: number, size: number): void {
    if (what === 0) this.serve()
    else if (what === 1) this.#connect(which, size)
    else if (what <= 3) this.#datagram(what, which, size)
    else if (this.#streams.length > 0) this.#stream(what, which, size)
  }

  #stream(what: number, which: number, size: number): void {
    const { length } = this.#streams
    const stream = this.#streams[which % length] as Endpoint
    switch (what) {
      case 4:
      case 5:
        stream.send(scratch, 0, size % 20_000, [0, MSG_OOB, MSG_MORE][size % 3] as number)
        break
      case 6:
      case 7:
        stream.recv(scratch, 0, 1 + (size % 30_000), [0, 0, 0, MSG_OOB, MSG_PEEK][size % 5] as number)
        break
      case 8:
        if (size % 10 === 0) stream.shutdown(size % 20 === 0 ? SHUT_RDWR : SHUT_WR)
        break
      case 9:
        if (size % 10 === 0) this.#streams.splice(which % length, 1)[0]?.close()
        break
      default:
        this.#set(stream, size)
    }
  }

  #connect(which: number, size: number): void {
    const version = which % 2 === 0 ? 4 : 6
    const stream = this.#open(version === 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0)
    const to = SocketAddress.internet(neighbourOf(version, which % 6).toString(), 1024 + (size % 3))
    // Some say what they have to say with the SYN, where Fast Open is spoken.
    if (size % 4 === 0) stream.sendmsg(new Message([scratch.subarray(0, size % 2000)], to), MSG_FASTOPEN)
    else stream.connect(to)
    this.#streams.push(stream)
    this.serve()
  }

  #datagram(what: number, which: number, size: number): void {
    const socket = this.#datagrams[which % this.#datagrams.length] as Endpoint
    if (what === 2) socket.recv(scratch, 0, 1 + (size % 4000), size % 7 === 0 ? MSG_ERRQUEUE : 0)
    else socket.send(scratch, 0, size % 3000, 0)
  }

  #set(stream: Endpoint, size: number): void {
    const values = [0, 1, 88, 500, 1400]
    const value = int(values[size % values.length] as number)
    stream.setOption(IPPROTO_TCP, [TCP_NODELAY, TCP_CORK, TCP_MAXSEG][size % 3] as number, value)
  }

  close(): void {
    for (const endpoint of [...this.#listeners, ...this.#streams, ...this.#datagrams]) endpoint.close()
  }
}
