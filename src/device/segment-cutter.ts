// Read first: RFC 9293 section 3.1, RFC 791 section 3.1, RFC 8200 section 3, RFC 768, RFC 3168 section 6.1.2.
//
// What a network card does with a large segment when it sends it: each packet gets a copy of the headers, its own length,
// identification, sequence number and checksums.

import { copyBytes } from '../base/byte-ring.ts'
import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { internetChecksum } from '../base/checksum.ts'
import { IPPROTO_TCP, IPPROTO_UDP } from '../base/constants.ts'
import { CWR, FIN, PSH, TCP_CHECKSUM_OFFSET } from '../wire/tcp.ts'
import { ipHeaderStart, packetPseudoHeaderSum } from './complete-checksum.ts'
import { type Offload, SEGMENT_NONE, SEGMENT_UDP } from './device.ts'

/** Gets each packet; its octets are lent until it returns. */
export type PacketTaker = (bytes: Uint8Array, start: number, end: number) => void

/** Where the headers of a large segment end, found by reading them. */
class Headers {
  ip = 0
  transport = 0
  payload = 0
}

/** Cuts large segments into the packets they stand for. */
export class SegmentCutter {
  readonly #taker: PacketTaker
  readonly #front: number
  readonly #headers = new Headers()
  #scratch = new Uint8Array(0)

  /** In front of each packet `front` octets are free for a device that wants them. */
  constructor(taker: PacketTaker, front = 0) {
    this.#taker = taker
    this.#front = front
  }

  /**
   * Hands the packets of the large segment in `bytes[start, end)` to the taker, in order. False, and nothing handed, where
   * its headers cannot be read.
   */
  cut(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip', offload: Offload): boolean {
    const headers = this.#headers
    const size = offload.segmentSize
    if (offload.segment === SEGMENT_NONE || size <= 0) return false
    const udp = offload.segment === SEGMENT_UDP
    if (!readHeaders(headers, bytes, start, end, medium, udp ? IPPROTO_UDP : IPPROTO_TCP)) return false
    const front = this.#front
    const longest = front + headers.payload - start + size
    if (this.#scratch.length < longest) this.#scratch = new Uint8Array(longest)
    const scratch = this.#scratch
    copyBytes(bytes, start, headers.payload, scratch, front)
    const ip = headers.ip - start + front
    const transport = headers.transport - start + front
    const payload = headers.payload - start + front
    let index = 0
    let at = headers.payload
    do {
      const length = Math.min(size, end - at)
      copyBytes(bytes, at, at + length, scratch, payload)
      writeIpLength(scratch, ip, payload + length, bytes, headers.ip, index)
      if (udp) writeUdpDatagram(scratch, ip, transport, payload + length)
      else writeTcpSegment(scratch, ip, transport, payload + length, bytes, headers, at, at + length === end)
      this.#taker(scratch, front, payload + length)
      at += length
      index++
    } while (at < end)
    return true
  }
}

function writeIpLength(
  scratch: Uint8Array,
  ip: number,
  end: number,
  bytes: Uint8Array,
  bytesIp: number,
  index: number,
): void {
  if ((scratch[ip] as number) >>> 4 === 6) {
    write16(scratch, ip + 4, end - ip - 40)
    return
  }
  write16(scratch, ip + 2, end - ip)
  write16(scratch, ip + 4, (read16(bytes, bytesIp + 4) + index) & 0xffff)
  write16(scratch, ip + 10, 0)
  write16(scratch, ip + 10, internetChecksum(scratch, ip, ip + ((scratch[ip] as number) & 15) * 4))
}

function writeTcpSegment(
  scratch: Uint8Array,
  ip: number,
  transport: number,
  end: number,
  bytes: Uint8Array,
  headers: Headers,
  at: number,
  last: boolean,
): void {
  write32(scratch, transport + 4, (read32(bytes, headers.transport + 4) + at - headers.payload) | 0)
  let flags = bytes[headers.transport + 13] as number
  if (!last) flags &= ~(FIN | PSH)
  // RFC 3168 6.1.2: the answer to one echo is one CWR, on the first data after it.
  if (at !== headers.payload) flags &= ~CWR
  scratch[transport + 13] = flags
  const field = transport + TCP_CHECKSUM_OFFSET
  write16(scratch, field, 0)
  const pseudo = packetPseudoHeaderSum(scratch, ip, IPPROTO_TCP, end - transport)
  write16(scratch, field, internetChecksum(scratch, transport, end, pseudo))
}

function writeUdpDatagram(scratch: Uint8Array, ip: number, transport: number, end: number): void {
  write16(scratch, transport + 4, end - transport)
  write16(scratch, transport + 6, 0)
  const pseudo = packetPseudoHeaderSum(scratch, ip, IPPROTO_UDP, end - transport)
  write16(scratch, transport + 6, internetChecksum(scratch, transport, end, pseudo) || 0xffff)
}

function readHeaders(
  headers: Headers,
  bytes: Uint8Array,
  start: number,
  end: number,
  medium: 'ethernet' | 'ip',
  protocol: number,
): boolean {
  if (end - start < 38) return false
  const ip = ipHeaderStart(bytes, start, medium)
  const transport = transportStart(bytes, ip, end, protocol)
  if (transport < 0) return false
  let payload = transport + 8
  if (protocol === IPPROTO_TCP) {
    if (transport + 20 > end) return false
    const length = ((bytes[transport + 12] as number) >>> 4) * 4
    if (length < 20) return false
    payload = transport + length
  }
  if (payload > end) return false
  headers.ip = ip
  headers.transport = transport
  headers.payload = payload
  return true
}

// Where the header of `protocol` begins in the packet at `ip`; −1 where there is none to be found.
function transportStart(bytes: Uint8Array, ip: number, end: number, protocol: number): number {
  const version = (bytes[ip] as number) >>> 4
  if (version === 4) {
    const length = ((bytes[ip] as number) & 15) * 4
    return length >= 20 && ip + length <= end && bytes[ip + 9] === protocol ? ip + length : -1
  }
  if (version !== 6 || ip + 40 > end) return -1
  let next = bytes[ip + 6] as number
  let at = ip + 40
  // RFC 8200 section 4: hop-by-hop options, routing and destination options are skipped by their length.
  while (next === 0 || next === 43 || next === 60) {
    if (at + 8 > end) return -1
    next = bytes[at] as number
    at += 8 + (bytes[at + 1] as number) * 8
  }
  return next === protocol ? at : -1
}
