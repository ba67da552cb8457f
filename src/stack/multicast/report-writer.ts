// Read first: RFC 3376 section 4.2.16, RFC 3810 section 5.2.15.

import type { IpAddress } from '../../base/ip-address.ts'
import {
  ALLOW_NEW_SOURCES,
  BLOCK_OLD_SOURCES,
  CHANGE_TO_EXCLUDE_MODE,
  MODE_IS_EXCLUDE,
} from '../../wire/group-record.ts'
import type { Group, GroupSource } from './group.ts'

/** How a family writes reports, and where to: in a buffer of its own choice. */
export interface ReportFormat {
  /** Octets of an address, and of a record before its sources. */
  readonly addressLength: 4 | 16
  readonly recordLength: number
  readonly bytes: Uint8Array
  /** Where records begin, and the end of the longest message that the link carries. */
  readonly recordsStart: number
  readonly recordsEnd: number
  /** Writes a record without its sources, and returns where these go. */
  writeRecord(at: number, type: number, group: IpAddress, sourceCount: number): number
  writeSource(at: number, source: IpAddress): void
  /** Sends the `count` records in `bytes[recordsStart, end)`. */
  sendReport(count: number, end: number): void
}

/** Which sources of a group a record names. */
export type SourceChoice = (group: Group, source: GroupSource) => boolean

/** Those in the interface's list. */
export const LISTED: SourceChoice = (_group, source) => source.listed
/** Those whose packets are wanted now, of those that have changed. */
export const ALLOWED: SourceChoice = (group, source) => source.changesLeft > 0 && source.listed === group.include
/** Those whose packets are no longer wanted, of those that have changed. */
export const BLOCKED: SourceChoice = (group, source) => source.changesLeft > 0 && source.listed !== group.include
/** Those whose packets are wanted, of those asked for. */
export const ASKED_FOR: SourceChoice = (group, source) => source.queried && source.listed === group.include

/** Packs records into as few reports as carry them. */
export class ReportWriter {
  readonly #format: ReportFormat
  #count = 0
  #end = 0

  constructor(format: ReportFormat) {
    this.#format = format
  }

  begin(): void {
    this.#count = 0
    this.#end = this.#format.recordsStart
  }

  /** A record of `type` about `group` that names the sources of its choice; none where it would allow or block nobody. */
  add(type: number, group: Group, choice: SourceChoice): void {
    let left = 0
    for (let at = first(group, choice); at !== null; at = next(group, at, choice)) left++
    if (left === 0 && (type === ALLOW_NEW_SOURCES || type === BLOCK_OLD_SOURCES)) return
    const { recordLength, addressLength, recordsStart, recordsEnd } = this.#format
    if (recordsEnd - this.#end < recordLength + left * addressLength) this.send()
    const room = Math.floor((recordsEnd - recordsStart - recordLength) / addressLength)
    // Who hears that these few are blocked lets through what we need not have; of the other types a record for each report.
    if (type === MODE_IS_EXCLUDE || type === CHANGE_TO_EXCLUDE_MODE) left = Math.min(left, room)
    let source = first(group, choice)
    do {
      const count = Math.min(left, room)
      let at = this.#format.writeRecord(this.#end, type, group.address, count)
      for (let i = 0; i < count && source !== null; i++) {
        this.#format.writeSource(at, source.address)
        at += addressLength
        source = next(group, source, choice)
      }
      this.#count++
      this.#end = at
      left -= count
      if (left > 0) this.send()
    } while (left > 0)
  }

  /** Sends what has been gathered. */
  send(): void {
    if (this.#count > 0) this.#format.sendReport(this.#count, this.#end)
    this.begin()
  }
}

function first(group: Group, choice: SourceChoice): GroupSource | null {
  const { oldest } = group.sources
  return oldest === null || choice(group, oldest) ? oldest : next(group, oldest, choice)
}

function next(group: Group, source: GroupSource, choice: SourceChoice): GroupSource | null {
  let at = source.mapNewer as GroupSource | null
  while (at !== null && !choice(group, at)) at = at.mapNewer as GroupSource | null
  return at
}
