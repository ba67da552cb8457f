// Read first: RFC 9293 sections 3.10.7 (which connection a segment is for) and 3.9.2 (the interface to IP), RFC 5927.

import { RingSpan } from '../../base/byte-ring.ts'
import { write16 } from '../../base/bytes.ts'
import { internetChecksum, internetSum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_TCP } from '../../base/constants.ts'
import { EHOSTUNREACH, ENOBUFS } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { MemoryAccount } from '../../base/memory-account.ts'
import type { Random } from '../../base/random.ts'
import { SharedAddresses } from '../../base/shared-addresses.ts'
import type { Timekeeper } from '../../base/timekeeper.ts'
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  Offload,
  SEGMENT_NONE,
  SEGMENT_TCP4,
  SEGMENT_TCP6,
} from '../../device/device.ts'
import { answerMayCarry } from '../../tcp/ack-policy.ts'
import { ChallengeBudget } from '../../tcp/challenge.ts'
import type { TcpConfig } from '../../tcp/config.ts'
import { Connection } from '../../tcp/connection.ts'
import { TcpCounters } from '../../tcp/counters.ts'
import type { FastOpenHost } from '../../tcp/fast-open.ts'
import { HalfOpen } from '../../tcp/half-open.ts'
import type { TcpFlow, TcpHost } from '../../tcp/host.ts'
import { segmentArrives, timeWaitMayReopen } from '../../tcp/input.ts'
import { SequenceGenerator } from '../../tcp/isn.ts'
import type { Listener } from '../../tcp/listener.ts'
import { updateMss } from '../../tcp/mss.ts'
import { output } from '../../tcp/output.ts'
import { cookieArrives, halfOpenExpired, segmentAtHalfOpen, synArrivesAtListener } from '../../tcp/passive-open.ts'
import { type TcpProfile, tcpProfile } from '../../tcp/profile.ts'
import { replyReset } from '../../tcp/reset.ts'
import { endHandshakesBefore, sendAck } from '../../tcp/segment-writer.ts'
import { lookForRoom } from '../../tcp/send-buffer.ts'
import type { SignatureCalls } from '../../tcp/signature.ts'
import { CLOSED, TIME_WAIT } from '../../tcp/state.ts'
import { SynCookies } from '../../tcp/syn-cookies.ts'
import { TimeWait } from '../../tcp/time-wait.ts'
import { connectionTimerExpired } from '../../tcp/timers.ts'
import type { Wishes } from '../../tcp/wishes.ts'
import { ACK, FIN, RST, readTcp, SYN, TCP_CHECKSUM_OFFSET, TcpSegment } from '../../wire/tcp.ts'
import { NO_SIGNATURE } from '../../wire/tcp-options.ts'
import type { StackEndpoint } from '../endpoint/endpoint.ts'
import type { EndpointOptions } from '../endpoint/endpoint-options.ts'
import type { PortTable } from '../endpoint/port-table.ts'
import { TcpEndpoint } from '../endpoint/tcp-endpoint.ts'
import { FRAME_HEADROOM, ipOutput } from '../ip/ip-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { ConnectionTable, type TableEntry } from './connection-table.ts'
import { ReplyFlow } from './reply-flow.ts'
import { TcpDefaults } from './tcp-defaults.ts'
import { tcpErrorArrives } from './tcp-error.ts'
import { TcpListeners } from './tcp-listeners.ts'
import { TimeWaitQueue } from './time-wait-queue.ts'
import type { IcmpReport, Transport } from './transport.ts'

/** Milliseconds after which timestamps tell a new connection's segments from those of the old one (Linux: one second). */
const TIME_WAIT_REUSE = 1000

/**
 * For how many turns of deferred tasks beyond the first an acknowledgement waits for an answer to carry it: as many promises as lie
 * between a listener that is told of a connection and the first octets of the answer (2 by `accept` and `recv`, 6 where `for await`
 * gives connections and chunks). Of the three segments that a server sends in a short exchange it spares one.
 */
const ACK_PATIENCE = 6

/** TCP below a stack: it finds the connection for a segment, and is the host that the connections run on. */
export class TcpLayer implements Transport, TcpHost {
  readonly stack: LeanStack
  readonly time: Timekeeper
  readonly random: Random
  readonly config: TcpConfig
  readonly counters: TcpCounters = new TcpCounters()
  readonly isn: SequenceGenerator
  readonly memory: MemoryAccount
  readonly addresses: SharedAddresses = new SharedAddresses()
  challenges: ChallengeBudget
  readonly fastOpen: FastOpenHost | null
  readonly signatures: SignatureCalls | null
  readonly synCookies: SynCookies
  readonly frame: Uint8Array
  readonly segmentStart: number = FRAME_HEADROOM
  readonly span: RingSpan = new RingSpan()
  readonly ports: PortTable
  readonly connections: ConnectionTable
  readonly listeners: TcpListeners = new TcpListeners()
  readonly #segment = new TcpSegment()
  readonly #reply = new ReplyFlow()
  readonly #offload = new Offload()
  // Emptied, not replaced: the two cost a round trip 300 octets of heap.
  readonly #touched: Connection[] = []
  #touchedHead = 0
  #defaults: TcpDefaults
  readonly #acknowledging: Connection[] = []
  #acksDeferred = false
  #patience = ACK_PATIENCE
  #awaitingRoom: Connection[] = []
  readonly #timeWait = new TimeWaitQueue(this)
  readonly #sendAcks = (): void => this.#acknowledgeAll()

  constructor(stack: LeanStack, profile: TcpProfile = 'default', config: Partial<TcpConfig> = {}) {
    this.stack = stack
    this.time = stack.time
    this.random = stack.random
    this.config = { ...tcpProfile(profile), ...config }
    this.#defaults = new TcpDefaults(this.config)
    this.memory = new MemoryAccount(this.config.memoryMax)
    this.isn = new SequenceGenerator(stack.random)
    this.challenges = new ChallengeBudget(this.config.challengeAckLimit, stack.random)
    this.synCookies = new SynCookies(stack.random)
    this.fastOpen = stack.parts.fastOpen?.host(this.config, stack.random) ?? null
    this.signatures = stack.parts.signatures?.calls ?? null
    this.frame = stack.frame
    this.ports = stack.ports.tcp
    this.connections = new ConnectionTable(stack.random.int32())
  }

  get wishes(): Wishes {
    return this.#defaults.wishes
  }

  get wishes6(): Wishes {
    return this.#defaults.wishes6
  }

  /** Of a socket that has set none. */
  get endpointOptions(): EndpointOptions {
    return this.#defaults.endpointOptions
  }

  /** Changes the configuration while it is used: connections see it where they look again. */
  configure(change: Partial<TcpConfig>): void {
    Object.assign(this.config, change)
    this.#defaults = new TcpDefaults(this.config)
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
    if (entry instanceof TimeWait) entry = this.#timeWait.unfold(entry)
    // (Linux asks no signature of segments for a connection in TIME-WAIT: anybody could end that.)
    if (entry !== null && !this.#signatureRight(entry.signatureKey, packet, segment)) return
    if (entry instanceof Connection) {
      if (packet.ttl < entry.minTtl) {
        this.counters.tooFar++
        return
      }
      // Only a listener can answer a SYN: without one the old connection stays.
      const reopens = entry.state === TIME_WAIT && timeWaitMayReopen(entry, segment)
      if (!reopens || this.#listenerFor(packet, segment) === null) {
        segmentArrives(entry, segment)
        this.settle(entry)
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
    if (asked !== null && !this.#signatureRight(signatureKey, packet, segment)) return
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

  // Of nearly every segment it is known here.
  #signatureRight(key: Uint8Array | null, { source, destination }: IpPacket, segment: TcpSegment): boolean {
    if (key === null && segment.options.signatureAt === NO_SIGNATURE) return true
    return this.signatures?.signatureRight(this.counters, key, source, destination, segment) ?? true
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
    const touched = this.#touched
    if (touched.length === 0) return
    while (this.#touchedHead < touched.length) {
      const connection = touched[this.#touchedHead++] as Connection
      connection.touched = false
      output(connection)
      if (connection.noSpace) lookForRoom(connection)
    }
    while (touched.length > 0) touched.pop()
    this.#touchedHead = 0
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
    const count = connections.length
    const patient = this.#patience > 0
    this.#patience = patient ? this.#patience - 1 : ACK_PATIENCE
    let fresh = false
    let left = 0
    for (let i = 0; i < count; i++) {
      const connection = connections[i] as Connection
      if (!connection.ackAtFlush) continue
      if (patient && answerMayCarry(connection)) {
        connections[left++] = connection
      } else {
        // Most looks send nothing: the clock is not read for them.
        if (!fresh) this.time.refresh()
        fresh = true
        connection.ackAtFlush = false
        sendAck(connection)
      }
    }
    for (let i = count; i < connections.length; i++) connections[left++] = connections[i] as Connection
    while (connections.length > left) connections.pop()
    if (left === 0) this.#patience = ACK_PATIENCE
    this.deferAcks()
  }

  connectionTimerExpired(connection: Connection): void {
    connectionTimerExpired(connection)
  }

  halfOpenTimerExpired(halfOpen: HalfOpen): void {
    halfOpenExpired(halfOpen)
  }

  timeWaitExpired(timeWait: TimeWait): void {
    this.#timeWait.end(timeWait)
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
    // A reader's comes between two bursts.
    this.stack.scheduleFlush()
  }

  endEarlierHandshakes(connection: Connection): void {
    endHandshakesBefore(connection, this.#acknowledging)
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

  gathers(flow: TcpFlow): boolean {
    const route = flow.path as Route | null
    return route?.interface.gathers ?? false
  }

  transmit(flow: TcpFlow, headerLength: number, end: number, segmentSize: number, span: RingSpan | null): number {
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
    offload.payload = span
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
    if (entry instanceof HalfOpen || entry.state !== TIME_WAIT || !entry.timestamps) return false
    // Who has bound the port wants no other one (tcp_twsk_unique of Linux).
    if (bound) return true
    const reuse = this.config.timeWaitReuse
    if (reuse === 0 || (reuse === 2 && !(local.isLoopback || remote.isLoopback))) return false
    return (this.time.now - entry.tsRecentAt) >>> 0 >= TIME_WAIT_REUSE
  }

  /** Ends the connection in TIME-WAIT that `mayConnect` found to be in the way, if there is one; its SND.NXT, or null. */
  takeOver(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number | null {
    const entry = this.connections.find(local, localPort, remote, remotePort)
    return entry === null || entry instanceof HalfOpen ? null : this.#giveWay(entry)
  }

  #giveWay(old: Connection | TimeWait): number {
    this.counters.timeWaitReused++
    this.#timeWait.end(old)
    return old.sndNxt
  }

  enter(connection: Connection): void {
    this.connections.add(connection)
  }

  remove(flow: TableEntry): void {
    this.connections.delete(flow)
    if (flow instanceof HalfOpen) return
    const { lease } = flow
    flow.lease = null
    lease?.release()
    if (this.#timeWait.length > 0) this.#timeWait.trim()
  }

  promote(halfOpen: HalfOpen, connection: Connection): void {
    this.connections.delete(halfOpen)
    this.connections.add(connection)
  }

  enterTimeWait(connection: Connection): void {
    this.#timeWait.push(connection)
    this.#timeWait.trim()
    if (this.#timeWait.length <= this.config.timeWaitMax) return
    this.counters.timeWaitEvicted++
    this.#timeWait.end(this.#timeWait.oldest)
  }

  /** The connection may have come to TIME-WAIT with nobody who holds it. */
  settle(connection: Connection): void {
    if (connection.state === TIME_WAIT) this.#timeWait.fold(connection)
  }

  /** The stack closes: every connection is forgotten without a word. */
  close(): void {
    for (const entry of [...this.connections.entries()]) {
      if (entry instanceof HalfOpen) this.time.clear(entry)
      else this.#timeWait.end(entry)
    }
  }
}
