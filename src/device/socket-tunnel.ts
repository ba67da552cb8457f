// Packets of IP inside datagrams of UDP, as the payload and nothing else: no key, no sequence numbers, no integrity beyond the
// checksums.

import { checkInteger, checkMethods, checkOptions, checkText } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { AF_INET6, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, SOCK_DGRAM } from '../base/constants.ts'
import { EBADF, EMSGSIZE } from '../base/errno.ts'
import type { Watcher } from '../socket/provider.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { type Device, type FrameReceiver, NO_FEATURES, Offload } from './device.ts'
import { FrameQueue } from './frame-queue.ts'
import { LinkCounters } from './link-direction.ts'

export interface SocketTunnelOptions {
  /** Default: "tunnel" and a running number. */
  readonly name?: string
  /**
   * The largest packet, from 68 to 65507 octets. Default: what is left of 1500 octets behind the headers around it, 1472 over IPv4
   * and 1452 over IPv6.
   */
  readonly mtu?: number
  /** Octets that wait for the socket before a packet is refused. Default 1 MiB. */
  readonly queue?: number
}

const KEYS: readonly (keyof SocketTunnelOptions)[] = ['name', 'mtu', 'queue']

const LONGEST = 65507
const UDP_HEADER = 8
const PER_TURN = 64

/** Why packets did not get through a SocketTunnel. */
export class SocketTunnelCounters extends LinkCounters {
  /** The socket would not send it: no route, nobody at the other end. */
  failed = 0
  /** The path takes no datagram of that length: EMSGSIZE. */
  pathTooNarrow = 0
  /** The way to the other end leads through the tunnel itself. */
  looped = 0
}

let unnamed = 0

/**
 * A line to another stack over a datagram socket: every packet is the payload of a datagram to the socket's peer, and every datagram
 * from there a packet. What datagrams lose is lost.
 *
 * ```ts
 * const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
 * socket.bind({ address: '', port: 4444 })
 * await socket.connect({ address: '192.0.2.1', port: 4444 })
 * stack.attach(new SocketTunnel(socket), { address: '10.0.0.1/30' })
 * ```
 */
export class SocketTunnel implements Device, Watcher {
  readonly name: string
  readonly medium = 'ip'
  readonly mtu: number
  readonly hardwareAddress = null
  readonly headroom = 0
  readonly features = NO_FEATURES
  readonly sent: SocketTunnelCounters = new SocketTunnelCounters()
  readonly received: LinkCounters = new LinkCounters()
  readonly #socket: Socket
  readonly #queue: FrameQueue
  readonly #offload = new Offload()
  readonly #buffer: Uint8Array
  readonly #turn = () => this.#serve()
  #receiver: FrameReceiver | null = null
  #clock: Clock | null = null
  #scheduled = false
  #refused = false
  /** The socket has no room: it tells when it has. */
  #stalled = false
  #sending = false
  #closed = false

  /** `socket`: a connected datagram socket of any provider; from then on it is the tunnel's. TypeError and RangeError for what cannot be. */
  constructor(socket: Socket, options: SocketTunnelOptions = {}) {
    checkMethods('socket', socket, 'a connected datagram Socket', 'tryRecv', 'trySend', 'addWatcher')
    if (socket.type !== SOCK_DGRAM)
      throw new RangeError(`socket must be of type SOCK_DGRAM, got one of type ${socket.type}`)
    checkOptions('options', options, KEYS)
    const { mtu = 1500 - UDP_HEADER - (socket.family === AF_INET6 ? 40 : 20), queue = 1 << 20 } = options
    checkText('options.name', options.name)
    checkInteger('options.mtu', mtu, IPV4_MTU_MIN, LONGEST)
    checkInteger('options.queue', queue, 1)
    this.name = options.name ?? `tunnel${++unnamed}`
    this.mtu = mtu
    this.#socket = socket
    this.#queue = new FrameQueue(queue, 0)
    // One octet more than a packet may have, by which longer ones are known.
    this.#buffer = new Uint8Array(mtu + 1)
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    const { sent } = this
    if (this.#closed || this.#clock === null) {
      sent.unattached++
    } else if (this.#sending) {
      sent.looped++
    } else if (end - start > this.mtu || end <= start) {
      sent.badLength++
    } else if (this.#queue.push(bytes, start, end, 0, offload, 0) < 0) {
      // Queued, not sent: the socket may be one of the very stack that lends the packet, and would build its datagram over it.
      sent.refused++
      this.#refused = true
      return false
    } else {
      this.#schedule()
    }
    return true
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    if (this.#receiver !== null) throw new RangeError(`device ${this.name} is attached already`)
    this.#receiver = receiver
    this.#clock = clock
    this.#socket.addWatcher(this)
    this.#schedule()
  }

  /** Closes the socket too. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiver = null
    this.#queue.clear()
    this.#socket.removeWatcher(this)
    void this.#socket.close()
  }

  /** For the socket. Its provider is in the middle of its work: what this leads to comes after that. */
  ready(events: number): void {
    if ((events & (POLLOUT | POLLERR | POLLHUP)) !== 0) this.#stalled = false
    if ((events & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) !== 0 || this.#queue.length > 0) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    this.#clock?.defer(this.#turn)
  }

  #serve(): void {
    this.#scheduled = false
    this.#send()
    const more = this.#receive()
    if (more || (this.#queue.length > 0 && !this.#stalled)) this.#schedule()
  }

  #send(): void {
    const queue = this.#queue
    const { sent } = this
    for (let i = 0; i < PER_TURN && queue.length > 0 && !this.#stalled; i++) {
      const size = queue.headEnd - queue.headStart
      this.#sending = true
      const result = this.#trySend()
      this.#sending = false
      if (result === 0) {
        this.#stalled = true
        break
      }
      if (result > 0) {
        sent.frames++
        sent.octets += size
      } else if (result === -EMSGSIZE) {
        sent.pathTooNarrow++
      } else {
        sent.failed++
      }
      queue.drop()
    }
    if (this.#refused && queue.hasRoom) {
      this.#refused = false
      this.#receiver?.writable()
    }
  }

  /** 1: it was sent; 0: there is no room; else a negated errno. */
  #trySend(): number {
    const queue = this.#queue
    try {
      return this.#socket.trySend(queue.bytes.subarray(queue.headStart, queue.headEnd)) < 0 ? 0 : 1
    } catch (error) {
      return error instanceof SocketError ? -Math.abs(error.errno) : -EBADF
    }
  }

  /** Whether there may be more. */
  #receive(): boolean {
    const { received } = this
    const buffer = this.#buffer
    let any = false
    let more = true
    for (let i = 0; i < PER_TURN && more && !this.#closed; i++) {
      const count = this.#tryRecv()
      if (count < 0) more = false
      else if (count === 0 || count > this.mtu) received.badLength++
      else {
        received.frames++
        received.octets += count
        this.#offload.clear()
        any = true
        this.#receiver?.receive(buffer, 0, count, this.#offload)
      }
    }
    if (any) this.#receiver?.flush()
    return more && !this.#closed
  }

  /** The length of a datagram; −1: there is none. What ICMP reported of an earlier one is read past. */
  #tryRecv(): number {
    for (let errors = 0; errors < PER_TURN; errors++) {
      try {
        return this.#socket.tryRecv(this.#buffer)
      } catch {
        if (this.#socket.closed || (this.#socket.readiness & POLLNVAL) !== 0) return -1
      }
    }
    return -1
  }
}
