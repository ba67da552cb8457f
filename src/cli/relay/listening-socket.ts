import type { Socket } from '../../socket/socket.ts'
import type { CallerRange } from './caller-range.ts'

/** Says what happens, where that is wanted. */
export type Say = (text: string) => void

/** A socket that others call, and whom of them it hears. */
export interface ListeningSocket {
  /** How it was written. */
  readonly name: string
  readonly socket: Socket
  readonly range: CallerRange
  readonly say: Say
  /** Takes away what the socket leaves behind. */
  readonly left: () => void
}
