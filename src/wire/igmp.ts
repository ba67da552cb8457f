// Read first: RFC 3376 section 4, RFC 2236 section 2 (version 2), RFC 1112 appendix I (version 1).
//
//    type (8) · maximum response code (8) · checksum (16), over the whole message
//    of a query, a version 1 or 2 report and a leave: group (32)
//    of a version 3 query then: reserved · S (1) · robustness (3) · query interval code (8) · number of sources (16), sources
//    of a version 3 report: reserved (16) · number of records (16), records (group-record.ts)
//
// The checksum and the router alert are the caller's to look at.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { groupRecordsFit, writeGroupRecord } from './group-record.ts'
import { decodeTimeCode8, encodeTimeCode8 } from './igmp-time-code.ts'

export const IGMP_QUERY = 0x11
export const IGMP_REPORT_V1 = 0x12
export const IGMP_REPORT_V2 = 0x16
export const IGMP_LEAVE = 0x17
export const IGMP_REPORT_V3 = 0x22

/** A version 1 or 2 message, and a version 3 report before its records. */
export const IGMP_LENGTH = 8
/** A version 3 query before its sources. */
export const IGMP_QUERY_LENGTH = 12
/** A record before its sources. */
export const IGMP_RECORD_LENGTH = 8
/** Where the checksum field lies. */
export const IGMP_CHECKSUM_OFFSET = 2

const SUPPRESS = 0x08
/** The maximum response code counts tenths of a second. */
const TENTH = 100

/** The fields of a message, read into one reused object. */
export class IgmpMessage {
  type = 0
  /** Of a query: told by its length and maximum response code (RFC 3376 section 7.1). Of others, that of the type. */
  version: 1 | 2 | 3 = 3
  /** Milliseconds; of a version 2 or 3 query. */
  maxResponseTime = 0
  /** 0 in a general query and in a version 3 report. */
  group = 0
  /** S: routers leave their timers alone. Of a version 3 query, as the next two. */
  suppress = false
  /** 0: the querier does not say. */
  robustness = 0
  /** Seconds. */
  queryInterval = 0
  /** Sources of a version 3 query, records of a version 3 report. */
  count = 0
  /** Where they begin. */
  list = 0
}

/**
 * Reads the message in `bytes[start, end)`. False where its type is none of the five, it is too short for what it says to hold, or it
 * is a query of a length between those of the versions (RFC 3376 section 7.1). Octets behind what it holds are ignored.
 */
export function readIgmp(message: IgmpMessage, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < IGMP_LENGTH) return false
  const type = bytes[start] as number
  const code = bytes[start + 1] as number
  message.type = type
  message.version = 3
  message.maxResponseTime = 0
  message.group = 0
  message.suppress = false
  message.robustness = 0
  message.queryInterval = 0
  message.count = 0
  message.list = start + IGMP_LENGTH
  if (type === IGMP_REPORT_V3) {
    message.count = read16(bytes, start + 6)
    return groupRecordsFit(bytes, message.list, message.count, end, 4)
  }
  message.group = read32(bytes, start + 4)
  if (type !== IGMP_QUERY) {
    message.version = type === IGMP_REPORT_V1 ? 1 : 2
    return type === IGMP_REPORT_V1 || type === IGMP_REPORT_V2 || type === IGMP_LEAVE
  }
  if (end - start === IGMP_LENGTH) {
    message.version = code === 0 ? 1 : 2
    message.maxResponseTime = code * TENTH
    return true
  }
  if (end - start < IGMP_QUERY_LENGTH) return false
  const flags = bytes[start + 8] as number
  message.maxResponseTime = decodeTimeCode8(code) * TENTH
  message.suppress = (flags & SUPPRESS) !== 0
  message.robustness = flags & 7
  message.queryInterval = decodeTimeCode8(bytes[start + 9] as number)
  message.count = read16(bytes, start + 10)
  message.list = start + IGMP_QUERY_LENGTH
  return message.list + 4 * message.count <= end
}

/**
 * Writes a version 1 or 2 query, report or leave at `at`, the checksum field zero, and returns where it ends. `maxResponseTime` in
 * milliseconds is 0 but in a version 2 query, and at most 25500.
 */
export function writeIgmpV2(
  bytes: Uint8Array,
  at: number,
  type: number,
  maxResponseTime: number,
  group: number,
): number {
  bytes[at] = type
  bytes[at + 1] = Math.min(255, Math.floor(maxResponseTime / TENTH))
  write16(bytes, at + 2, 0)
  write32(bytes, at + 4, group)
  return at + IGMP_LENGTH
}

/**
 * Writes a version 3 query at `at`, the checksum field zero, and returns where its sources go. Times that no code says exactly are
 * sent shorter; a robustness above 7 as 0 (RFC 3376 section 4.1.6).
 */
export function writeIgmpQuery(
  bytes: Uint8Array,
  at: number,
  maxResponseTime: number,
  group: number,
  suppress: boolean,
  robustness: number,
  queryInterval: number,
  sourceCount: number,
): number {
  writeIgmpV2(bytes, at, IGMP_QUERY, 0, group)
  bytes[at + 1] = encodeTimeCode8(Math.floor(maxResponseTime / TENTH))
  bytes[at + 8] = (suppress ? SUPPRESS : 0) | (robustness > 7 ? 0 : robustness)
  bytes[at + 9] = encodeTimeCode8(queryInterval)
  write16(bytes, at + 10, sourceCount)
  return at + IGMP_QUERY_LENGTH
}

/** Writes the head of a version 3 report at `at`, the checksum field zero, and returns where its records go. */
export function writeIgmpReport(bytes: Uint8Array, at: number, recordCount: number): number {
  return writeIgmpV2(bytes, at, IGMP_REPORT_V3, 0, recordCount)
}

/** Writes a record at `at` and returns where its sources go, 4 octets each. */
export function writeIgmpRecord(
  bytes: Uint8Array,
  at: number,
  type: number,
  group: number,
  sourceCount: number,
): number {
  const to = writeGroupRecord(bytes, at, type, sourceCount)
  write32(bytes, to, group)
  return to + 4
}
