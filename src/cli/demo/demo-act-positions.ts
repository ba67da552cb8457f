import { positionReceiver } from '../programs/position-receiver.ts'
import { positionSender } from '../programs/position-sender.ts'
import { type Act, ownFrames } from './demo-act.ts'
import type { SeenFrame } from './demo-stage.ts'

const PORT = 5004
const POSITIONS = 20

export const positions: Act = {
  id: 'E7',
  name: 'position updates over UDP',
  introduction:
    'Twenty updates, one every 20 ms, each with its number. Nothing is sent again: what the receiver sees is what the way has ' +
    'left of them, in the order in which they come.',
  hops: false,
  async run(stage) {
    const { client, server, addresses } = stage.network
    const [{ numbers, late }] = await stage.play(
      (signal) => positionReceiver(server.stack, stage.voice('server'), signal),
      () => positionSender(client.stack, { address: addresses.server, port: PORT }, POSITIONS, stage.voice('client')),
    )
    // What the receiver says is held against what the wire has carried, and what is missing against what the way has taken.
    const left = updates(ownFrames(stage, 'client'))
    const came = updates(stage.arrivedFrames.filter(({ host }) => host === 'server'))
    const missing = [...left].filter((number) => !came.has(number)).length
    const taken = stage.sentFrames.filter(({ lost }) => lost).length + stage.damaged
    const same = numbers.length === came.size && numbers.every((number) => came.has(number) && left.has(number))
    const lost = POSITIONS - numbers.length
    const text = `${numbers.length} received + ${lost} lost = ${POSITIONS} sent, ${late} late`
    return { ok: numbers.length > 0 && same && left.size === POSITIONS && missing <= taken, text }
  },
}

/** The numbers of the updates among frames. */
function updates(frames: readonly SeenFrame[]): Set<number> {
  const numbers = new Set<number>()
  for (const { frame } of frames) {
    if (frame.ports[1] !== String(PORT) || frame.payload === null) continue
    numbers.add(new DataView(frame.payload.buffer, frame.payload.byteOffset).getUint32(0))
  }
  return numbers
}
