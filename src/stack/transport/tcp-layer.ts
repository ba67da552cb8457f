// Read first: RFC 9293 sections 3.10.7 (which connection a segment is for) and 3.9.2 (the interface to IP), RFC 5927.

import { write16 } from '../../base/bytes.ts'
import { internetChecksum, internetSum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_TCP } from '../../base/constants.ts'
import { EHOSTUNREACH, ENOBUFS } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { MemoryAccount } from '../../base/memory-account.ts'
import type { Random } from '../../base/random.ts'
import type { Timekeeper } from '../../base/timekeeper.ts'
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  Offload,
  SEGMENT_NONE,
  SEGMENT_TCP4,
  SEGMENT_TCP6,
} from '../../device/device.ts'
import { ChallengeBudget } from '../../tcp/challenge.ts'
import { closeConnection } from '../../tcp/close.ts'
import type { TcpConfig } from '../../tcp/config.ts'
import { Connection } from '../../tcp/connection.ts'
import { TcpCounters } from '../../tcp/counters.ts'
import { FastOpenHost } from '../../tcp/fast-open.ts'
import { HalfOpen } from '../../tcp/half-open.ts'
import type { TcpFlow, TcpHost, TcpPath } from '../../tcp/host.ts'
import { segmentArrives, timeWaitMayReopen } from '../../tcp/input.ts'
import { SequenceGenerator } from '../../tcp/isn.ts'
import type { Listener } from '../../tcp/listener.ts'
import { updateMss } from '../../tcp/mss.ts'
import { output } from '../../tcp/output.ts'
import { cookieArrives, halfOpenExpired, segmentAtHalfOpen, synArrivesAtListener } from '../../tcp/passive-open.ts'
import { type TcpProfile, tcpProfile } from '../../tcp/profile.ts'
import { replyReset } from '../../tcp/reset.ts'
import { sendAck } from '../../tcp/segment-writer.ts'
import { lookForRoom } from '../../tcp/send-buffer.ts'
import { signatureRight } from '../../tcp/signature.ts'
import { CLOSED, TIME_WAIT } from '../../tcp/state.ts'
import { SynCookies } from '../../tcp/syn-cookies.ts'
import { connectionTimerExpired } from '../../tcp/timers.ts'
import { ACK, FIN, RST, readTcp, SYN, TCP_CHECKSUM_OFFSET, TcpSegment } from '../../wire/tcp.ts'
import type { StackEndpoint } from '../endpoint/endpoint.ts'
import type { PortTable } from '../endpoint/port-table.ts'
import { TcpEndpoint } from '../endpoint/tcp-endpoint.ts'
import { FRAME_HEADROOM, ipOutput } from '../ip/ip-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { Stack } from '../stack.ts'
import { ConnectionTable } from './connection-table.ts'
import { tcpErrorArrives } from './tcp-error.ts'
import { TcpListeners } from './tcp-listeners.ts'
import type { IcmpReport, Transport } from './transport.ts'

/** Milliseconds after which timestamps tell a new connection's segments from those of the old one (Linux: one second). */
const TIME_WAIT_REUSE = 1000

/** Whom a segment of no connection is answered to. */
class ReplyFlow implements TcpFlow {
  readonly local: IpAddress = new IpAddress()
  localPort = 0
  readonly remote: IpAddress = new IpAddress()
  remotePort = 0
  path: TcpPath | null = null
  readonly ttl = 64
  readonly tos = 0
  readonly dontFragment = true
  signatureKey: Uint8Array | null = null
}

/** TCP below a stack: it finds the connection for a segment, and is the host that the connections run on. */
export class TcpLayer implements Transport, TcpHost {
  readonly stack: Stack
  readonly time: Timekeeper
  readonly random: Random
  readonly config: TcpConfig
  readonly counters: TcpCounters = new TcpCounters()
  readonly isn: SequenceGenerator
  readonly memory: MemoryAccount
  challenges: ChallengeBudget
  readonly fastOpen: FastOpenHost
  readonly synCookies: SynCookies
  readonly frame: Uint8Array
  readonly segmentStart: number = FRAME_HEADROOM
  readonly ports: PortTable
  readonly connections: ConnectionTable
  readonly listeners: TcpListeners = new TcpListeners()
  readonly #segment = new TcpSegment()
  readonly #reply = new ReplyFlow()
  readonly #offload = new Offload()
  #touched: Connection[] = []
  #acknowledging: Connection[] = []
  #acksDeferred = false
  #awaitingRoom: Connection[] = []
  #timeWait: Connection[] = []
  #timeWaitHead = 0
  readonly #sendAcks = (): void => this.#acknowledgeAll()

  constructor(stack: Stack, profile: TcpProfile = 'default', config: Partial<TcpConfig> = {}) {
    this.stack = stack
    this.time = stack.time
    this.random = stack.random
    this.config = { ...tcpProfile(profile), ...config }
    this.memory = new MemoryAccount(this.config.memoryMax)
    this.isn = new SequenceGenerator(stack.random)
    this.challenges = new ChallengeBudget(this.config.challengeAckLimit, stack.random)
    this.synCookies = new SynCookies(stack.random)
    this.fastOpen = new FastOpenHost(this.config, stack.random)
    this.frame = stack.frame
    this.ports = stack.ports.tcp
    this.connections = new ConnectionTable(stack.random.int32())
  }

  /** Changes the configuration while it is used: connections see it where they look again. */
  configure(change: Partial<TcpConfig>): void {
    Object.assign(this.config, change)
    if (change.challengeAckLimit !== undefined) {
      this.challenges = new ChallengeBudget(change.challengeAckLimit, this.random)
    }
  }

  createEndpoint(fd: number, family: number): StackEndpoint {
    return new TcpEndpoint(this, fd, family)
  }

  // Up

  input(packet: IpPacket): void {
    this.counters.segmentsIn++
    const segment = this.#segment
    const { payloadStart, payloadEnd, bytes } = packet
    if (!readTcp(segment, bytes, payloadStart, payloadEnd)) {
      this.counters.malformed++
      return
    }
    segment.ecn = packet.tos & 3
    if (!packet.checksumTrusted && !this.#checksumRight(packet)) {
      this.counters.badChecksum++
      return
    }
    // MUST-57: nothing that came to many hosts is for TCP.
    if (packet.toMany) {
      this.counters.badAddress++
      return
    }
    const { source, destination } = packet
    let floor: number | null = null
    let entry = this.connections.find(destination, segment.destinationPort, source, segment.sourcePort)
    // (Linux asks no signature of segments for a connection in TIME-WAIT: anybody could end that.)
    if (entry !== null && !signatureRight(this.counters, entry.signatureKey, source, destination, segment)) return
    if (entry instanceof Connection) {
      if (packet.ttl < entry.minTtl) {
        this.counters.tooFar++
        return
      }
      if (entry.state !== TIME_WAIT || !timeWaitMayReopen(entry, segment)) {
        segmentArrives(entry, segment)
        return
      }
      // Only a listener can answer the SYN: without one the old connection stays.
      if (this.#listenerFor(packet, segment) === null) {
        segmentArrives(entry, segment)
        return
      }
      floor = this.#giveWay(entry)
      entry = null
    }
    if (entry !== null) {
      if (this.#tooFar(packet, entry.listener)) return
      segmentAtHalfOpen(entry, segment)
      return
    }
    this.#forNoConnection(packet, segment, floor)
  }

  /** SEGMENT ARRIVES in LISTEN, and in CLOSED. */
  #forNoConnection(packet: IpPacket, segment: TcpSegment, floor: number | null): void {
    if ((segment.flags & RST) !== 0) return
    const { source, destination } = packet
    const asked = this.#listenerFor(packet, segment)
    const signatureKey = asked === null ? null : asked.signatureKeyFor(source)
    if (asked !== null && !signatureRight(this.counters, signatureKey, source, destination, segment)) return
    if ((segment.flags & (ACK | SYN)) === SYN) {
      // Who asks to open and to close at once wants neither (Linux drops it too).
      if ((segment.flags & FIN) !== 0) return
      if (asked !== null) {
        if (this.#tooFar(packet, asked)) return
        const halfOpen = synArrivesAtListener(asked, segment, destination, source, floor)
        if (halfOpen !== null) this.connections.add(halfOpen)
        return
      }
    } else if ((segment.flags & (ACK | SYN)) === ACK && this.config.synCookies > 0) {
      if (asked !== null && cookieArrives(asked, segment, destination, source)) return
    } else if ((segment.flags & ACK) === 0 && asked !== null) {
      // Neither SYN, ACK nor RST at a listener: dropped without a word.
      return
    }
    const flow = this.#reply
    flow.local.set(destination)
    flow.localPort = segment.destinationPort
    flow.remote.set(source)
    flow.remotePort = segment.sourcePort
    flow.path = null
    flow.signatureKey = signatureKey
    replyReset(this, flow, segment)
  }

  #tooFar(packet: IpPacket, listener: Listener): boolean {
    if (packet.ttl >= (packet.version === 4 ? listener.minTtl : listener.minHopLimit)) return false
    this.counters.tooFar++
    return true
  }

  #listenerFor(packet: IpPacket, segment: TcpSegment): Listener | null {
    const { source, destination } = packet
    const spread = this.connections.hash(segment.destinationPort, source, segment.sourcePort)
    return this.listeners.find(destination, segment.destinationPort, spread, packet.interface)
  }

  #checksumRight(packet: IpPacket): boolean {
    const { payloadStart, payloadEnd } = packet
    const length = payloadEnd - payloadStart
    const pseudo = pseudoSum(packet.source, packet.destination, IPPROTO_TCP, length)
    return internetSum(packet.bytes, payloadStart, payloadEnd, pseudo) === 0xffff
  }

  error(report: IcmpReport): void {
    tcpErrorArrives(this, report)
  }

  // The end of a burst

  /** Sends what the burst has let go. */
  flush(): void {
    while (this.#touched.length > 0) {
      const touched = this.#touched
      this.#touched = []
      for (let i = 0; i < touched.length; i++) {
        const connection = touched[i] as Connection
        connection.touched = false
        output(connection)
        if (connection.noSpace) lookForRoom(connection)
      }
    }
  }

  /**
   * The watchers have been told: acknowledgements go when they have had their say. A reader that was woken may answer, and its
   * answer carries the acknowledgement.
   */
  deferAcks(): void {
    if (this.#acknowledging.length === 0 || this.#acksDeferred) return
    this.#acksDeferred = true
    this.time.clock.defer(this.#sendAcks)
  }

  #acknowledgeAll(): void {
    this.#acksDeferred = false
    const connections = this.#acknowledging
    this.#acknowledging = []
    this.time.refresh()
    for (let i = 0; i < connections.length; i++) {
      const connection = connections[i] as Connection
      if (connection.ackAtFlush) {
        connection.ackAtFlush = false
        sendAck(connection)
      }
    }
    this.deferAcks()
  }

  connectionTimerExpired(connection: Connection): void {
    connectionTimerExpired(connection)
  }

  halfOpenTimerExpired(halfOpen: HalfOpen): void {
    halfOpenExpired(halfOpen)
  }

  touch(connection: Connection): void {
    if (connection.touched) return
    connection.touched = true
    this.#touched.push(connection)
  }

  acknowledgeSoon(connection: Connection): void {
    if (connection.ackAtFlush) return
    connection.ackAtFlush = true
    this.#acknowledging.push(connection)
  }

  awaitRoom(connection: Connection): void {
    if (connection.awaitingRoom) return
    connection.awaitingRoom = true
    this.#awaitingRoom.push(connection)
  }

  /** A device that refused segments has room again. */
  writable(networkInterface: NetworkInterface): void {
    const waiting = this.#awaitingRoom
    if (waiting.length === 0) return
    this.#awaitingRoom = []
    for (const connection of waiting) {
      const route = connection.path as Route | null
      if (connection.state !== CLOSED && route !== null && route.interface !== networkInterface) {
        this.#awaitingRoom.push(connection)
        continue
      }
      connection.awaitingRoom = false
      output(connection)
    }
  }

  // Down

  findPath(flow: TcpFlow): number {
    const path = flow.path
    if (path !== null && !path.stale) return 0
    const bound = flow instanceof Connection && flow.owner instanceof TcpEndpoint ? flow.owner.boundTo : null
    const route = this.stack.routeTo(flow.remote, flow.local, bound)
    if (typeof route === 'number') return route
    flow.path = route
    if (flow instanceof Connection) updateMss(flow)
    return 0
  }

  confirmPath(flow: TcpFlow): void {
    const route = flow.path as Route | null
    route?.neighbour?.confirm()
  }

  largeSegment(flow: TcpFlow): number {
    const route = flow.path as Route | null
    if (route === null) return 0
    const { features } = route.interface.device
    return features.checksum ? features.largeSegment : 0
  }

  transmit(flow: TcpFlow, headerLength: number, end: number, segmentSize: number): number {
    const route = flow.path as Route
    const start = this.segmentStart
    const { frame } = this
    const offload = this.#offload
    const pseudo = pseudoSum(route.source, flow.remote, IPPROTO_TCP, end - start)
    if (route.interface.device.features.checksum) {
      write16(frame, start + TCP_CHECKSUM_OFFSET, pseudo)
      offload.checksum = CHECKSUM_PARTIAL
      offload.checksumStart = 0
      offload.checksumOffset = TCP_CHECKSUM_OFFSET
    } else {
      write16(frame, start + TCP_CHECKSUM_OFFSET, internetChecksum(frame, start, end, pseudo))
      offload.checksum = CHECKSUM_NONE
    }
    offload.segment = segmentSize === 0 ? SEGMENT_NONE : route.version === 4 ? SEGMENT_TCP4 : SEGMENT_TCP6
    offload.segmentSize = segmentSize
    offload.headerLength = headerLength
    this.counters.segmentsOut++
    const sent = ipOutput(
      this.stack,
      route,
      IPPROTO_TCP,
      flow.ttl,
      flow.tos,
      flow.dontFragment && !route.metrics.mtuLocked,
      frame,
      start,
      end,
      offload,
    )
    if (sent === -EHOSTUNREACH && flow instanceof Connection) flow.softError = EHOSTUNREACH
    // Only a full device gives word when it has room. What was lost otherwise is as lost as on the way: a timer repeats it.
    return sent === -ENOBUFS ? sent : 0
  }

  // Tables

  /**
   * Whether this socket pair is free for a new connection. One in TIME-WAIT gives way after a second if timestamps tell old
   * segments from new ones (RFC 6191): a client that opens many connections would else run out of ports.
   */
  mayConnect(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, bound: boolean): boolean {
    const entry = this.connections.find(local, localPort, remote, remotePort)
    if (entry === null) return true
    if (!(entry instanceof Connection) || entry.state !== TIME_WAIT || !entry.timestamps) return false
    // Who has bound the port wants no other one (tcp_twsk_unique of Linux).
    if (bound) return true
    const reuse = this.config.timeWaitReuse
    if (reuse === 0 || (reuse === 2 && !(local.isLoopback || remote.isLoopback))) return false
    return (this.time.now - entry.tsRecentAt) >>> 0 >= TIME_WAIT_REUSE
  }

  /** Ends the connection in TIME-WAIT that `mayConnect` found to be in the way, if there is one; its SND.NXT, or null. */
  takeOver(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number | null {
    const entry = this.connections.find(local, localPort, remote, remotePort)
    return entry instanceof Connection ? this.#giveWay(entry) : null
  }

  #giveWay(old: Connection): number {
    this.counters.timeWaitReused++
    closeConnection(old, 0)
    return old.sndNxt
  }

  enter(connection: Connection): void {
    this.connections.add(connection)
  }

  remove(flow: Connection | HalfOpen): void {
    this.connections.delete(flow)
    if (flow instanceof HalfOpen) return
    const { lease } = flow
    flow.lease = null
    lease?.release()
  }

  promote(halfOpen: HalfOpen, connection: Connection): void {
    this.connections.delete(halfOpen)
    this.connections.add(connection)
  }

  enterTimeWait(connection: Connection): void {
    this.#timeWait.push(connection)
    // They end in the order in which they came: those at the head that are over are forgotten.
    while ((this.#timeWait[this.#timeWaitHead] as Connection).state !== TIME_WAIT) this.#timeWaitHead++
    if (this.#timeWaitHead > 1024 && this.#timeWaitHead * 2 > this.#timeWait.length) {
      this.#timeWait = this.#timeWait.slice(this.#timeWaitHead)
      this.#timeWaitHead = 0
    }
    if (this.#timeWait.length - this.#timeWaitHead <= this.config.timeWaitMax) return
    this.counters.timeWaitEvicted++
    closeConnection(this.#timeWait[this.#timeWaitHead++] as Connection, 0)
  }

  /** The stack closes: every connection is forgotten without a word. */
  close(): void {
    for (const entry of [...this.connections.entries()]) {
      if (entry instanceof Connection) closeConnection(entry, 0)
      else this.time.clear(entry)
    }
  }
}
