// A frame's way: lost? twice? damaged? held back? Then through the line, which takes time where there is a rate or a delay.

import { copyBytes } from '../base/byte-ring.ts'
import type { Alarm, Clock } from '../base/clock.ts'
import { type Random, randomBelow, randomFraction } from '../base/random.ts'
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../wire/ethernet.ts'
import { completeChecksum, ipHeaderStart } from './complete-checksum.ts'
import { Offload, SEGMENT_NONE } from './device.ts'
import type { Disturbance } from './frame-checked-wire.ts'
import { FrameQueue } from './frame-queue.ts'
import type { Impairment } from './impairment.ts'
import { SegmentCutter } from './segment-cutter.ts'

/** How long a frame is held back at most, in milliseconds, where no others come to pass it. */
const HELD_FOR = 25
/** How many frames can be held back at once. A power of two. */
const HELD_MAX = 64
const DISTANCE = 3
const QUEUE = 262144
const MEMORY = 64 << 20
/** In place of the packet to damage: each packet of the segment meets its own fate. */
const OWN_WAY = 0x7fffffff

/** What became of the frames of one direction. */
export class ImpairCounters {
  frames = 0
  lost = 0
  duplicated = 0
  corrupted = 0
  reordered = 0
  /** Dropped because too many waited to leave. */
  overflowed = 0
}

/** Where a direction leads. */
export interface FrameOutput {
  /** False: no room; `resume` of the direction is called later. */
  put(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean
  /** What was put on behalf of an alarm is all. */
  done(): void
  /** Told of frames by their marks, where somebody follows them. */
  readonly fates?: FrameFates
}

/** What becomes of frames on their way. A duplicate has the mark of its frame. */
export interface FrameFates {
  /** It goes no further: by chance, because too many waited to leave, or because it carries nothing that a card would pass on when damaged. */
  lost(mark: number, why: 'loss' | 'queue' | 'damage'): void
  damaged(mark: number): void
  /** It is on the line: its last bit leaves at one instant, and comes out at another. */
  leaves(mark: number, leftAt: number, dueAt: number): void
}

export class ImpairDirection {
  readonly counters: ImpairCounters = new ImpairCounters()
  readonly #random: Random
  readonly #output: FrameOutput
  readonly #medium: 'ethernet' | 'ip'
  readonly #loss: number
  readonly #burst: Impairment['burst']
  readonly #duplicate: number
  readonly #corrupt: number
  readonly #reorder: number
  readonly #distance: number
  readonly #delay: number
  readonly #jitter: number
  readonly #rate: number
  readonly #queue: number
  readonly #split: boolean
  readonly #timed: boolean
  readonly #front: number
  readonly #line: FrameQueue
  readonly #held: FrameQueue
  /** For each held frame, how many must have passed before it goes on; a ring beside `#held`. */
  readonly #heldUntil = new Int32Array(HELD_MAX)
  #heldHead = 0
  #passed = 0
  readonly #offload = new Offload()
  readonly #plain = new Offload()
  readonly #cutter: SegmentCutter
  /** How many packets of the large segment being cut come before the one to damage, or OWN_WAY. */
  #damageIndex = OWN_WAY
  #scratch = new Uint8Array(0)
  #clock: Clock | null = null
  #alarm: Alarm | null = null
  #alarmAt = Number.POSITIVE_INFINITY
  #bad = false
  #idleAt = 0
  #blocked = false
  #refused = false

  /** `wired`: damage is done on the wire, by `disturb`, and not here. `headroom`: what the output may overwrite before a frame. */
  constructor(
    impairment: Impairment,
    random: Random,
    medium: 'ethernet' | 'ip',
    headroom: number,
    split: boolean,
    wired: boolean,
    output: FrameOutput,
  ) {
    this.#random = random
    this.#output = output
    this.#medium = medium
    this.#loss = impairment.loss ?? 0
    this.#burst = impairment.burst
    this.#duplicate = impairment.duplicate ?? 0
    this.#corrupt = wired ? 0 : (impairment.corrupt ?? 0)
    this.#reorder = impairment.reorder ?? 0
    this.#distance = impairment.distance ?? DISTANCE
    this.#delay = impairment.delay ?? 0
    this.#jitter = impairment.jitter ?? 0
    this.#rate = impairment.rate ?? Number.POSITIVE_INFINITY
    this.#queue = impairment.queue ?? QUEUE
    this.#split = split
    this.#timed = this.#delay > 0 || this.#jitter > 0 || this.#rate !== Number.POSITIVE_INFINITY
    this.#front = ((headroom + 3) & ~3) + (medium === 'ethernet' ? 2 : 0)
    this.#line = new FrameQueue(MEMORY, this.#front)
    this.#held = new FrameQueue(MEMORY, this.#front)
    this.#cutter = new SegmentCutter((bytes, start, end) => this.#piece(bytes, start, end), this.#front)
  }

  start(clock: Clock): void {
    this.#clock = clock
    this.#alarm = clock.alarm(() => this.#wake())
  }

  stop(): void {
    this.#clock = null
    this.#alarm?.clear()
    this.#line.clear()
    this.#held.clear()
  }

  /** False, and nothing done, while the output has no room. */
  send(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    if (this.#clock === null) return true
    if (this.#blocked) {
      this.#refused = true
      return false
    }
    if (this.#split && offload.segment !== SEGMENT_NONE) {
      this.#damageIndex = OWN_WAY
      if (this.#cutter.cut(bytes, start, end, this.#medium, offload)) return true
    }
    this.#frame(bytes, start, end, offload)
    return true
  }

  /** The output has room again. True where someone was refused meanwhile and can go on. */
  resume(): boolean {
    this.#blocked = false
    this.#wake()
    if (this.#blocked || !this.#refused) return false
    this.#refused = false
    return true
  }

  /** On a wire with a frame check sequence: changes up to three bits, which it never fails to find in a frame of this size. */
  disturb(probability: number): Disturbance {
    return (bytes, start, end) => {
      if (randomFraction(this.#random) >= probability) return
      this.counters.corrupted++
      const first = randomBelow(this.#random, (end - start) * 8)
      const count = 1 + randomBelow(this.#random, 3)
      for (let i = 0; i < count; i++) flipBit(bytes, start, end, first + i * 11)
    }
  }

  #frame(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    this.counters.frames++
    if (this.#isLost()) {
      this.counters.lost++
      this.#output.fates?.lost(offload.mark, 'loss')
      return
    }
    this.#damaged(bytes, start, end, offload)
    if (this.#duplicate > 0 && randomFraction(this.#random) < this.#duplicate) {
      this.counters.duplicated++
      this.#damaged(bytes, start, end, offload)
    }
  }

  #isLost(): boolean {
    let lost = this.#loss > 0 && randomFraction(this.#random) < this.#loss
    const burst = this.#burst
    if (burst !== undefined) {
      if (randomFraction(this.#random) < (this.#bad ? burst.leave : burst.enter)) this.#bad = !this.#bad
      const loss = this.#bad ? (burst.bad ?? 1) : (burst.good ?? 0)
      if (loss > 0 && randomFraction(this.#random) < loss) lost = true
    }
    return lost
  }

  #damaged(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    if (this.#corrupt === 0 || randomFraction(this.#random) >= this.#corrupt) {
      this.#heldBack(bytes, start, end, offload)
      return
    }
    this.counters.corrupted++
    if (offload.segment !== SEGMENT_NONE) {
      // Checksums of a large segment are made when it is cut, so that damage in it would be made good: one of its packets has it.
      const packets = Math.ceil((end - start - offload.headerLength) / offload.segmentSize)
      this.#damageIndex = randomBelow(this.#random, Math.max(1, packets))
      if (this.#cutter.cut(bytes, start, end, this.#medium, offload)) return
    }
    this.#damage(bytes, start, end, offload)
  }

  #piece(bytes: Uint8Array, start: number, end: number): void {
    if (this.#damageIndex === OWN_WAY) {
      this.#frame(bytes, start, end, this.#plain)
    } else if (this.#damageIndex-- === 0) {
      this.#damage(bytes, start, end, this.#plain)
    } else {
      this.#heldBack(bytes, start, end, this.#plain)
    }
  }

  // Here no frame check sequence finds the damage: it must lie where the checksums of IP and its transports do. They find
  // every single bit. A frame of another kind would have been dropped by the card, and is.
  #damage(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    const ip = ipHeaderStart(bytes, start, this.#medium)
    if (ip >= end || (this.#medium === 'ethernet' && !carriesIp(bytes, ip))) {
      this.#output.fates?.lost(offload.mark, 'damage')
      return
    }
    this.#output.fates?.damaged(offload.mark)
    const length = end - start
    const front = this.#front
    if (this.#scratch.length < front + length) this.#scratch = new Uint8Array(Math.max(2048, front + length))
    const scratch = this.#scratch
    copyBytes(bytes, start, end, scratch, front)
    this.#offload.set(offload)
    completeChecksum(scratch, front, front + length, this.#offload)
    this.#offload.clear()
    this.#offload.mark = offload.mark
    flipBit(scratch, front + ip - start, front + length, randomBelow(this.#random, (end - ip) * 8))
    this.#heldBack(scratch, front, front + length, this.#offload)
  }

  #heldBack(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    const held = this.#held
    if (this.#reorder > 0 && held.length < HELD_MAX && randomFraction(this.#random) < this.#reorder) {
      const deadline = (this.#clock as Clock).now() + HELD_FOR
      if (held.push(bytes, start, end, 0, offload, deadline) >= 0) {
        this.counters.reordered++
        this.#heldUntil[(this.#heldHead + held.length - 1) & (HELD_MAX - 1)] = (this.#passed + this.#distance) | 0
        this.#setAlarm(deadline)
        return
      }
    }
    this.#enterLine(bytes, start, end, offload)
    this.#passed = (this.#passed + 1) | 0
    while (held.length > 0 && ((this.#passed - (this.#heldUntil[this.#heldHead] as number)) | 0) >= 0) this.#letGo()
  }

  #letGo(): void {
    const held = this.#held
    held.headOffload(this.#offload)
    this.#enterLine(held.bytes, held.headStart, held.headEnd, this.#offload)
    held.drop()
    this.#heldHead = (this.#heldHead + 1) & (HELD_MAX - 1)
  }

  #enterLine(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    let dueAt = 0
    if (this.#timed) {
      const now = (this.#clock as Clock).now()
      const begin = Math.max(now, this.#idleAt)
      if (begin > now && ((begin - now) * this.#rate) / 8000 > this.#queue) {
        this.counters.overflowed++
        this.#output.fates?.lost(offload.mark, 'queue')
        return
      }
      this.#idleAt = begin + ((end - start) * 8000) / this.#rate
      const vary = this.#jitter > 0 ? (2 * randomFraction(this.#random) - 1) * this.#jitter : 0
      // The line is a queue: a frame with less delay waits for the one before it.
      dueAt = this.#idleAt + Math.max(0, this.#delay + vary)
      this.#output.fates?.leaves(offload.mark, this.#idleAt, dueAt)
    } else if (this.#line.length === 0 && !this.#blocked) {
      if (this.#output.put(bytes, start, end, offload)) return
      this.#blocked = true
    }
    if (this.#line.push(bytes, start, end, 0, offload, dueAt) < 0) {
      this.counters.overflowed++
      this.#output.fates?.lost(offload.mark, 'queue')
      return
    }
    if (!this.#blocked) this.#setAlarm(this.#line.headDueAt)
  }

  #setAlarm(at: number): void {
    if (at >= this.#alarmAt || this.#alarm === null) return
    this.#alarmAt = at
    this.#alarm.set(at)
  }

  #wake(): void {
    const clock = this.#clock
    if (clock === null) return
    this.#alarmAt = Number.POSITIVE_INFINITY
    const now = clock.now()
    while (this.#held.headDueAt <= now) this.#letGo()
    const line = this.#line
    while (!this.#blocked && line.headDueAt <= now) {
      line.headOffload(this.#offload)
      if (this.#output.put(line.bytes, line.headStart, line.headEnd, this.#offload)) line.drop()
      else this.#blocked = true
    }
    this.#output.done()
    this.#setAlarm(this.#blocked ? this.#held.headDueAt : Math.min(line.headDueAt, this.#held.headDueAt))
  }
}

function carriesIp(bytes: Uint8Array, ip: number): boolean {
  const type = ((bytes[ip - 2] as number) << 8) | (bytes[ip - 1] as number)
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6
}

function flipBit(bytes: Uint8Array, start: number, end: number, bit: number): void {
  const at = bit % ((end - start) * 8)
  bytes[start + (at >> 3)] = (bytes[start + (at >> 3)] as number) ^ (1 << (at & 7))
}
