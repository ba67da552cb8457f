// Read first: RFC 9293 section 3.1.
//
//    0                   1                   2                   3
//    source port (16)                        destination port (16)
//    sequence number (32)
//    acknowledgment number (32)
//    data offset (4) · reserved (3) · AE CWR ECE URG ACK PSH RST SYN FIN · window (16)
//    checksum (16)                           urgent pointer (16)
//    options, then data

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { readTcpOptions, TcpOptions } from './tcp-options.ts'

export const TCP_HEADER_LENGTH = 20
/** The data offset has 4 bits: 15 words. */
export const TCP_HEADER_LENGTH_MAX = 60
/** Where the checksum field lies in the header. */
export const TCP_CHECKSUM_OFFSET = 16

export const FIN = 0x001
export const SYN = 0x002
export const RST = 0x004
export const PSH = 0x008
export const ACK = 0x010
export const URG = 0x020
export const ECE = 0x040
export const CWR = 0x080
/** Accurate ECN, RFC 9768; formerly NS. */
export const AE = 0x100

/** The fields of a segment, read into one reused object. Sequence numbers are int32. */
export class TcpSegment {
  sourcePort = 0
  destinationPort = 0
  seq = 0
  ack = 0
  flags = 0
  /** As in the header: not scaled. 0 to 65535. */
  window = 0
  urgentPointer = 0
  headerLength = 0
  /** Where the data lies in `bytes`. */
  payloadStart = 0
  payloadEnd = 0
  /** The frame it was read from: lent. */
  bytes: Uint8Array = new Uint8Array(0)
  /** The ECN codepoint of the IP header that it came with: filled in by whoever hands it on. */
  ecn = 0
  readonly options: TcpOptions = new TcpOptions()

  /** Octets of data. */
  get payloadLength(): number {
    return this.payloadEnd - this.payloadStart
  }

  /** SEG.LEN: data, plus one each for SYN and FIN. */
  get length(): number {
    return this.payloadEnd - this.payloadStart + ((this.flags >> 1) & 1) + (this.flags & 1)
  }
}

/**
 * Reads the segment in `bytes[start, end)`. False where the header does not fit in it or is shorter than 20 octets
 * (RFC 9293 section 3.1: data offset at least 5). Options that cannot be read end the list: MUST-7.
 */
export function readTcp(segment: TcpSegment, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < TCP_HEADER_LENGTH) return false
  const headerLength = ((bytes[start + 12] as number) >>> 4) * 4
  if (headerLength < TCP_HEADER_LENGTH || start + headerLength > end) return false
  segment.sourcePort = read16(bytes, start)
  segment.destinationPort = read16(bytes, start + 2)
  segment.seq = read32(bytes, start + 4)
  segment.ack = read32(bytes, start + 8)
  segment.flags = (((bytes[start + 12] as number) & 1) << 8) | (bytes[start + 13] as number)
  segment.window = read16(bytes, start + 14)
  segment.urgentPointer = read16(bytes, start + 18)
  segment.headerLength = headerLength
  segment.payloadStart = start + headerLength
  segment.payloadEnd = end
  segment.bytes = bytes
  readTcpOptions(segment.options, bytes, start + TCP_HEADER_LENGTH, start + headerLength)
  return true
}

/** Writes the 20 octets of a header at `at`, the checksum field zero. `headerLength` counts the options, a multiple of 4. */
export function writeTcp(
  bytes: Uint8Array,
  at: number,
  sourcePort: number,
  destinationPort: number,
  seq: number,
  ack: number,
  headerLength: number,
  flags: number,
  window: number,
  urgentPointer: number,
): void {
  write16(bytes, at, sourcePort)
  write16(bytes, at + 2, destinationPort)
  write32(bytes, at + 4, seq)
  write32(bytes, at + 8, ack)
  bytes[at + 12] = (headerLength << 2) | ((flags >>> 8) & 1)
  bytes[at + 13] = flags
  write16(bytes, at + 14, window)
  write16(bytes, at + 16, 0)
  write16(bytes, at + 18, urgentPointer)
}
