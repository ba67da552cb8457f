// What comes from each of two ends goes to the other, until both are at their end.

import { errnoText } from '../../base/errno.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { IdleAlarm } from '../idle-alarm.ts'
import type { End } from './end.ts'
import { type DumpForm, dumpText } from './relay-dump.ts'

/** Octets that are read at once, and the longest datagram made of a stream. */
const PIECE = 65536
const DATAGRAM = 8192
/** Milliseconds of silence after which an end that cannot know that the other is done is done. */
const SILENCE = 500

export interface ConversationSettings {
  /** From the first to the second alone, or the other way. Null: both. */
  readonly only: 'forward' | 'backward' | null
  /** -b; null: as it suits the ends. */
  readonly piece: number | null
  /** -t: milliseconds of silence after the end of one direction. Null: as long as the other lasts, if its end can be known. */
  readonly afterEnd: number | null
  /** -T: milliseconds of silence. Null: it may last. */
  readonly idle: number | null
  readonly dump: DumpForm | null
  readonly tell: (text: string) => void
}

/** One direction of a conversation. */
export class Direction {
  readonly from: End
  readonly to: End
  readonly mark: '>' | '<'
  octets = 0
  pieces = 0
  over = false

  constructor(from: End, to: End, mark: '>' | '<') {
    this.from = from
    this.to = to
    this.mark = mark
  }
}

export class Conversation {
  readonly forward: Direction
  readonly backward: Direction
  /** What ended it, where that was no end of either. */
  failure: Error | null = null
  readonly #directions: readonly Direction[]
  readonly #settings: ConversationSettings
  readonly #over = new AbortController()
  readonly #alarms: IdleAlarm[] = []
  #broken = false

  constructor(first: End, second: End, settings: ConversationSettings) {
    this.forward = new Direction(first, second, '>')
    this.backward = new Direction(second, first, '<')
    const { only } = settings
    this.#directions = only === null ? [this.forward, this.backward] : [this[only]]
    this.#settings = settings
  }

  /** Resolves when it is over and both ends are closed, at once where `signal` says so. */
  async run(signal: AbortSignal): Promise<void> {
    const over = () => this.#over.abort()
    if (signal.aborted) over()
    signal.addEventListener('abort', over, { once: true })
    if (this.#settings.idle !== null) this.#alarms.push(new IdleAlarm(this.#settings.idle, over))
    await Promise.all(this.#directions.map((direction) => this.#copy(direction)))
    signal.removeEventListener('abort', over)
    for (const alarm of this.#alarms) alarm.stop()
    const { from, to } = this.forward
    await Promise.all([from.close(this.#broken), to.close(this.#broken)])
  }

  async #copy(direction: Direction): Promise<void> {
    const { from, to } = direction
    const most = this.#settings.piece ?? (to.bordered && !from.bordered ? DATAGRAM : PIECE)
    for (;;) {
      let piece: Uint8Array | null
      try {
        piece = await from.read(most, this.#over.signal)
      } catch (error) {
        this.#fail(from, error)
        // What the peer was about to say is not whole.
        this.#broken ||= error instanceof SocketError
        this.#over.abort()
        return
      }
      if (piece === null) break
      try {
        await this.#write(direction, piece, most)
      } catch (error) {
        this.#fail(to, error)
        // Who takes no more may still have something to say.
        if (to.bordered || !isUnread(error)) this.#over.abort()
        break
      }
    }
    direction.over = true
    this.#end(direction)
  }

  async #write(direction: Direction, piece: Uint8Array, most: number): Promise<void> {
    const { from, to, mark } = direction
    const { dump, tell } = this.#settings
    this.#moved()
    if (dump !== null) tell(dumpText(mark, piece, direction.octets, dump, new Date()))
    const step = from.bordered ? Math.max(piece.length, 1) : most
    for (let at = 0; at < Math.max(piece.length, 1); at += step) {
      await to.write(piece.subarray(at, at + step), this.#over.signal)
      this.#moved()
    }
    direction.octets += piece.length
    direction.pieces++
  }

  #end({ to }: Direction): void {
    const other = this.#directions.find((direction) => !direction.over)
    if (other === undefined || this.#over.signal.aborted) return
    try {
      to.endWriting()
    } catch (error) {
      // Its peer has gone, which the other direction finds too.
      if (!(error instanceof SocketError)) throw error
    }
    const silence = this.#settings.afterEnd ?? (to.tellsEnd ? null : SILENCE)
    if (silence !== null) this.#alarms.push(new IdleAlarm(silence, () => this.#over.abort()))
  }

  #moved(): void {
    for (const alarm of this.#alarms) alarm.restart()
  }

  #fail({ name }: End, error: unknown): void {
    if (this.#over.signal.aborted || this.failure !== null) return
    this.failure =
      error instanceof SocketError
        ? new Error(`${name}: ${error.syscall}: ${errnoText(error.errno)}`)
        : (error as Error)
  }
}

/** Nobody reads there any more. */
function isUnread(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPIPE'
}
