// Read first: netstat(8), ss(8), RFC 9293 section 3.3.2 (states). What queues count is Linux's /proc/net/tcp and /proc/net/udp.

import { checkBoolean, checkInteger, checkMethods, checkOptions } from '../base/argument.ts'
import { AF_INET6, SIOCINQ, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../base/constants.ts'
import type { IpAddress } from '../base/ip-address.ts'
import {
  inNetstatOrder,
  type NetstatDetails,
  type NetstatEntry,
  type NetstatProtocol,
  type NetstatTraffic,
} from '../base/netstat-entry.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { emptyTcpInfo } from '../base/tcp-info.ts'
import { Connection } from '../tcp/connection.ts'
import type { HalfOpen } from '../tcp/half-open.ts'
import { fillTcpInfo } from '../tcp/info.ts'
import type { Listener } from '../tcp/listener.ts'
import { ESTABLISHED, LISTEN, SYN_RECEIVED, stateName } from '../tcp/state.ts'
import { TimeWait } from '../tcp/time-wait.ts'
import { ConnectionEndpoint } from '../unix/connection-endpoint.ts'
import type { UnixEndpoint } from '../unix/unix-endpoint.ts'
import type { DatagramEndpoint } from './endpoint/datagram-endpoint.ts'
import { StackEndpoint } from './endpoint/endpoint.ts'
import { PingEndpoint } from './endpoint/ping-endpoint.ts'
import type { LeanStack } from './lean-stack.ts'
import { timersOf } from './netstat-timers.ts'

const scratch = new SocketAddress()

export type {
  NetstatDetails,
  NetstatEntry,
  NetstatHolder,
  NetstatMemory,
  NetstatProtocol,
  NetstatSystem,
  NetstatTraffic,
} from '../base/netstat-entry.ts'

export interface NetstatOptions {
  /** Whose sockets these are: a stack is a part of one process. Left out: not known. */
  readonly pid?: number | undefined
  /** Also TCP_INFO of every connection, and what sockets of datagrams have carried. */
  readonly details?: boolean | undefined
}

/**
 * Every socket of a stack that has a local port, every Unix socket, and every connection that is without one: half-open (SYN-RECEIVED), waiting to be
 * accepted, or left behind (FIN-WAIT-1 … TIME-WAIT). Listeners come first, then by protocol, port and peer. It is what is true
 * now; nothing of the stack is kept or changed.
 *
 * ```ts
 * console.log(formatNetstat(netstat(stack)))
 * ```
 */
export function netstat(stack: LeanStack, options: NetstatOptions = {}): NetstatEntry[] {
  checkMethods('stack', stack, 'a Stack', 'socket', 'attach', 'routeTo')
  checkOptions('options', options, ['pid', 'details'])
  if (options.pid !== undefined) checkInteger('options.pid', options.pid, 0)
  checkBoolean('options.details', options.details)
  stack.time.refresh()
  const listing = new Listing(stack, options.pid ?? null, options.details ?? false)
  stack.tcp.listeners.forEach((address, port, listener) => {
    listing.listener(address, port, listener)
  })
  for (const entry of stack.tcp.connections.entries()) {
    if (entry instanceof Connection) listing.connection(entry)
    else if (entry instanceof TimeWait) listing.connection(entry.whole())
    else listing.halfOpen(entry)
  }
  stack.udp.forEach((endpoint) => {
    listing.datagrams('udp', endpoint)
  })
  stack.raw?.forEach((endpoint) => {
    listing.datagrams('raw', endpoint)
  })
  stack.ports.icmp.forEach((binding) => {
    if (binding instanceof PingEndpoint) listing.datagrams('icmp', binding)
  })
  stack.unix?.forEach((endpoint) => {
    listing.unix(endpoint)
  })
  return listing.entries.sort(inNetstatOrder)
}

class Listing {
  readonly entries: NetstatEntry[] = []
  readonly #now: number
  readonly #pid: number | null
  readonly #details: boolean

  constructor(stack: LeanStack, pid: number | null, details: boolean) {
    this.#now = stack.time.now
    this.#pid = pid
    this.#details = details
  }

  listener(address: IpAddress, port: number, listener: Listener): void {
    const owner = endpointOf(listener.owner)
    this.entries.push({
      protocol: isSix(owner, address) ? 'tcp6' : 'tcp',
      localAddress: addressText(address, isSix(owner, address)),
      localPort: port,
      ...nobody(isSix(owner, address)),
      state: stateName(LISTEN),
      receiveQueue: listener.queued,
      sendQueue: listener.backlog,
      ...this.#holder(owner),
      timers: [],
      details: null,
    })
  }

  halfOpen(halfOpen: HalfOpen): void {
    const owner = endpointOf(halfOpen.listener.owner)
    this.entries.push({
      protocol: isSix(owner, halfOpen.local) ? 'tcp6' : 'tcp',
      localAddress: halfOpen.local.toString(),
      localPort: halfOpen.localPort,
      peerAddress: halfOpen.remote.toString(),
      peerPort: halfOpen.remotePort,
      state: stateName(SYN_RECEIVED),
      receiveQueue: 0,
      sendQueue: 0,
      ...this.#holder(null),
      timers: timersOf(halfOpen, this.#now),
      details: null,
    })
  }

  connection(c: Connection): void {
    const owner = endpointOf(c.owner)
    const six = isSix(owner ?? endpointOf(c.listener?.owner ?? null), c.local)
    this.entries.push({
      protocol: six ? 'tcp6' : 'tcp',
      localAddress: c.local.toString(),
      localPort: c.localPort,
      peerAddress: c.remote.toString(),
      peerPort: c.remotePort,
      state: stateName(c.state),
      receiveQueue: c.readable,
      sendQueue: Math.max((c.writeSeq + (c.finQueued ? 1 : 0) - c.sndUna) | 0, 0),
      ...this.#holder(owner),
      timers: timersOf(c, this.#now),
      details: this.#details ? detailsOf(c) : null,
    })
  }

  datagrams(protocol: 'udp' | 'raw' | 'icmp', endpoint: DatagramEndpoint): void {
    const six = endpoint.family === AF_INET6
    const peer = endpoint.connected
      ? {
          peerAddress: endpoint.remote.toString(),
          peerPort: protocol === 'udp' ? endpoint.remotePort : 0,
          state: stateName(ESTABLISHED),
        }
      : { ...nobody(six), state: '' }
    this.entries.push({
      protocol: six ? `${protocol}6` : protocol,
      localAddress: addressText(endpoint.local, six),
      localPort: protocol === 'raw' ? endpoint.protocol : endpoint.localPort,
      ...peer,
      receiveQueue: endpoint.queue.cost,
      sendQueue: 0,
      ...this.#holder(endpoint),
      timers: [],
      details: null,
      ...(this.#details ? { traffic: trafficOf(endpoint) } : {}),
    })
  }

  unix(endpoint: UnixEndpoint): void {
    const connected = endpoint.peerAddress(scratch) === 0
    const peerAddress = connected ? nameText(scratch.path) : ''
    const waiting = endpoint instanceof ConnectionEndpoint && endpoint.listening
    const fd = endpoint.fd < 0 ? null : endpoint.fd
    this.entries.push({
      protocol: unixProtocols[endpoint.type] ?? 'unix-stream',
      localAddress: nameText(endpoint.name),
      localPort: 0,
      peerAddress,
      peerPort: 0,
      state: waiting ? stateName(LISTEN) : connected ? stateName(ESTABLISHED) : '',
      receiveQueue: waiting ? endpoint.queued : Math.max(endpoint.ioctl(SIOCINQ), 0),
      sendQueue: waiting ? endpoint.backlog : endpoint.outstanding,
      fd,
      pid: fd === null ? null : this.#pid,
      timers: [],
      interface: null,
      details: null,
    })
  }

  #holder(endpoint: StackEndpoint | null): { fd: number | null; pid: number | null; interface: string | null } {
    const fd = endpoint === null || endpoint.fd < 0 ? null : endpoint.fd
    return { fd, pid: fd === null ? null : this.#pid, interface: endpoint?.boundTo?.name ?? null }
  }
}

function trafficOf(endpoint: DatagramEndpoint): NetstatTraffic {
  const { datagramsReceived, octetsReceived, datagramsSent, octetsSent, drops } = endpoint
  return { datagramsReceived, octetsReceived, datagramsSent, octetsSent, drops }
}

function detailsOf(c: Connection): NetstatDetails {
  const info = emptyTcpInfo()
  fillTcpInfo(c, info)
  return { ...info, congestion: c.control.name }
}

function endpointOf(owner: object | null): StackEndpoint | null {
  return owner instanceof StackEndpoint ? owner : null
}

// An AF_INET6 socket is one also where it talks IPv4: as Linux lists it.
function isSix(endpoint: StackEndpoint | null, address: IpAddress): boolean {
  return endpoint === null ? !address.isV4 : endpoint.family === AF_INET6
}

function addressText(address: IpAddress, six: boolean): string {
  return six && address.isUnspecified ? '::' : address.toString()
}

function nobody(six: boolean): { peerAddress: string; peerPort: number } {
  return { peerAddress: six ? '::' : '0.0.0.0', peerPort: 0 }
}

function nameText(name: string): string {
  return name.startsWith('\0') ? `@${name.slice(1)}` : name
}

const unixProtocols: Readonly<Record<number, NetstatProtocol>> = {
  [SOCK_STREAM]: 'unix-stream',
  [SOCK_DGRAM]: 'unix-dgram',
  [SOCK_SEQPACKET]: 'unix-seqpacket',
}
