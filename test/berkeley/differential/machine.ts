// One system and the handles of a program on it. Each call becomes a line: what it answered, and what has come of it, with nothing in
// it that may differ between two systems that do the same: descriptors are places, ephemeral ports are counted as they turn up.

import {
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_PKTINFO,
  POLLERR,
  POLLHUP,
  POLLPRI,
  SCM_CREDENTIALS,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../../../src/base/constants.ts'
import { EAGAIN, EALREADY, EINPROGRESS, EINVAL, EISCONN, ENOTCONN, errnoName } from '../../../src/base/errno.ts'
import { SocketAddress } from '../../../src/base/socket-address.ts'
import { descriptorsOf, isRights, rights } from '../../../src/socket/control-message.ts'
import { type ControlMessage, type Endpoint, Message, type Provider } from '../../../src/socket/provider.ts'
import { flagsText } from '../../../src/socket/trace/notation.ts'
import { octets, PORT } from '../scene.ts'
import { type Call, handleOf, type Target } from './call.ts'

const EPHEMERAL = 32_768
/** More handles than this, and sockets are not made any more. */
const HANDLES_MAX = 12
const SHOWN = 6

export class Machine {
  readonly #provider: Provider
  readonly #settle: () => void
  readonly #handles: Endpoint[] = []
  readonly #closed = new Set<Endpoint>()
  /** Streams of TCP on which connect was called. */
  readonly #connected = new Set<Endpoint>()
  readonly #listeners = new Set<Endpoint>()
  readonly #dissolved = new Set<Endpoint>()
  /** Of those that dup made. */
  readonly #originals = new Map<Endpoint, Endpoint>()
  readonly #ports: number[] = []
  readonly #names: string[] = []
  #sent = 0

  /** `settle` lets all happen that a call has brought about. */
  constructor(provider: Provider, settle: () => void) {
    this.#provider = provider
    this.#settle = settle
  }

  get count(): number {
    return this.#handles.length
  }

  /** What `call` answers, and how all handles are afterwards. */
  step(call: Call): string {
    const result = this.#run(call)
    this.#settle()
    const events = this.#handles.map((handle) => (this.#closed.has(handle) ? '-' : eventsText(handle.readiness())))
    return `${result} | ${events.join(' ')}`
  }

  close(): void {
    for (const handle of this.#handles) handle.close()
    this.#settle()
  }

  #run(call: Call): string {
    const { call: name } = call
    if (name === 'socket' || name === 'socketpair') {
      if (this.count >= HANDLES_MAX) return 'full'
      if (name === 'socketpair') {
        const pair = this.#provider.socketpair(AF_UNIX, call.type, 0)
        if (typeof pair === 'number') return answer(pair)
        this.#handles.push(...pair)
        return 'a pair'
      }
      return this.#took(this.#provider.socket(call.family, call.type, call.protocol))
    }
    const handle = this.#handle(call.on)
    if (handle === null) return 'nothing'
    // A Socket does not call what it has closed: there may be other descriptors of the same open socket.
    if (this.#closed.has(handle)) return 'closed'
    switch (call.call) {
      case 'bind':
        // What a stream that was connected once may be next, Linux makes depend on how its connection ended.
        if (handle.type === SOCK_STREAM && this.#lived(handle)) return 'connected once'
        return answer(handle.bind(this.#target(call.to)))
      case 'connect': {
        const to = this.#target(call.to)
        if (handle.type === SOCK_STREAM && handle.family !== AF_UNIX) {
          // One of IPv6 that has spoken IPv4 once does so for ever.
          if (handle.family === AF_INET6 && this.#dissolved.has(this.#original(handle))) return 'not compared'
          const result = handle.connect(to)
          const failed = result < 0 && ![-EINPROGRESS, -EALREADY, -EISCONN].includes(result)
          if (to.family === AF_UNSPEC || failed) this.#dissolved.add(this.#original(handle))
          else this.#connected.add(this.#original(handle))
          return answer(result)
        }
        if (handle.type !== SOCK_DGRAM || handle.family === AF_UNIX) return answer(handle.connect(to))
        // One of IPv6 remembers of which family its peers were.
        if (handle.family === AF_INET6 && this.#connected.has(this.#original(handle))) return 'not compared'
        this.#connected.add(this.#original(handle))
        const result = handle.connect(to)
        // Linux has written the new peer where it sends to by then.
        if (result < 0) this.#closeAll(handle)
        return answer(result)
      }
      case 'listen':
        if (this.#lived(handle)) return 'connected once'
        this.#listeners.add(this.#original(handle))
        return answer(handle.listen(call.backlog))
      case 'accept': {
        if (this.count >= HANDLES_MAX) return 'full'
        const peer = call.named ? new SocketAddress() : null
        const accepted = handle.accept(peer)
        // Of a Unix listener that is shut down Linux says EINVAL to who waits, and EAGAIN to who does not: docs/reference/differences.md.
        if (accepted === -EINVAL && handle.family === AF_UNIX) return this.#took(-EAGAIN)
        if (typeof accepted !== 'number' && handle.family !== AF_UNIX) this.#connected.add(accepted)
        const took = this.#took(accepted)
        return peer === null || took.startsWith('-') ? took : `${took} ${this.#text(peer)}`
      }
      case 'send':
        return answer(handle.send(this.#octets(call.length), 0, call.length, call.flags))
      case 'sendto': {
        const to = this.#target(call.to)
        // Linux reads an address of IPv4 behind AF_UNSPEC, whatever the family of the socket.
        if (to.family === AF_UNSPEC && handle.family === AF_INET6) return 'not compared'
        const message = new Message([this.#octets(call.length)], to, true)
        return answer(handle.sendmsg(message, call.flags))
      }
      case 'sendmsg': {
        const to = call.to === null ? null : this.#target(call.to)
        if (to?.family === AF_UNSPEC && handle.family === AF_INET6) return 'not compared'
        const message = new Message(
          call.lengths.map((length) => this.#octets(length)),
          to,
        )
        // One that is not itself in the program: the kernel finds those that nobody can reach any more when it comes to it.
        const passed = call.passes ? this.#provider.socketpair(AF_UNIX, SOCK_DGRAM, 0) : 0
        if (typeof passed === 'number') return answer(handle.sendmsg(message, call.flags))
        message.control.push(rights([passed[0].fd]))
        const result = handle.sendmsg(message, call.flags)
        for (const end of passed) end.close()
        return answer(result)
      }
      case 'recv': {
        const room = new Uint8Array(call.room)
        const count = handle.recv(room, 0, call.room, call.flags)
        return `${answer(count)}${dataText([room], count)}`
      }
      case 'recvfrom': {
        const message = new Message([new Uint8Array(call.room)], new SocketAddress(), true)
        return this.#received(handle.recvmsg(message, call.flags), message)
      }
      case 'recvmsg': {
        const message = new Message(
          call.rooms.map((length) => new Uint8Array(length)),
          new SocketAddress(),
        )
        message.controlLength = call.control
        return this.#received(handle.recvmsg(message, call.flags), message)
      }
      case 'shutdown': {
        // recv on both gives 0 then where Linux says EAGAIN, but not by another descriptor: docs/reference/differences.md.
        if (handle.type === SOCK_DGRAM && call.how !== SHUT_WR && call.how <= SHUT_RDWR) return 'not compared'
        const result = handle.shutdown(call.how)
        // Linux marks a stream without a connection all the same, which the next connection then has: nobody can mean that.
        if (handle.type === SOCK_STREAM && handle.family !== AF_UNIX) {
          if (result === -ENOTCONN) this.#closeAll(handle)
          else this.#connected.add(this.#original(handle))
          if (this.#listeners.has(this.#original(handle))) this.#dissolved.add(this.#original(handle))
        }
        return answer(result)
      }
      case 'close':
        return answer(this.#close(handle))
      case 'dup': {
        if (this.count >= HANDLES_MAX) return 'full'
        const took = this.#took(this.#provider.dup(handle.fd))
        this.#originals.set(this.#handles[this.count - 1] as Endpoint, this.#original(handle))
        return took
      }
      case 'getsockname':
      case 'getpeername': {
        const name = new SocketAddress()
        // Linux shows the port that it does not have any more.
        if (this.#dissolved.has(this.#original(handle))) return 'not compared'
        const result = call.call === 'getsockname' ? handle.localAddress(name) : handle.peerAddress(name)
        return result < 0 ? answer(result) : this.#text(name)
      }
      case 'ioctl':
        return answer(handle.ioctl(call.request))
      case 'getsockopt': {
        const value = new Uint8Array(64)
        const length = handle.getOption(call.level, call.name, value)
        return length < 0 ? answer(length) : hex(value.subarray(0, length))
      }
      case 'setsockopt': {
        // What a connection has of its listener, it has from the handshake on Linux, from accept on a stack: docs/reference/differences.md.
        if (this.#listeners.has(this.#original(handle)) && handle.family !== AF_UNIX) return 'not compared'
        const { value } = call
        const bytes = typeof value === 'number' ? new Uint8Array(Int32Array.of(value).buffer) : Uint8Array.from(value)
        return answer(handle.setOption(call.level, call.name, bytes))
      }
    }
  }

  #handle(on: number): Endpoint | null {
    return this.#handles[handleOf(on, this.count)] ?? null
  }

  #close(handle: Endpoint): number {
    this.#closed.add(handle)
    return handle.close()
  }

  #original(handle: Endpoint): Endpoint {
    return this.#originals.get(handle) ?? handle
  }

  #lived(handle: Endpoint): boolean {
    const original = this.#original(handle)
    return this.#connected.has(original) || this.#dissolved.has(original)
  }

  /** Closes all descriptors of what is behind `handle`. */
  #closeAll(handle: Endpoint): void {
    const original = this.#original(handle)
    for (const other of this.#handles) {
      if (this.#original(other) === original && !this.#closed.has(other)) this.#close(other)
    }
  }

  #took(endpoint: Endpoint | number): string {
    if (typeof endpoint === 'number') return answer(endpoint)
    // What Nagle's algorithm holds back goes when an acknowledgement comes, and that comes when it comes.
    if (endpoint.type === SOCK_STREAM && endpoint.family !== AF_UNIX) {
      endpoint.setOption(IPPROTO_TCP, TCP_NODELAY, Uint8Array.of(1, 0, 0, 0))
    }
    this.#handles.push(endpoint)
    return `#${this.count - 1}`
  }

  #octets(length: number): Uint8Array {
    const bytes = octets(length, this.#sent)
    this.#sent += length
    return bytes
  }

  #target(target: Target): SocketAddress {
    if (target.kind === 'unspecified') return new SocketAddress(AF_UNSPEC)
    if (target.kind === 'unix') return SocketAddress.unix(target.path)
    if (target.kind === 'internet') return SocketAddress.internet(target.address, target.port)
    const address = new SocketAddress()
    const handle = this.#handle(target.of)
    if (
      handle === null ||
      this.#closed.has(handle) ||
      this.#dissolved.has(this.#original(handle)) ||
      handle.localAddress(address) < 0
    ) {
      return new SocketAddress(AF_UNSPEC)
    }
    if (address.port === 0) address.port = PORT
    return address
  }

  #text(address: SocketAddress): string {
    if (address.family === AF_UNSPEC) return 'nobody'
    if (address.family === AF_UNIX) {
      const { path } = address
      if (!/^\0[0-9a-f]{5}$/.test(path)) return JSON.stringify(path)
      if (!this.#names.includes(path)) this.#names.push(path)
      return `autobound ${this.#names.indexOf(path)}`
    }
    const { port } = address
    if (port < EPHEMERAL) return address.toString()
    if (!this.#ports.includes(port)) this.#ports.push(port)
    const shown = new SocketAddress(address.family, address.ip, 0).toString()
    return `${shown.slice(0, shown.lastIndexOf(':'))}:p${this.#ports.indexOf(port)}`
  }

  #received(count: number, message: Message): string {
    if (count < 0) return answer(count)
    const from = message.name === null ? '' : ` from ${this.#text(message.name)}`
    const flags = message.flags === 0 ? '' : ` ${flagsText('MSG_', message.flags)}`
    const control = message.control.map((one) => this.#controlText(one)).join('')
    return `${count}${dataText(message.buffers, count)}${from}${flags}${control}`
  }

  #controlText(one: ControlMessage): string {
    // Of what was sent before anybody asked, Linux knows nobody: docs/reference/differences.md.
    if (one.level === SOL_SOCKET && one.type === SCM_CREDENTIALS) return ' {SCM_CREDENTIALS}'
    // Of what came before IP_PKTINFO was set, Linux knows only where it was going: docs/reference/differences.md.
    if (one.level === IPPROTO_IP && one.type === IP_PKTINFO) return ` {IP_PKTINFO ${hex(one.data.subarray(8))}}`
    if (one.level === IPPROTO_IPV6 && one.type === IPV6_PKTINFO)
      return ` {IPV6_PKTINFO ${hex(one.data.subarray(0, 16))}}`
    if (!isRights(one)) return ` {${one.level} ${one.type} ${hex(one.data)}}`
    const taken = descriptorsOf(one).map((fd) => {
      const endpoint = this.#provider.endpoint(fd)
      if (endpoint === null) return 'none'
      this.#handles.push(endpoint)
      return `#${this.count - 1}`
    })
    return ` {SCM_RIGHTS ${taken}}`
  }
}

function eventsText(events: number): string {
  // What was urgent of a connection that is over, and that nobody may read any more, is nobody's business.
  return flagsText('POLL', (events & (POLLERR | POLLHUP)) === 0 ? events : events & ~POLLPRI)
}

function answer(result: number): string {
  return result < 0 ? `-${errnoName(result)}` : String(result)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function dataText(buffers: readonly Uint8Array[], count: number): string {
  if (count <= 0) return ''
  const all = Buffer.concat(buffers).subarray(0, count)
  let sum = 0
  for (const octet of all) sum = (sum * 31 + octet) | 0
  return ` ${hex(all.subarray(0, SHOWN))}${all.length > SHOWN ? `…${(sum >>> 0).toString(16)}` : ''}`
}
