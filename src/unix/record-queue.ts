import { ByteRing } from '../base/byte-ring.ts'
import type { Credentials } from '../base/credentials.ts'
import type { OpenDescription } from '../socket/open-description.ts'
import type { Ancillary } from './ancillary.ts'

/** What a record costs of its sender's buffer beside its octets: what a small one does in Linux. */
export const RECORD_COST = 768

const NOTHING: readonly OpenDescription[] = []

/** Who has to hear that a record of his is gone. */
export interface RecordSender {
  /** '' for none. The receiver learns the name that the sender has by then, as in Linux. */
  readonly name: string
  /** A record that cost this much of the send buffer has been received or thrown away. */
  recordGone(cost: number): void
}

/** A datagram, or a record of a SOCK_SEQPACKET, that waits to be received. Its octets lie in the queue's ring. */
export class UnixRecord {
  readonly length: number
  readonly sender: RecordSender
  files: readonly OpenDescription[]
  readonly credentials: Credentials | null
  next: UnixRecord | null

  constructor(length: number, sender: RecordSender, ancillary: Ancillary | null) {
    this.length = length
    this.sender = sender
    this.files = ancillary === null ? NOTHING : ancillary.files
    this.credentials = ancillary === null ? null : ancillary.credentials
    this.next = null
  }

  get cost(): number {
    return this.length + RECORD_COST
  }
}

/** Records that wait to be received, in order. */
export class RecordQueue {
  readonly #ring = new ByteRing()
  #head: UnixRecord | null = null
  #tail: UnixRecord | null = null
  /** How many wait. */
  count = 0

  /** Octets of all. */
  get length(): number {
    return this.#ring.length
  }

  get head(): UnixRecord | null {
    return this.#head
  }

  /** Its octets have been, or will at once be, written. */
  push(record: UnixRecord): void {
    if (this.#tail === null) this.#head = record
    else this.#tail.next = record
    this.#tail = record
    this.count++
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.#ring.write(bytes, start, end)
  }

  /** Copies `length` octets from `offset`, counted from the first octet of the first record, to `into` at `at`. */
  peek(offset: number, length: number, into: Uint8Array, at: number): void {
    this.#ring.peek(offset, length, into, at)
  }

  /** Takes the first one out. There is one. */
  shift(): UnixRecord {
    const record = this.#head as UnixRecord
    this.#head = record.next
    if (this.#head === null) this.#tail = null
    record.next = null
    this.#ring.drop(record.length)
    this.count--
    return record
  }

  forEachFile(visit: (file: OpenDescription) => void): void {
    for (let record = this.#head; record !== null; record = record.next) for (const file of record.files) visit(file)
  }

  /** Takes away what came with the records: it is the caller's to release. */
  takeFiles(): readonly OpenDescription[] {
    const all: OpenDescription[] = []
    for (let record = this.#head; record !== null; record = record.next) {
      all.push(...record.files)
      record.files = NOTHING
    }
    return all
  }
}
