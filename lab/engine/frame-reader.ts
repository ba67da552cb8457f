// A frame in one line, whose it is, and what has caused it.

import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../src/base/constants.ts'
import { endsText } from '../../src/base/ends-text.ts'
import { describeLine } from '../../src/wire/describe.ts'
import { readPacket } from '../../src/wire/describe-ip.ts'
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  EthernetHeader,
  readEthernet,
} from '../../src/wire/ethernet.ts'
import { readTcp, TcpSegment } from '../../src/wire/tcp.ts'
import { readUdp, UdpHeader } from '../../src/wire/udp.ts'
import type { ConnectionWatch } from './connection-watch.ts'
import type { CausedFrame, FrameCauses } from './frame-cause.ts'
import type { FrameKind } from './run-events.ts'

export interface ReadFrame {
  readonly kind: FrameKind
  /** "10.0.1.1:4242 10.0.1.2:80", the sender first; '' where there are no ports. */
  readonly flow: string
  /** As tcpdump would print it. */
  readonly text: string
}

/** Reads frames, one at a time. */
export class FrameReader {
  readonly #ethernet = new EthernetHeader()
  readonly #segment = new TcpSegment()
  readonly #datagram = new UdpHeader()
  #kind: FrameKind = 'other'
  #flow = ''

  /** The frame in `bytes[start, end)`. */
  read(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip' = 'ethernet'): ReadFrame {
    this.#kind = 'other'
    this.#flow = ''
    if (medium === 'ip') this.#lookAtPacket(bytes, start, end)
    else this.#look(bytes, start, end)
    return { kind: this.#kind, flow: this.#flow, text: describeLine(bytes, start, end, medium) }
  }

  /** The TCP segment that was read last, lent; null: it was something else. */
  get segment(): TcpSegment | null {
    return this.#kind === 'tcp' && this.#flow !== '' ? this.#segment : null
  }

  /** Has `causes` find the cause of the frame that was read last, which leaves now. */
  findCause(causes: FrameCauses, frame: CausedFrame): void {
    const { segment } = this
    if (segment !== null) causes.segment(frame, this.#flow, segment)
    else causes.other(frame)
  }

  /** Tells `watch` that the frame that was read last leaves as `number`. */
  findSegment(watch: ConnectionWatch, number: number): void {
    const { segment } = this
    if (segment !== null) watch.leaves(this.#flow, segment.seq, number)
  }

  #look(bytes: Uint8Array, start: number, end: number): void {
    if (!readEthernet(this.#ethernet, bytes, start, end)) return
    const { type } = this.#ethernet
    if (type === ETHERTYPE_ARP) this.#kind = 'arp'
    if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6)
      this.#lookAtPacket(bytes, start + ETHERNET_HEADER_LENGTH, end)
  }

  #lookAtPacket(bytes: Uint8Array, start: number, end: number): void {
    const packet = readPacket(bytes, start, end)
    if (packet === null) return
    const { protocol, source, destination, payload, capturedEnd } = packet
    if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6) this.#kind = 'icmp'
    else if (protocol === IPPROTO_TCP) this.#kind = 'tcp'
    else if (protocol === IPPROTO_UDP) this.#kind = 'udp'
    // Of a fragment behind the first, what lies there is no header.
    if (packet.fragmentOffset > 0) return
    if (protocol === IPPROTO_TCP && readTcp(this.#segment, bytes, payload, capturedEnd)) {
      const { sourcePort, destinationPort } = this.#segment
      this.#flow = endsText(source, sourcePort, destination, destinationPort)
    } else if (protocol === IPPROTO_UDP && readUdp(this.#datagram, bytes, payload, capturedEnd)) {
      const { sourcePort, destinationPort } = this.#datagram
      this.#flow = endsText(source, sourcePort, destination, destinationPort)
    }
  }
}
