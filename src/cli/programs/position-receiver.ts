// Position updates over UDP, the receiver. The number in each update tells what was lost, and what was overtaken on the way.

import { AF_INET, type Provider, SOCK_DGRAM, Socket } from '../../index.ts'
import type { Say } from './say.ts'

const PORT = 5004
/** Octets of an update: its number, x and y. */
const LENGTH = 12

/** What came of a stream of updates. */
export interface Received {
  /** The numbers of the updates, in the order in which they came. */
  readonly numbers: readonly number[]
  /** How many came after a newer one. */
  readonly late: number
}

/** Receives until `signal` is aborted. */
export async function positionReceiver(
  provider: Provider,
  say: Say,
  signal: AbortSignal,
  port = PORT,
): Promise<Received> {
  const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port })
  const numbers: number[] = []
  let [expected, late] = [0, 0]
  try {
    for await (const { data } of socket.datagrams({ signal })) {
      const view = new DataView(data.buffer, data.byteOffset)
      const number = data.length === LENGTH ? view.getUint32(0) : -1
      // UDP may deliver a datagram twice.
      if (number < 0 || numbers.includes(number)) continue
      numbers.push(number)
      const place = `x ${view.getFloat32(4).toFixed(2)}, y ${view.getFloat32(8).toFixed(2)}`
      if (number < expected) {
        late++
        say(`update ${number} comes late, it is of no use any more`)
      } else {
        say(`update ${number}: ${place}${number > expected ? `; not here: ${range(expected, number - 1)}` : ''}`)
        expected = number + 1
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await socket.close()
  }
  return { numbers, late }
}

function range(first: number, last: number): string {
  return first === last ? `${first}` : `${first} to ${last}`
}
