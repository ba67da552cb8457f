import type { Alarm, Clock } from '../base/clock.ts'
import { frameCheckHolds, writeFrameCheck } from '../wire/crc32.ts'
import { type FrameReceiver, Offload, SEGMENT_NONE } from './device.ts'
import type { Disturbance, WirePoint } from './frame-checked-wire.ts'
import { FrameQueue } from './frame-queue.ts'

/** A burst ends after this many frames, so that what it woke gets its turn. */
const BURST = 256
/** IEEE 802.3: the shortest frame before its frame check sequence. */
const SHORTEST = 60
/** What lies in flight on a link with a delay is bounded by memory alone. */
const IN_FLIGHT_LIMIT = 64 << 20

/** What a direction has carried, and what became of the rest. */
export class LinkCounters {
  frames = 0
  octets = 0
  /** Arrived with a frame check sequence that does not hold: dropped. */
  badFrameCheck = 0
  /** Refused for want of room: the sender was told, and tried again. */
  refused = 0
  /** Too long for the link or shorter than its header: dropped. */
  badLength = 0
  /** Nobody was attached at the other end: dropped. */
  unattached = 0
}

export interface LinkProperties {
  /** Octets that wait before a frame is refused. */
  readonly queue: number
  /** Frames are padded to 60 octets, carry a frame check sequence, and are dropped on arrival where it does not hold. */
  readonly frameCheck: boolean
  /** Bits a second; Infinity: no time at all. */
  readonly rate: number
  /** Milliseconds from the last bit sent to its arrival. */
  readonly delay: number
  /** 2 where frames begin with an Ethernet header, so that what follows it lies on a word. */
  readonly front: 0 | 2
  /** The longest and the shortest frame it takes, before padding, and the longest large segment; 0: none. */
  readonly longest: number
  readonly longestSegment: number
  readonly shortest: number
}

/** One direction of a link: a bounded queue, delivered in bursts from deferred tasks or, where it takes time, from an alarm. */
export class LinkDirection implements WirePoint {
  readonly counters: LinkCounters = new LinkCounters()
  disturbance: Disturbance | null = null
  readonly #link: LinkProperties
  readonly #queue: FrameQueue
  readonly #offload = new Offload()
  readonly #timed: boolean
  readonly #pumpTask = () => this.#pump()
  #sender: FrameReceiver | null = null
  #receiver: FrameReceiver | null = null
  #clock: Clock | null = null
  #alarm: Alarm | null = null
  #scheduled = false
  #refused = false
  #closed = false
  /** When the last bit of the last frame will have left. */
  #idleAt = 0

  constructor(link: LinkProperties) {
    this.#link = link
    this.#timed = link.rate !== Number.POSITIVE_INFINITY || link.delay > 0
    this.#queue = new FrameQueue(this.#timed ? IN_FLIGHT_LIMIT : link.queue, link.front)
  }

  /** Who sends into this direction: told when there is room again. */
  from(sender: FrameReceiver): void {
    this.#sender = sender
  }

  /** Who hears what comes out of it, and by whose clock. Throws where somebody else does: the first would go deaf unawares. */
  to(receiver: FrameReceiver, clock: Clock): void {
    if (this.#receiver !== null) throw new RangeError('device must not be attached to anything yet, got one that is')
    this.#receiver = receiver
    this.#clock = clock
    this.#alarm = this.#timed ? clock.alarm(() => this.#pump()) : null
  }

  send(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    const clock = this.#clock
    if (clock === null || this.#closed) {
      this.counters.unattached++
      return true
    }
    const link = this.#link
    const length = end - start
    const longest = offload.segment === SEGMENT_NONE ? link.longest : link.longestSegment
    if (length > longest || length < link.shortest) {
      this.counters.badLength++
      return true
    }
    const padding = link.frameCheck && length < SHORTEST ? SHORTEST - length : 0
    const room = link.frameCheck ? padding + 4 : 0
    let dueAt = 0
    let leftAt = 0
    if (this.#timed) {
      const now = clock.now()
      const begin = Math.max(this.#idleAt, now)
      if (((begin - now) * link.rate) / 8000 > link.queue) {
        this.#refuse()
        return false
      }
      leftAt = begin + ((length + room) * 8000) / link.rate
      dueAt = leftAt + link.delay
    }
    const at = this.#queue.push(bytes, start, end, room, offload, dueAt)
    if (at < 0) {
      this.#refuse()
      return false
    }
    this.#idleAt = leftAt
    const wireEnd = at + length + room
    const queued = this.#queue.bytes
    if (link.frameCheck) {
      if (padding > 0) queued.fill(0, at + length, at + length + padding)
      writeFrameCheck(queued, at, wireEnd - 4)
    }
    if (this.disturbance !== null) this.disturbance(queued, at, wireEnd)
    if (!this.#scheduled) this.#schedule()
    return true
  }

  /** Loses all that is under way. `tell` says that a sender who was refused shall not wait for ever. */
  close(tell: boolean): void {
    if (this.#closed) return
    this.#closed = true
    const sender = this.#sender
    if (tell && this.#refused && sender !== null) this.#clock?.defer(() => sender.writable())
    this.#queue.clear()
    this.#alarm?.clear()
    this.#sender = null
    this.#receiver = null
  }

  #refuse(): void {
    this.counters.refused++
    this.#refused = true
    // An alarm may be set for later than room will be.
    if (!this.#scheduled || this.#timed) this.#schedule()
  }

  #schedule(): void {
    const clock = this.#clock
    if (clock === null || this.#closed) return
    this.#scheduled = true
    if (this.#alarm === null) {
      clock.defer(this.#pumpTask)
      return
    }
    let at = this.#queue.headDueAt
    if (this.#refused) {
      // Where it is memory that lacks and not time, the next frame's leaving is what to wait for.
      const roomAt = this.#roomAt()
      if (roomAt > clock.now() && roomAt < at) at = roomAt
    }
    this.#alarm.set(at)
  }

  #pump(): void {
    this.#scheduled = false
    const receiver = this.#receiver
    const clock = this.#clock
    if (receiver === null || clock === null) return
    const timed = this.#timed
    const now = timed ? clock.now() : 0
    const queue = this.#queue
    let left = Math.min(queue.length, BURST)
    const delivers = left > 0 && (!timed || queue.headDueAt <= now)
    try {
      for (; left > 0 && (!timed || queue.headDueAt <= now); left--) this.#deliver(receiver)
      if (delivers) receiver.flush()
    } finally {
      if (this.#refused && now >= this.#roomAt() && queue.hasRoom) {
        this.#refused = false
        this.#sender?.writable()
      }
      if (!this.#scheduled && (queue.length > 0 || this.#refused)) this.#schedule()
    }
  }

  #deliver(receiver: FrameReceiver): void {
    const queue = this.#queue
    const start = queue.headStart
    const end = queue.headEnd
    const counters = this.counters
    counters.frames++
    counters.octets += end - start
    try {
      if (!this.#link.frameCheck) {
        queue.headOffload(this.#offload)
        receiver.receive(queue.bytes, start, end, this.#offload)
      } else if (frameCheckHolds(queue.bytes, start, end)) {
        receiver.receive(queue.bytes, start, end - 4, this.#offload)
      } else {
        counters.badFrameCheck++
      }
    } finally {
      queue.drop()
    }
  }

  // When half of the allowed backlog will have left.
  #roomAt(): number {
    return this.#idleAt - (this.#link.queue * 4000) / this.#link.rate
  }
}
