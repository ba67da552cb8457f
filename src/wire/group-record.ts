// Read first: RFC 3376 sections 4.2.4 to 4.2.12, RFC 3810 sections 5.2.5 to 5.2.12.
//
//    type (8) · length of auxiliary data (8) in units of 4 octets · number of sources (16)
//    group (32 or 128)
//    sources (32 or 128 each)
//    auxiliary data
//
// What an IGMPv3 or an MLDv2 report says of one group; they differ in the length of an address only.

import { read16, write16 } from '../base/bytes.ts'

export const MODE_IS_INCLUDE = 1
export const MODE_IS_EXCLUDE = 2
export const CHANGE_TO_INCLUDE_MODE = 3
export const CHANGE_TO_EXCLUDE_MODE = 4
export const ALLOW_NEW_SOURCES = 5
export const BLOCK_OLD_SOURCES = 6

const ADDRESS = 4

/**
 * A walk over the records of a report: `record.begin(message.list, message.count, end)`, then `while (record.next(bytes)) …`. The
 * group lies at `record.group`, source i at `record.sources + i * record.addressLength`.
 */
export class GroupRecord {
  /** Octets of an address: 4 of IGMP, 16 of MLD. */
  readonly addressLength: number
  /** One of those above; a record of any other type is to be ignored (RFC 3376 section 4.2.12). */
  type = 0
  group = 0
  sourceCount = 0
  sources = 0
  start = 0
  end = 0
  /** Records behind this one, and where the message ends. */
  left = 0
  limit = 0

  constructor(addressLength: 4 | 16) {
    this.addressLength = addressLength
  }

  /** Begins a walk over `count` records from `start`; none reaches beyond `end`. */
  begin(start: number, count: number, end: number): void {
    this.start = start
    this.end = start
    this.left = count
    this.limit = end
  }

  /** Goes to the next record; false behind the last, and where one does not fit. */
  next(bytes: Uint8Array): boolean {
    const at = this.end
    const sources = at + ADDRESS + this.addressLength
    if (this.left === 0 || sources > this.limit) return false
    const sourceCount = read16(bytes, at + 2)
    const end = sources + sourceCount * this.addressLength + ((bytes[at + 1] as number) << 2)
    if (end > this.limit) return false
    this.left--
    this.type = bytes[at] as number
    this.group = at + ADDRESS
    this.sourceCount = sourceCount
    this.sources = sources
    this.start = at
    this.end = end
    return true
  }
}

/** Whether `count` records lie in `bytes[start, end)`. What follows them is to be ignored (RFC 3376 section 4.2.11). */
export function groupRecordsFit(
  bytes: Uint8Array,
  start: number,
  count: number,
  end: number,
  addressLength: number,
): boolean {
  let at = start
  for (let i = 0; i < count; i++) {
    if (at + ADDRESS + addressLength > end) return false
    at += ADDRESS + addressLength * (1 + read16(bytes, at + 2)) + ((bytes[at + 1] as number) << 2)
    if (at > end) return false
  }
  return true
}

/** Writes the four octets that a record begins with at `at` and returns where the group goes; the sources go behind it. */
export function writeGroupRecord(bytes: Uint8Array, at: number, type: number, sourceCount: number): number {
  bytes[at] = type
  bytes[at + 1] = 0
  write16(bytes, at + 2, sourceCount)
  return at + ADDRESS
}
