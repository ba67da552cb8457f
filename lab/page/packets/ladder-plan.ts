// Where frames stand in a ladder: time goes down, so that distances are true, but for waits that are cut short and for what happens at
// one instant, which is one below the other.

import type { Frame } from '../state/store.ts'

/** Pixels of a millisecond, and the most that a wait takes: what is longer is drawn as a break. */
const SCALE = 3
const LONGEST = 70
/** Between two instants at least, and between two arrows that go the same way. */
const LEAST = 4
export const APART = 13

type Passed = Pick<Frame, 'number' | 'at' | 'link' | 'end' | 'flow' | 'dueAt' | 'arrivedAt' | 'lostAt'>

/** When a frame has come, or was lost; where neither has happened, when it will come. */
export function endAt({ arrivedAt, lostAt, dueAt }: Pick<Frame, 'arrivedAt' | 'lostAt' | 'dueAt'>): number {
  return Math.min(arrivedAt, lostAt, arrivedAt === Number.POSITIVE_INFINITY ? dueAt : Number.POSITIVE_INFINITY)
}

export class LadderPlan {
  readonly #hostOf: HostOf
  readonly #at: number[] = [0]
  readonly #y: number[]
  /** How far below an instant its last arrow stands. */
  readonly #room: number[] = [0]
  readonly #begins = new Map<number, number>()
  readonly #ends = new Map<number, number>()
  /** By host and instant: how far below it is what the host does when more than one has come to it. */
  readonly #behind = new Map<string, number>()
  /** By direction: where the last arrow that left begins, and the last that came ends. */
  readonly #left = new Map<number, number>()
  readonly #came = new Map<number, number>()

  /** Of frames in the order in which they left, and of other instants. `hostOf` names who is at an end of a link. */
  constructor(frames: readonly Passed[], instants: readonly number[], now: number, top: number, hostOf: HostOf) {
    this.#hostOf = hostOf
    this.#y = [top]
    const all: Happening[] = [...instants, now].map((at) => ({ at, frame: null, what: 'other' }))
    for (const frame of frames) {
      const end = endAt(frame)
      all.push({ at: frame.at, frame, what: end <= frame.at ? 'passes' : 'leaves' })
      if (end > frame.at && end <= now) all.push({ at: end, frame, what: 'comes' })
    }
    all.sort((a, b) => a.at - b.at)
    for (let from = 0, to = 0; from < all.length; from = to) {
      const { at } = all[from] as Happening
      while (all[to]?.at === at) to++
      this.#place(at, all.slice(from, to))
    }
    // What is under way ends at the present, as far below it as it began below its instant.
    for (const frame of frames) {
      if (endAt(frame) > now) this.#ends.set(frame.number, this.y(now) + this.begin(frame.number) - this.y(frame.at))
    }
  }

  /** All that happens at an instant: first what comes, in the order in which it left, and then what leaves. */
  #place(at: number, happenings: readonly Happening[]): void {
    const [before, above] = [this.#at.at(-1) as number, this.#y.at(-1) as number]
    let y = above
    if (at > before) y += (this.#room.at(-1) as number) + Math.min(LONGEST, Math.max((at - before) * SCALE, LEAST))
    const coming: Passed[] = []
    const leaving: Passed[] = []
    let isPassing = false
    for (const { frame, what } of happenings) {
      if (frame === null) continue
      if (what === 'comes') coming.push(frame)
      else leaving.push(frame)
      isPassing ||= what === 'passes'
      const last = (what === 'comes' ? this.#came : this.#left).get(directionOf(frame))
      if (last !== undefined) y = Math.max(y, last + APART)
    }
    let room = 0
    const counts = new Map<number, number>()
    /** By host and flow: where what has come to the host goes on, if it only passes there. */
    const onward = new Map<string, number[]>()
    for (const frame of coming.sort((a, b) => a.number - b.number)) {
      const down = countIn(counts, directionOf(frame)) * APART
      room = Math.max(room, down)
      this.#ends.set(frame.number, y + down)
      this.#came.set(directionOf(frame), y + down)
      if (coming.length === 1) break
      const host = this.#hostOf(frame.link, frame.end === 0 ? 1 : 0)
      this.#behind.set(`${host} ${at}`, Math.max(this.behind(host, at), down))
      const key = `${host} ${frame.flow}`
      onward.set(key, [...(onward.get(key) ?? []), down])
    }
    counts.clear()
    // Where links take no time all of it is one after the other.
    let next = room === 0 ? 0 : room + APART
    for (const frame of leaving) {
      const count = countIn(counts, directionOf(frame))
      let down = count * APART
      if (isPassing) {
        down = next
        next += APART
      } else if (coming.length > 1) {
        const host = this.#hostOf(frame.link, frame.end)
        down = onward.get(`${host} ${frame.flow}`)?.shift() ?? this.behind(host, at) + down
      }
      room = Math.max(room, down)
      this.#begins.set(frame.number, y + down)
      this.#left.set(directionOf(frame), y + down)
      if (isPassing && endAt(frame) <= at) this.#ends.set(frame.number, y + down)
    }
    if (at > before) {
      this.#at.push(at)
      this.#y.push(y)
      this.#room.push(room)
    } else {
      this.#y[this.#y.length - 1] = y
      this.#room[this.#room.length - 1] = room
    }
  }

  /** Where the last instant stands, and the last arrow of it. */
  get bottom(): number {
    return (this.#y.at(-1) as number) + (this.#room.at(-1) as number)
  }

  /** Where an instant stands, of which something is told. */
  y(at: number): number {
    let [low, high] = [0, this.#at.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#at[middle] as number) <= at) low = middle
      else high = middle - 1
    }
    return this.#y[low] as number
  }

  /** How far below an instant it is what a host does then: below what has come to it. */
  behind(host: string, at: number): number {
    return this.#behind.get(`${host} ${at}`) ?? 0
  }

  /** Where the arrow of a frame begins. */
  begin(number: number): number {
    return this.#begins.get(number) ?? 0
  }

  /** Where it ends: at the present, as long as it is under way. */
  end(number: number): number {
    return this.#ends.get(number) ?? 0
  }
}

type HostOf = (link: number, end: 0 | 1) => string

interface Happening {
  readonly at: number
  /** null: something else than a frame. */
  readonly frame: Passed | null
  /** 'passes': it leaves and has come, or was lost, at the same instant. */
  readonly what: 'leaves' | 'comes' | 'passes' | 'other'
}

/** A number for each way that a link can be passed. */
function directionOf({ link, end }: Pick<Frame, 'link' | 'end'>): number {
  return link * 2 + end
}

/** How many there were before this one. */
function countIn(counts: Map<number, number>, key: number): number {
  const count = counts.get(key) ?? 0
  counts.set(key, count + 1)
  return count
}
