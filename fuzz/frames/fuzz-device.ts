import { read16 } from '../../src/base/bytes.ts'
import type { Clock } from '../../src/base/clock.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import {
  CHECKSUM_NONE,
  type Device,
  type DeviceFeatures,
  type FrameReceiver,
  type Offload,
} from '../../src/device/device.ts'
import { Ipv4Header, ipv4ChecksumRight, readIpv4 } from '../../src/wire/ipv4.ts'
import { Ipv6Header, readIpv6 } from '../../src/wire/ipv6.ts'
import { ACK, readTcp, SYN, TcpSegment } from '../../src/wire/tcp.ts'
import { OURS_HARDWARE, OURS_LINK_LOCAL, OURS_V4, OURS_V6 } from './hosts.ts'
import { TCP } from './packet.ts'
import type { Greeting } from './tcp-frames.ts'

/** How many handshakes of the stack are remembered, to be answered. */
const GREETINGS = 24

const v4 = new Ipv4Header()
const v6 = new Ipv6Header()
const segment = new TcpSegment()

/** A device whose other side is the fuzzer: it looks at what the stack sends, and remembers the beginnings of connections. */
export class FuzzDevice implements Device {
  readonly name = 'fuzz'
  readonly medium: 'ethernet' | 'ip'
  readonly mtu = 1500
  readonly hardwareAddress: Uint8Array | null
  readonly headroom = 0
  readonly features: DeviceFeatures
  readonly greetings: Greeting[] = []
  sent = 0
  octets = 0
  /** Refuses what it is given. */
  full = false
  receiver: FrameReceiver | null = null

  constructor(medium: 'ethernet' | 'ip', features: DeviceFeatures) {
    this.medium = medium
    this.features = features
    this.hardwareAddress = medium === 'ethernet' ? OURS_HARDWARE : null
  }

  attach(receiver: FrameReceiver, _clock: Clock): void {
    this.receiver = receiver
  }

  close(): void {
    this.receiver = null
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    if (this.full) return false
    this.sent++
    this.octets += end - start
    const ethernet = this.medium === 'ethernet'
    const at = start + (ethernet ? 14 : 0)
    const large = offload.segment !== 0
    if (end <= at) throw new Error(`sent ${end - start} octets, which is no packet`)
    if (large && this.features.largeSegment === 0) throw new Error('sent a large segment to a device that takes none')
    if (!large && end - at > this.mtu) throw new Error(`sent a packet of ${end - at} octets where ${this.mtu} fit`)
    const type = ethernet ? read16(bytes, start + 12) : (bytes[at] as number) >> 4 === 4 ? 0x0800 : 0x86dd
    if (type === 0x0800) this.#lookAtV4(bytes, at, end, offload)
    else if (type === 0x86dd) this.#lookAtV6(bytes, at, end)
    else if (type !== 0x0806) throw new Error(`sent a frame of type ${type.toString(16)}`)
    return true
  }

  #lookAtV4(bytes: Uint8Array, at: number, end: number, offload: Offload): void {
    if (!readIpv4(v4, bytes, at, end)) throw new Error('sent a packet that is not of IPv4')
    if (v4.totalLength !== end - at) throw new Error(`sent ${end - at} octets that say they are ${v4.totalLength}`)
    if (offload.checksum === CHECKSUM_NONE && !ipv4ChecksumRight(bytes, at, v4.headerLength)) {
      throw new Error('sent a header whose checksum is wrong')
    }
    if (v4.protocol !== TCP || v4.fragmentOffset !== 0) return
    this.#greet(bytes, at + v4.headerLength, end, IpAddress.v4(v4.source), IpAddress.v4(v4.destination))
  }

  #lookAtV6(bytes: Uint8Array, at: number, end: number): void {
    if (!readIpv6(v6, bytes, at, end)) throw new Error('sent a packet that is not of IPv6')
    if (v6.payloadLength !== end - at - 40)
      throw new Error(`sent ${end - at - 40} octets behind a header that says ${v6.payloadLength}`)
    if (v6.nextHeader === TCP) this.#greet(bytes, at + 40, end, v6.source, v6.destination)
  }

  #greet(bytes: Uint8Array, at: number, end: number, local: IpAddress, remote: IpAddress): void {
    // What is passed on for others may be as it likes.
    if (!local.equals(OURS_V4) && !local.equals(OURS_V6) && !local.equals(OURS_LINK_LOCAL)) return
    if (!readTcp(segment, bytes, at, end)) throw new Error('sent a segment that is none')
    if ((segment.flags & SYN) === 0) return
    if (this.greetings.length >= GREETINGS) this.greetings.shift()
    const { sourcePort, destinationPort, seq, ack } = segment
    this.greetings.push({
      local: local.copy(),
      localPort: sourcePort,
      remote: remote.copy(),
      remotePort: destinationPort,
      seq,
      ack,
      synAck: (segment.flags & ACK) !== 0,
    })
  }
}
