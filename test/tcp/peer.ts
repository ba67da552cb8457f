import { write16 } from '../../src/base/bytes.ts'
import { internetChecksum, internetSum, pseudoSum } from '../../src/base/checksum.ts'
import { IPPROTO_TCP, SOCK_STREAM } from '../../src/base/constants.ts'
import type { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { CHECKSUM_NONE, type DeviceFeatures, NO_FEATURES } from '../../src/device/device.ts'
import { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack } from '../../src/stack/stack.ts'
import type { TcpConfig } from '../../src/tcp/config.ts'
import type { Connection } from '../../src/tcp/connection.ts'
import { ACK, readTcp, SYN, TCP_HEADER_LENGTH, TcpSegment, writeTcp } from '../../src/wire/tcp.ts'
import {
  writeMss,
  writeNop,
  writeSack,
  writeSackPermitted,
  writeTimestamps,
  writeWindowScale,
} from '../../src/wire/tcp-options.ts'
import { ipv4 } from '../stack/one-stack.ts'
import { ScriptDevice } from '../stack/script-device.ts'
import { type Family, IPV4 } from './family.ts'

/** A device that takes large segments. */
export const LARGE: DeviceFeatures = { checksum: true, largeSegment: 65535 }

/** The value of an integer option, as C has it. */
export function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

function options(length: number, write: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(length)
  write(bytes)
  return bytes
}

/** What the peer's SYN says. */
export const MSS_ONLY = options(4, (bytes) => writeMss(bytes, 0, 1460))
export const MSS_SACK_SCALE = options(12, (bytes) => {
  writeNop(bytes, writeWindowScale(bytes, writeNop(bytes, writeSackPermitted(bytes, writeMss(bytes, 0, 1460))), 7))
})

export function mssAndTimestamps(tsVal: number): Uint8Array {
  return options(16, (bytes) =>
    writeTimestamps(bytes, writeNop(bytes, writeNop(bytes, writeMss(bytes, 0, 1460))), tsVal, 0),
  )
}

export function timestamps(tsVal: number, tsEcr: number): Uint8Array {
  return options(12, (bytes) => writeTimestamps(bytes, writeNop(bytes, writeNop(bytes, 0)), tsVal, tsEcr))
}

/** SACK blocks: the first octet of each and the octet after its last. */
export function sackBlocks(...edges: readonly number[]): Uint8Array {
  return options(4 + 4 * edges.length, (bytes) => {
    writeSack(bytes, writeNop(bytes, writeNop(bytes, 0)), Int32Array.from(edges), edges.length / 2)
  })
}

/** What differs from the peer's running numbers. */
export interface SegmentFields {
  readonly seq?: number
  readonly ack?: number
  readonly window?: number
  readonly urgentPointer?: number
  readonly options?: Uint8Array
  readonly data?: Uint8Array
}

/** A segment of the stack, as the peer got it. */
export interface Arrived {
  readonly seq: number
  readonly ack: number
  readonly flags: number
  readonly urgentPointer: number
  readonly data: Uint8Array
  /** Octets of the whole IP packet. */
  readonly packetLength: number
  readonly headerLength: number
  /** Payload of each packet it stands for; 0: it is one packet. */
  readonly segmentSize: number
  readonly tsVal: number
}

export interface PeerOptions {
  /** Default IPv4. */
  readonly family?: Family
  readonly tcp?: Partial<TcpConfig>
  readonly features?: DeviceFeatures
  /** What the clock says in the beginning. */
  readonly start?: number
  /** How many milliseconds a SYN-ACK waits for its answer. */
  readonly distance?: number
}

/**
 * A host that is the test: it writes its segments by hand, to a stack whose server listens on port 80. Its numbers
 * run only where the test moves them.
 */
export class Peer {
  readonly family: Family
  readonly clock: ManualClock
  readonly device: ScriptDevice
  readonly stack: Stack
  readonly link: NetworkInterface
  seq = 1000
  ack = 0
  window = 65535
  port = 4000
  stackPort = 80
  /** Milliseconds from a SYN-ACK to the peer's answer. */
  readonly #distance: number

  constructor({ family = IPV4, tcp = {}, features = NO_FEATURES, start = 12_345, distance = 0 }: PeerOptions = {}) {
    this.family = family
    this.#distance = distance
    this.clock = new ManualClock(start)
    this.device = new ScriptDevice('ip', family.mtu, features)
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(5), tcp })
    this.link = this.attach(this.device, 'eth0')
  }

  /** Gives the stack a device, and its interface the stack's address. */
  attach(device: ScriptDevice, name: string): NetworkInterface {
    const { ours, prefixLength } = this.family
    return this.stack.attach(device, { address: `${ours}/${prefixLength}`, name, duplicateAddressDetection: false })
  }

  /** Lets happen what happens within `ms` milliseconds; returns in how many steps. An error says that they are too many. */
  run(ms = 0, most = 1_000_000): number {
    const end = this.clock.now() + ms
    let steps = 0
    while (this.clock.nextAt() <= end) {
      this.clock.advanceTo(this.clock.nextAt())
      if (++steps > most) throw new Error(`more than ${most} steps in ${ms} ms`)
    }
    this.clock.advanceTo(end)
    return steps
  }

  socket(): TcpEndpoint {
    return this.stack.socket(this.family.family, SOCK_STREAM, 0) as TcpEndpoint // never refused
  }

  listen(): TcpEndpoint {
    const socket = this.socket()
    socket.bind(SocketAddress.internet(this.family.wildcard, this.stackPort))
    socket.listen(5)
    return socket
  }

  /** The octets of a segment with its checksum, in an IP packet. */
  packet(flags: number, fields: SegmentFields = {}): Uint8Array {
    const { options = new Uint8Array(0), data = new Uint8Array(0) } = fields
    const header = TCP_HEADER_LENGTH + options.length
    const segment = new Uint8Array(header + data.length)
    const { seq = this.seq, ack = this.ack, window = this.window, urgentPointer = 0 } = fields
    writeTcp(segment, 0, this.port, this.stackPort, seq | 0, ack | 0, header, flags, window, urgentPointer)
    segment.set(options, TCP_HEADER_LENGTH)
    segment.set(data, header)
    return this.checked(segment)
  }

  /** The packet with other addresses, its checksums made right for them. IPv4. */
  readdressed(packet: Uint8Array, source: IpAddress, destination: IpAddress): Uint8Array {
    const segment = packet.slice(this.family.header)
    write16(segment, 16, 0)
    write16(
      segment,
      16,
      internetChecksum(segment, 0, segment.length, pseudoSum(source, destination, IPPROTO_TCP, segment.length)),
    )
    return ipv4(segment, { protocol: IPPROTO_TCP, source: source.toString(), destination: destination.toString() })
  }

  /** Any octets as a segment, its checksum made right. */
  checked(segment: Uint8Array): Uint8Array {
    if (segment.length >= TCP_HEADER_LENGTH) {
      write16(segment, 16, 0)
      const pseudo = pseudoSum(this.family.peerIp, this.family.oursIp, IPPROTO_TCP, segment.length)
      write16(segment, 16, internetChecksum(segment, 0, segment.length, pseudo))
    }
    return this.family.packet(segment)
  }

  send(flags: number, fields: SegmentFields = {}): void {
    this.device.deliver(this.packet(flags, fields))
    this.run()
  }

  /** Sends data, and moves on behind it. */
  sendData(data: Uint8Array, flags = ACK): void {
    this.send(flags, { data })
    this.seq = (this.seq + data.length) | 0
  }

  /** What has arrived since the last call. Its checksums are looked at where the device does not complete them. */
  take(): Arrived[] {
    const { sent, offloads } = this.device
    const { header, oursIp, peerIp } = this.family
    const arrived = sent.map((packet, i): Arrived => {
      const segment = new TcpSegment()
      if (!readTcp(segment, packet, header, packet.length)) throw new Error('not a segment')
      const offload = offloads[i]
      const pseudo = pseudoSum(oursIp, peerIp, IPPROTO_TCP, packet.length - header)
      if (offload?.checksum === CHECKSUM_NONE && internetSum(packet, header, packet.length, pseudo) !== 0xffff) {
        throw new Error('bad checksum')
      }
      return {
        seq: segment.seq,
        ack: segment.ack,
        flags: segment.flags,
        urgentPointer: segment.urgentPointer,
        data: packet.slice(segment.payloadStart, segment.payloadEnd),
        packetLength: packet.length,
        headerLength: header + segment.headerLength,
        segmentSize: offload?.segmentSize ?? 0,
        tsVal: segment.options.tsVal,
      }
    })
    this.device.take()
    return arrived
  }

  /** The same as text: where each begins, counted from what the peer has acknowledged, and how long it is. */
  taken(): string[] {
    return this.take().map(({ seq, data }) => `${(seq - this.ack) | 0}+${data.length}`)
  }

  /** Acknowledges all data that has arrived, and forgets it. Returns how many octets. */
  acknowledgeAll(fields: SegmentFields = {}): number {
    const before = this.ack
    for (const { seq, data } of this.take()) {
      const end = (seq + data.length) | 0
      if (((end - this.ack) | 0) > 0) this.ack = end
    }
    if (this.ack !== before) this.send(ACK, fields)
    return (this.ack - before) | 0
  }

  /** The three-way handshake, begun by the peer. */
  open(options: Uint8Array = MSS_ONLY, listener: TcpEndpoint = this.listen()): TcpEndpoint {
    this.send(SYN, { options })
    this.#shakeHands(0)
    const endpoint = listener.accept(null)
    if (!(endpoint instanceof TcpEndpoint)) throw new Error(`accept gave ${String(endpoint)}`)
    return endpoint
  }

  /** The handshake with timestamps: the peer's clock says `tsVal`. */
  openWithTimestamps(tsVal: number): TcpEndpoint {
    const listener = this.listen()
    this.send(SYN, { options: mssAndTimestamps(tsVal) })
    this.#shakeHands(tsVal)
    const endpoint = listener.accept(null)
    if (!(endpoint instanceof TcpEndpoint)) throw new Error(`accept gave ${String(endpoint)}`)
    return endpoint
  }

  #shakeHands(tsVal: number): void {
    const answer = this.take()[0]
    if (answer === undefined) throw new Error('no SYN-ACK')
    this.seq = (this.seq + 1) | 0
    this.ack = (answer.seq + 1) | 0
    this.run(this.#distance)
    this.send(ACK, tsVal === 0 ? {} : { options: timestamps(tsVal, answer.tsVal) })
    this.take()
  }

  /** The handshake begun by the stack: the endpoint is in SYN-SENT, and the peer has its SYN. */
  beConnected(): TcpEndpoint {
    const endpoint = this.socket()
    this.port = 80
    endpoint.connect(SocketAddress.internet(this.family.peer, this.port))
    this.run()
    const syn = this.device.take()[0]
    const segment = new TcpSegment()
    if (syn === undefined || !readTcp(segment, syn, this.family.header, syn.length)) throw new Error('no SYN')
    this.stackPort = segment.sourcePort
    this.ack = (segment.seq + 1) | 0
    return endpoint
  }
}

/** The connection of an endpoint that has one. */
export function connectionOf(endpoint: TcpEndpoint): Connection {
  if (endpoint.connection === null) throw new Error('no connection')
  return endpoint.connection
}
