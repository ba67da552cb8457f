// Position updates over UDP, as a game or a drone sends them: a lost one is not worth sending again, the next is newer. The
// numbers in them tell the receiver what was lost and what was overtaken.

import { type AddressText, AF_INET, type Provider, SOCK_DGRAM, Socket } from '../../index.ts'
import { pause } from './pause.ts'
import type { Say } from './say.ts'

const PORT = 5004
const INTERVAL = 20
/** Octets of an update: its number, x, y. */
const LENGTH = 12

/** What came of a stream of updates. */
export interface Received {
  /** The numbers of the updates, as they came. */
  readonly numbers: readonly number[]
  /** How many came after one that was sent later. */
  readonly late: number
  /** How many of the numbers up to the highest never came. */
  readonly lost: number
}

/** Receives until `signal` is aborted. */
export async function positionReceiver(provider: Provider, say: Say, signal: AbortSignal): Promise<Received> {
  const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port: PORT })
  const numbers: number[] = []
  const missing = new Set<number>()
  let [expected, late] = [0, 0]
  try {
    for await (const { data } of socket.datagrams({ signal })) {
      if (data.length !== LENGTH) continue
      const view = new DataView(data.buffer, data.byteOffset)
      const number = view.getUint32(0)
      if (number < expected && !missing.delete(number)) continue
      numbers.push(number)
      if (number < expected) late++
      for (let skipped = expected; skipped < number; skipped++) missing.add(skipped)
      const place = `x ${view.getFloat32(4).toFixed(2)}, y ${view.getFloat32(8).toFixed(2)}`
      if (number < expected) say(`update ${number} comes late: newer ones are here, it is not used`)
      else if (number > expected) say(`update ${number}: ${place}; ${skippedText(expected, number - 1)} not here`)
      else say(`update ${number}: ${place}`)
      expected = Math.max(expected, number + 1)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await socket.close()
  }
  return { numbers, late, lost: missing.size }
}

function skippedText(first: number, last: number): string {
  return first === last ? `${first} is` : `${first} to ${last} are`
}

/** Sends `count` updates of a point on a circle, one every 20 ms. */
export async function positionSender(provider: Provider, address: string, count: number, say: Say): Promise<void> {
  const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
  const receiver: AddressText = { address, port: PORT }
  const update = new DataView(new ArrayBuffer(LENGTH))
  for (let number = 0; number < count; number++) {
    const angle = (number / count) * 2 * Math.PI
    update.setUint32(0, number)
    update.setFloat32(4, Math.cos(angle))
    update.setFloat32(8, Math.sin(angle))
    await socket.sendto(new Uint8Array(update.buffer), receiver)
    await pause(provider, INTERVAL)
  }
  say(`${count} updates sent, and not one acknowledged: UDP knows no acknowledgements`)
  await socket.close()
}
