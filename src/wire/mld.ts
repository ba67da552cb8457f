// Read first: RFC 3810 section 5, RFC 2710 section 3 (version 1).
//
//    type (8) · code (8) · checksum (16)
//    of a query, a version 1 report and a done: maximum response code (16) · reserved (16), group (128)
//    of a version 2 query then: reserved · S (1) · robustness (3) · query interval code (8) · number of sources (16), sources
//    of a version 2 report: reserved (16) · number of records (16), records (group-record.ts)
//
// The checksum, the hop limit of 1, the router alert and the link-local source are the caller's to look at.

import { read16, write16 } from '../base/bytes.ts'
import { IpAddress } from '../base/ip-address.ts'
import { groupRecordsFit, writeGroupRecord } from './group-record.ts'
import { ICMPV6_MLD_DONE, ICMPV6_MLD_QUERY, ICMPV6_MLD_REPORT_V1, ICMPV6_MLD_REPORT_V2, writeIcmpv6 } from './icmpv6.ts'
import { decodeTimeCode8, decodeTimeCode16, encodeTimeCode8, encodeTimeCode16 } from './igmp-time-code.ts'
import { readIpv6Address, writeIpv6Address } from './ipv6.ts'

/** A version 1 message; a version 2 query has at least MLD_QUERY_LENGTH. */
export const MLD_V1_LENGTH = 24
/** A version 2 query before its sources. */
export const MLD_QUERY_LENGTH = 28
/** A version 2 report before its records. */
export const MLD_REPORT_LENGTH = 8
/** A record before its sources. */
export const MLD_RECORD_LENGTH = 20

const SUPPRESS = 0x08

/** The fields of a message, read into one reused object. */
export class MldMessage {
  type = 0
  /** Of a query: told by its length (RFC 3810 section 8.1). */
  version: 1 | 2 = 2
  /** Milliseconds; of a query. */
  maxResponseTime = 0
  /** :: in a general query. Unchanged by a version 2 report. */
  readonly group: IpAddress = new IpAddress()
  /** S: routers leave their timers alone. Of a version 2 query, as the next two. */
  suppress = false
  /** 0: the querier does not say. */
  robustness = 0
  /** Seconds. */
  queryInterval = 0
  /** Sources of a version 2 query, records of a version 2 report. */
  count = 0
  /** Where they begin. */
  list = 0
}

/**
 * Reads the message in `bytes[start, end)`. False where its type is none of the four, it is too short for what it says to hold, or
 * it is a query of a length between those of the two versions (RFC 3810 section 8.1). Octets behind what it holds are ignored.
 */
export function readMld(message: MldMessage, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < MLD_REPORT_LENGTH) return false
  const type = bytes[start] as number
  message.type = type
  message.version = 2
  message.maxResponseTime = 0
  message.suppress = false
  message.robustness = 0
  message.queryInterval = 0
  message.count = 0
  if (type === ICMPV6_MLD_REPORT_V2) {
    message.count = read16(bytes, start + 6)
    message.list = start + MLD_REPORT_LENGTH
    return groupRecordsFit(bytes, message.list, message.count, end, 16)
  }
  if (type !== ICMPV6_MLD_QUERY && type !== ICMPV6_MLD_REPORT_V1 && type !== ICMPV6_MLD_DONE) return false
  if (end - start < MLD_V1_LENGTH) return false
  readIpv6Address(message.group, bytes, start + 8)
  message.list = start + MLD_V1_LENGTH
  if (type !== ICMPV6_MLD_QUERY || end - start === MLD_V1_LENGTH) {
    message.version = 1
    message.maxResponseTime = read16(bytes, start + 4)
    return true
  }
  if (end - start < MLD_QUERY_LENGTH) return false
  const flags = bytes[start + 24] as number
  message.maxResponseTime = decodeTimeCode16(read16(bytes, start + 4))
  message.suppress = (flags & SUPPRESS) !== 0
  message.robustness = flags & 7
  message.queryInterval = decodeTimeCode8(bytes[start + 25] as number)
  message.count = read16(bytes, start + 26)
  message.list = start + MLD_QUERY_LENGTH
  return message.list + 16 * message.count <= end
}

/**
 * Writes a version 1 query, report or done at `at`, the checksum field zero, and returns where it ends. `maxResponseTime` is 0 but in
 * a query, and at most 65535.
 */
export function writeMldV1(
  bytes: Uint8Array,
  at: number,
  type: number,
  maxResponseTime: number,
  group: IpAddress,
): number {
  writeIcmpv6(bytes, at, type, 0, maxResponseTime << 16)
  writeIpv6Address(bytes, at + 8, group)
  return at + MLD_V1_LENGTH
}

/**
 * Writes a version 2 query at `at`, the checksum field zero, and returns where its sources go. Times that no code says exactly are
 * sent shorter; a robustness above 7 as 0 (RFC 3810 section 5.1.8).
 */
export function writeMldQuery(
  bytes: Uint8Array,
  at: number,
  maxResponseTime: number,
  group: IpAddress,
  suppress: boolean,
  robustness: number,
  queryInterval: number,
  sourceCount: number,
): number {
  writeMldV1(bytes, at, ICMPV6_MLD_QUERY, encodeTimeCode16(maxResponseTime), group)
  bytes[at + 24] = (suppress ? SUPPRESS : 0) | (robustness > 7 ? 0 : robustness)
  bytes[at + 25] = encodeTimeCode8(queryInterval)
  write16(bytes, at + 26, sourceCount)
  return at + MLD_QUERY_LENGTH
}

/** Writes the head of a version 2 report at `at`, the checksum field zero, and returns where its records go. */
export function writeMldReport(bytes: Uint8Array, at: number, recordCount: number): number {
  writeIcmpv6(bytes, at, ICMPV6_MLD_REPORT_V2, 0, recordCount)
  return at + MLD_REPORT_LENGTH
}

/** Writes a record at `at` and returns where its sources go, 16 octets each. */
export function writeMldRecord(
  bytes: Uint8Array,
  at: number,
  type: number,
  group: IpAddress,
  sourceCount: number,
): number {
  const to = writeGroupRecord(bytes, at, type, sourceCount)
  writeIpv6Address(bytes, to, group)
  return to + 16
}
