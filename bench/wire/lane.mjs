// `lane.mjs ours|reference parse|build|sum|receive VERSION SIZE [gigabits]`: nanoseconds for each packet of so many octets, or Gbit/s.

import { answer } from '../harness/answer.mjs'
import { frames, LINK } from './frames.mjs'
import { complete } from './reference.mjs'

const [who, what, versionText, sizeText, unit] = process.argv.slice(2)
const { parse, build, sum } = await import(`./${who}.mjs`)
const version = Number(versionText)
const size = Number(sizeText)
// As many as lie in the cache, as what a device hands up does.
const number = size > 4096 ? 4 : 64
const all = frames(number, version, size, complete)

const work = {
  parse: (frame) => parse(frame, version),
  build: (frame, i) => build(frame, version, i),
  sum: (frame) => sum(frame, version),
  receive: (frame) => (sum(frame, version) === 65535 ? parse(frame, version) : 0),
}[what]

// Whoever is fast because it does something else is not: both find every checksum right, and another wrong.
for (const frame of all) if (sum(frame, version) !== 65535) throw new Error(`${who}: a right checksum is called wrong`)
all[0][LINK + size - 1] ^= 1
if (sum(all[0], version) === 65535) throw new Error(`${who}: a wrong checksum is called right`)
all[0][LINK + size - 1] ^= 1

function nanoseconds(seconds, clock) {
  const began = clock()
  const until = performance.now() + seconds * 1000
  let count = 0
  let kept = 0
  do {
    for (let i = 0; i < 1024; i++) kept = (kept + work(all[i & (number - 1)], i)) | 0
    count += 1024
  } while (performance.now() < until)
  if (kept === 1) process.stderr.write(' ')
  return ((clock() - began) * 1e6) / count
}

function processorTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

await answer(({ seconds, processorTime: mine }) => {
  const each = nanoseconds(seconds, mine ? processorTime : () => performance.now())
  return unit === 'gigabits' ? (size * 8) / each : each
})
