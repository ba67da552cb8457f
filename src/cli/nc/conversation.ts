// Read first: nc(1). What goes in goes out to the peer, and what comes from the peer is printed, until both are at their end.

import { SHUT_WR, SOCK_STREAM } from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { IdleAlarm } from '../idle-alarm.ts'
import type { StandardInput } from '../standard-input.ts'

/** As much as nc reads at once: what is longer becomes several datagrams. */
const PIECE = 16384
/** A datagram is at most so long. */
const LONGEST = 65536
/** Milliseconds without a piece after which the input is silent. */
const SILENCE = 200

export interface ConversationOptions {
  /** Null: -d, nothing is read. */
  readonly input: StandardInput | null
  /** -N: the end of the input ends our direction. */
  readonly shutdown: boolean
  /** -w, in milliseconds: after so long without a word from either side it is over. Null: never. */
  readonly idle: number | null
  /** -q, in milliseconds: so long after the end of the input it is over. Null: it need not be. */
  readonly afterInput: number | null
  /** -W: it is over after so many receptions. */
  readonly receptions: number
  /** The peer's end is the end, once the input is silent: as where nc listens. */
  readonly endsWithPeer: boolean
  /** Where what is received goes: resolves once there is room for more. */
  readonly print: (bytes: Uint8Array) => Promise<void>
}

/** Talks with the peer of `socket`, which is connected, until it is over. Rejects with the SocketError that ended it, if one did. */
export async function converse(socket: Socket, options: ConversationOptions): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  const alarm = options.idle === null ? null : new IdleAlarm(options.idle, () => over.abort())
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  try {
    const progress: Progress = { pieces: 0, busy: false }
    const sending = send(socket, options, alarm, over, progress)
    const receiving = receive(socket, options, alarm, over)
    const both = Promise.all([sending, receiving])
    // Whichever of them comes second finds nobody who waits.
    both.catch(() => {})
    await Promise.race([both, stopped, ...(options.endsWithPeer ? [receiving.then(() => silence(progress))] : [])])
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    alarm?.stop()
    over.abort()
  }
}

/** How far the input has got. */
interface Progress {
  pieces: number
  /** A piece is on its way to the peer. */
  busy: boolean
}

async function silence(progress: Progress): Promise<void> {
  let before: number
  do {
    before = progress.pieces
    await new Promise((resolve) => setTimeout(resolve, SILENCE))
  } while (progress.busy || progress.pieces !== before)
}

async function send(
  socket: Socket,
  { input, shutdown, afterInput }: ConversationOptions,
  alarm: IdleAlarm | null,
  over: AbortController,
  progress: Progress,
): Promise<void> {
  const datagrams = socket.type !== SOCK_STREAM
  for (let piece = await input?.peek(); piece; piece = await input?.peek()) {
    if (over.signal.aborted) return
    alarm?.restart()
    input?.take()
    progress.pieces++
    progress.busy = true
    for (let at = 0; at < piece.length; at += PIECE) {
      await socket.send(piece.subarray(at, at + PIECE), 0, { signal: over.signal })
      alarm?.restart()
    }
    progress.busy = false
  }
  if (input !== null && shutdown && !datagrams && !over.signal.aborted) socket.shutdown(SHUT_WR)
  if (input !== null && afterInput !== null) setTimeout(() => over.abort(), afterInput)
  // Datagrams have no end: there may always be one more.
}

async function receive(
  socket: Socket,
  { receptions, print }: ConversationOptions,
  alarm: IdleAlarm | null,
  over: AbortController,
): Promise<void> {
  const { signal } = over
  const bytes = new Uint8Array(LONGEST)
  const datagrams = socket.type !== SOCK_STREAM
  for (let count = 0; count < receptions; count++) {
    const length = await socket.recv(bytes, 0, { signal })
    if (length === 0 && !datagrams) return
    alarm?.restart()
    await print(bytes.slice(0, length))
  }
  over.abort()
}
