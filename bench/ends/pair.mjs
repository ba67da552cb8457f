// A lane of two processes on the kernel's loopback: `pair.mjs LIBRARY SERVER|- CLIENT [ARGUMENT]`. The server is bound to the first of
// the lane's processors, the client to the second; where the lane has none, to none.

import { answer, refuse } from '../harness/answer.mjs'
import { dist } from '../harness/dist.mjs'
import { Lane } from '../harness/lane.mjs'

const [library, server, client, argument] = process.argv.slice(2)
const pins = process.env.BENCH_PINS ? process.env.BENCH_PINS.split(',') : []

async function open(pin) {
  const end = new Lane({ program: 'ends/end.mjs', args: [library], pins: pin === undefined ? null : [pin] }, dist)
  await end.ready()
  return end
}

try {
  const ends = [await open(pins.at(-1))]
  let port = 0
  if (server !== '-') {
    ends.push(await open(pins[0]))
    port = await ends[1].measure({ server, seconds: 0 })
  }
  await answer(
    ({ seconds }) => ends[0].measure({ client, port, seconds, argument }),
    () => Promise.all(ends.map((end) => end.close())),
  )
} catch (error) {
  refuse(error)
}
