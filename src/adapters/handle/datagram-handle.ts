// Read first: uv_udp_t in libuv's manual, udp(7), ip(7). What node:dgram has underneath: a handle whose socket is made by the first call
// that needs its family, whose errors are numbers, and which keeps the process alive while it receives or has something left to send.

import { AsyncResource } from 'node:async_hooks'
import {
  AF_INET6,
  AF_UNSPEC,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_LOOP,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import {
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  EBUSY,
  ECANCELED,
  EDESTADDRREQ,
  EINVAL,
  EISCONN,
  ENOBUFS,
  ENOTCONN,
} from '../../base/errno.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { type Endpoint, Message, type Provider, type Watcher } from '../../socket/provider.ts'
import { type AddressInfo, AddressTexts } from './address-texts.ts'
import { Hold } from './hold.ts'
import { inTurn } from './turns.ts'
import type { WorkerPort } from './worker-port.ts'

/** A datagram's sender, and its octets. */
export interface RemoteInfo extends AddressInfo {
  size: number
}

/** Who is told. Each call is in a turn of its own. */
export interface DatagramOwner {
  received(data: Buffer, from: RemoteInfo): void
  /** A negated errno that receiving has given. */
  failed(errno: number): void
}

export interface BindFlags {
  readonly reuseAddr: boolean
  readonly reusePort: boolean
  readonly ipv6Only: boolean
}

/** `errno` is 0 or a negated one. */
export type Sent = (errno: number, octets: number) => void

/** An error, or the address of a name. */
export type Found = (error: Error | null, address: string) => void

interface Waiting {
  readonly buffers: readonly Uint8Array[]
  readonly octets: number
  readonly to: SocketAddress | null
  readonly sent: Sent | null
  readonly resource: AsyncResource | null
}

/** No datagram of UDP is longer. */
const ROOM = 65536
/** Datagrams that are read before others get their turn, as libuv does. */
const READS_PER_TURN = 32
const ONLY_REUSE: BindFlags = { reuseAddr: true, reusePort: false, ipv6Only: false }
const PLAIN: BindFlags = { reuseAddr: false, reusePort: false, ipv6Only: false }

// What calls are handed, one for all: no call keeps it.
const room = new Uint8Array(ROOM)
const from = new SocketAddress()
const incoming = new Message([room], from, true)
const oneBuffer: Uint8Array[] = [room]
const outgoing = new Message(oneBuffer, null, true)
const gathered = new Message()
const intOption = new Int32Array(1)
const intOctets = new Uint8Array(intOption.buffer)

export class DatagramHandle implements Watcher {
  readonly family: number
  /** How its owner finds the addresses of names. */
  lookup: (name: string, found: Found) => void = () => {}
  readonly resource = new AsyncResource('UDPWRAP', { requireManualDestroy: true })
  readonly #provider: Provider
  readonly #owner: DatagramOwner
  readonly #texts: AddressTexts
  readonly #hold = new Hold()
  #endpoint: Endpoint | null = null
  #port: WorkerPort | null = null
  #referenced = true
  #closed = false
  #connected = false
  #receiving = false
  /** Datagrams and errors that have been read, and whose turn has not come. */
  #told = 0
  #queue: Waiting[] = []
  #queued = 0

  /** `family`: AF_INET or AF_INET6. */
  constructor(provider: Provider, family: number, owner: DatagramOwner) {
    this.#provider = provider
    this.family = family
    this.#owner = owner
    this.#texts = new AddressTexts(provider)
  }

  /** The descriptor; −1 while there is none. */
  get fd(): number {
    return this.#endpoint?.fd ?? -1
  }

  bind(address: unknown, port: unknown, flags: BindFlags): number {
    const local = this.#address(address, port)
    if (local === null) return -EINVAL
    return this.#bind(local, flags)
  }

  #bind(local: SocketAddress, flags: BindFlags): number {
    if (flags.ipv6Only && this.family !== AF_INET6) return -EINVAL
    const opened = this.#open(local.family)
    if (opened < 0) return opened
    if (flags.reuseAddr) {
      const set = this.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
      if (set < 0) return set
    }
    if (flags.reusePort) {
      const set = this.setOption(SOL_SOCKET, SO_REUSEPORT, 1)
      if (set < 0) return set
    }
    if (flags.ipv6Only) {
      const set = this.setOption(IPPROTO_IPV6, IPV6_V6ONLY, 1)
      if (set < 0) return set
    }
    const bound = (this.#endpoint as Endpoint).bind(local)
    // The family is right, the address not one of it.
    return bound === -EAFNOSUPPORT ? -EINVAL : bound
  }

  /** Binds to any port of any address where it has no socket yet. */
  bindIfUnbound(): number {
    return this.#endpoint === null ? this.#bind(anyAddress(this.family), PLAIN) : 0
  }

  /** The same for who joins a group: others may share the port, and the socket is of the group's family. */
  bindForGroup(family: number): number {
    return this.#endpoint === null ? this.#bind(anyAddress(family), ONLY_REUSE) : 0
  }

  /** Takes over what the primary process of a cluster has given, and gives it back when it is closed. */
  openShared(port: WorkerPort): number {
    this.#port = port
    const endpoint = port.open()
    return typeof endpoint === 'number' ? endpoint : this.open(endpoint)
  }

  /** Takes over a socket that is open already. */
  open(endpoint: Endpoint): number {
    if (this.#endpoint !== null) return -EBUSY
    this.#adopt(endpoint)
    this.#connected = endpoint.peerAddress(from) >= 0
    return 0
  }

  connect(address: unknown, port: unknown): number {
    const peer = this.#address(address, port)
    if (peer === null) return -EINVAL
    const bound = this.bindIfUnbound()
    if (bound < 0) return bound
    const result = (this.#endpoint as Endpoint).connect(peer)
    if (result === 0) this.#connected = true
    return result
  }

  disconnect(): number {
    if (this.#endpoint === null) return -EBADF
    if (!this.#connected) return -ENOTCONN
    const result = this.#endpoint.connect(new SocketAddress(AF_UNSPEC))
    if (result < 0) return result
    this.#connected = false
    return 0
  }

  /**
   * Sends `buffers` as one datagram, to the peer where `address` is null. The octets of it plus one where it has gone; 0 where it waits
   * and `sent` will be told; or a negated errno.
   */
  send(buffers: readonly Uint8Array[], address: string | null, port: number, sent: Sent | null): number {
    let to: SocketAddress | null = null
    if (address !== null) {
      to = this.#address(address, port)
      if (to === null) return -EINVAL
      if (this.#connected) return -EISCONN
    } else if (!this.#connected) return -EDESTADDRREQ
    const bound = this.bindIfUnbound()
    if (bound < 0) return bound
    if (this.#queue.length === 0) {
      const count = this.#send(buffers, to)
      if (count >= 0) return count + 1
      if (count !== -EAGAIN && count !== -ENOBUFS) return count
    }
    const octets = buffers.reduce((sum, one) => sum + one.length, 0)
    const resource = sent === null ? null : new AsyncResource('UDPSENDWRAP')
    this.#queue.push({ buffers, octets, to: to?.copy() ?? null, sent, resource })
    this.#queued += octets
    this.#holdOn()
    return 0
  }

  #send(buffers: readonly Uint8Array[], to: SocketAddress | null): number {
    const endpoint = this.#endpoint as Endpoint
    if (buffers.length === 1) {
      const bytes = buffers[0] as Uint8Array
      if (to === null) return endpoint.send(bytes, 0, bytes.length, 0)
      oneBuffer[0] = bytes
      outgoing.name = to
      const count = endpoint.sendmsg(outgoing, 0)
      oneBuffer[0] = room
      return count
    }
    gathered.buffers = buffers
    gathered.name = to
    const count = endpoint.sendmsg(gathered, 0)
    gathered.buffers = []
    return count
  }

  /** Octets and datagrams that wait to be sent. */
  getSendQueueSize(): number {
    return this.#queued
  }

  getSendQueueCount(): number {
    return this.#queue.length
  }

  /** From now on what comes is told. */
  recvStart(): void {
    this.#receiving = true
    this.#holdOn()
    this.#read()
  }

  recvStop(): void {
    this.#receiving = false
    this.#holdOn()
  }

  getsockname(): AddressInfo | number {
    if (this.#endpoint === null) return -EBADF
    const result = this.#endpoint.localAddress(from)
    return result < 0 ? result : this.#info(from)
  }

  getpeername(): AddressInfo | number {
    if (this.#endpoint === null) return -EBADF
    const result = this.#endpoint.peerAddress(from)
    return result < 0 ? result : this.#info(from)
  }

  /** Sets an option that is an int. */
  setOption(level: number, name: number, value: number): number {
    intOption[0] = value
    return this.setOctets(level, name, intOctets)
  }

  setOctets(level: number, name: number, value: Uint8Array): number {
    return this.#endpoint === null ? -EBADF : this.#endpoint.setOption(level, name, value)
  }

  setTTL(hops: number): number {
    return hops < 1 || hops > 255 ? -EINVAL : this.#setIpOption(IP_TTL, IPV6_UNICAST_HOPS, hops)
  }

  setMulticastTTL(hops: number): number {
    return hops < 0 || hops > 255 ? -EINVAL : this.#setIpOption(IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, hops)
  }

  setMulticastLoopback(yes: number): number {
    return this.#setIpOption(IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, yes)
  }

  /** One number for both families, by the name that each has for it. */
  #setIpOption(v4: number, v6: number, value: number): number {
    const family = this.#endpoint?.family ?? this.family
    return family === AF_INET6 ? this.setOption(IPPROTO_IPV6, v6, value) : this.setOption(IPPROTO_IP, v4, value)
  }

  setBroadcast(yes: number): number {
    return this.setOption(SOL_SOCKET, SO_BROADCAST, yes)
  }

  /** Sets SO_RCVBUF or SO_SNDBUF, or asks for it where `size` is 0: the size, or a negated errno. */
  bufferSize(size: number, receive: boolean): number {
    if (size !== (size | 0)) return -EINVAL
    const name = receive ? SO_RCVBUF : SO_SNDBUF
    if (size !== 0) {
      const set = this.setOption(SOL_SOCKET, name, size)
      return set < 0 ? set : size
    }
    if (this.#endpoint === null) return -EBADF
    const asked = this.#endpoint.getOption(SOL_SOCKET, name, intOctets)
    return asked < 0 ? asked : (intOption[0] as number)
  }

  ref(): void {
    this.#referenced = true
    this.#holdOn()
  }

  unref(): void {
    this.#referenced = false
    this.#holdOn()
  }

  /** Closes it at once. What waits to be sent is told ECANCELED. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiving = false
    this.#hold.set(false)
    if (this.#endpoint !== null) {
      this.#endpoint.watch(null)
      this.#endpoint.close()
      this.#hold.use(null)
    }
    this.#port?.close()
    const queue = this.#queue
    this.#queue = []
    this.#queued = 0
    for (const one of queue) this.#tellSent(one, -ECANCELED)
    this.resource.emitDestroy()
  }

  ready(events: number): void {
    if ((events & (POLLOUT | POLLERR | POLLHUP)) !== 0 && this.#queue.length > 0) this.#flush()
    if ((events & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) !== 0) this.#read()
  }

  #read(): void {
    // What has been read is told first: then it reads on.
    const endpoint = this.#endpoint
    if (!this.#receiving || this.#told > 0 || endpoint === null) return
    for (let i = 0; i < READS_PER_TURN; i++) {
      const count = endpoint.recvmsg(incoming, 0)
      if (count === -EAGAIN) return
      this.#told++
      if (count < 0) {
        // Closed from outside: there is nothing to be read any more.
        if (count === -EBADF) this.#endpoint = null
        inTurn(this.resource, tellError, this as DatagramHandle, count)
        return
      }
      // A buffer of its own: programs look at `data.buffer`, which with Node's is the datagram alone.
      const data = Buffer.allocUnsafeSlow(count)
      data.set(room.subarray(0, count))
      inTurn(this.resource, tellData, this as DatagramHandle, new Received(data, this.#remote(count)))
    }
  }

  /** Tells the owner of one thing that was read. */
  tell(one: Received | number): void {
    this.#told--
    if (this.#receiving) {
      try {
        if (typeof one === 'number') this.#owner.failed(one)
        else this.#owner.received(one.data, one.from)
      } finally {
        // What came meanwhile was told in vain. The endpoint may know that nothing has; else reading says so, which is one system call of
        // six where question follows answer.
        if (this.#told === 0 && ((this.#endpoint?.wouldBlock ?? 0) & POLLIN) === 0) this.#read()
      }
    }
  }

  #flush(): void {
    while (this.#queue.length > 0) {
      const one = this.#queue[0] as Waiting
      const count = this.#send(one.buffers, one.to)
      if (count === -EAGAIN || count === -ENOBUFS) return
      this.#queue.shift()
      this.#queued -= one.octets
      this.#tellSent(one, count)
    }
    this.#holdOn()
  }

  #tellSent({ sent, resource, octets }: Waiting, result: number): void {
    if (sent === null || resource === null) return
    inTurn(resource, tellSent, sent, result < 0 ? result : octets)
  }

  #remote(size: number): RemoteInfo {
    const { family, port } = from
    return { address: this.#texts.of(from), family: family === AF_INET6 ? 'IPv6' : 'IPv4', port, size }
  }

  #info(address: SocketAddress): AddressInfo {
    const { family, port } = address
    return { address: this.#texts.of(address), family: family === AF_INET6 ? 'IPv6' : 'IPv4', port }
  }

  #open(family: number): number {
    if (this.#endpoint !== null) return 0
    const endpoint = this.#provider.socket(family, SOCK_DGRAM, 0)
    if (typeof endpoint === 'number') return endpoint
    this.#adopt(endpoint)
    return 0
  }

  #adopt(endpoint: Endpoint): void {
    this.#endpoint = endpoint
    endpoint.watch(this)
    this.#hold.use(endpoint)
  }

  #holdOn(): void {
    if (!this.#closed) this.#hold.set(this.#referenced && (this.#receiving || this.#queue.length > 0))
  }

  /** null for what is no address of this family. A port is what C makes of it: its lower 16 bits. */
  #address(text: unknown, port: unknown): SocketAddress | null {
    const address = this.parse(text)
    if (address === null || address.family !== this.family) return null
    address.port = Number(port) & 0xffff
    return address
  }

  /** The address that `text` writes, of either family; null for what is none. */
  parse(text: unknown): SocketAddress | null {
    return this.#texts.parse(text)
  }
}

class Received {
  readonly data: Buffer
  readonly from: RemoteInfo

  constructor(data: Buffer, sender: RemoteInfo) {
    this.data = data
    this.from = sender
  }
}

function tellData(handle: DatagramHandle, one: Received): void {
  handle.tell(one)
}

function tellError(handle: DatagramHandle, errno: number): void {
  handle.tell(errno)
}

function tellSent(sent: Sent, result: number): void {
  sent(Math.min(result, 0), Math.max(result, 0))
}

function anyAddress(family: number): SocketAddress {
  return SocketAddress.internet(family === AF_INET6 ? '::' : '0.0.0.0', 0)
}
