// Which of a program's calls are of one socket: those with its descriptor, from the call that made it to the one that closes it.

import type { EndLog } from '../state/flow-log.ts'
import { calls, caused, frames } from '../state/store.ts'

/** More calls are not looked through, and not listed: the last ones are. */
const LOOKS = 5000
const LINES = 100

export interface SocketCall {
  readonly index: number
  readonly at: number
  readonly text: string
  /** Frames that it has caused. */
  readonly frames: readonly number[]
}

/** The calls of the socket at this end, as far as a frame tells which that is. */
export function callsOf({ host, ends }: EndLog): SocketCall[] {
  const begin = Math.max(0, calls.length - LOOKS)
  for (let i = begin; i < calls.length; i++) {
    const call = calls[i]
    const number = caused.get(i)?.find((one) => frames[one - 1]?.flow === ends)
    if (call === undefined || call.host !== host || number === undefined) continue
    return listed(host, call.program, descriptorOf(call.text), i)
  }
  return []
}

function listed(host: string, program: string, fd: string, known: number): SocketCall[] {
  const made = new RegExp(`^(socket|accept4?)\\(.*= ${fd}$`)
  const own = (i: number) => calls[i]?.host === host && calls[i]?.program === program
  let first = known
  while (first > 0 && !(own(first) && made.test(calls[first]?.text ?? ''))) first--
  const list: SocketCall[] = []
  for (let i = first; i < calls.length; i++) {
    const call = calls[i]
    if (call === undefined || !own(i) || (i !== first && descriptorOf(call.text) !== fd)) continue
    list.push({ index: i, at: call.at, text: call.text, frames: caused.get(i) ?? [] })
    if (call.text.startsWith('close(')) break
  }
  return list.slice(-LINES)
}

/** "3" of "sendto(3, …". */
function descriptorOf(text: string): string {
  return /^\w+\((\d+)/.exec(text)?.[1] ?? ''
}
