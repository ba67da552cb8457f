import { netstat } from '../stack/netstat.ts'
import { listNeighbours } from '../stack/netstat-tables.ts'
import type { Stack } from '../stack/stack.ts'

/** Milliseconds between two looks, and for how long there are any: a peer that is gone holds nobody up for longer. */
const PAUSE = 5
const PATIENCE = 10_000

/** Who has sent nothing that could get lost. */
const SILENT = ['LISTEN', 'SYN-SENT', 'SYN-RECEIVED']

/**
 * A kernel goes on sending what a program left behind that has ended. A stack ends with its program: where that has nothing more to do,
 * it waits for what was sent and closed to be acknowledged, and for neighbours that datagrams wait for.
 */
export function finishBeforeExit(stack: Stack): void {
  let until = 0
  process.on('beforeExit', () => {
    if (!unfinished(stack)) {
      until = 0
      return
    }
    const now = performance.now()
    if (until === 0) until = now + PATIENCE
    if (now < until) setTimeout(() => {}, PAUSE)
  })
}

function unfinished(stack: Stack): boolean {
  const sending = netstat(stack).some(
    ({ protocol, state, sendQueue, fd }) =>
      protocol.startsWith('tcp') && fd === null && sendQueue > 0 && !SILENT.includes(state),
  )
  return sending || listNeighbours(stack).some(({ state }) => state === 'INCOMPLETE')
}
