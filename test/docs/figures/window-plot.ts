// The congestion window of a long transfer whose only losses are those of a queue that is full: Reno's saw, and CUBIC's curve.

import { frame, line, svg, text, WIDTH } from './svg.ts'
import { type Sample, transfer } from './transfer.ts'

const HEIGHT = 320
const OCTETS = 9_000_000

function curve(samples: readonly Sample[]): [number, number][] {
  // Corners alone: a plot of ten thousand points shows no more.
  return samples
    .filter(({ window }, i) => window !== samples[i - 1]?.window || window !== samples[i + 1]?.window)
    .map(({ at, window }) => [at / 1000, window])
}

export async function windowPlot(): Promise<string> {
  const link = { delay: 40, rate: 4e6, queue: 48_000 }
  const [reno, cubic] = [
    await transfer(1, OCTETS, link, 'reno', 50, false),
    await transfer(1, OCTETS, link, 'cubic', 50, false),
  ]
  const [a, b] = [curve(reno.samples), curve(cubic.samples)]
  const all = [...a, ...b]
  const seconds = Math.ceil(Math.max(...all.map(([at]) => at)))
  const top = Math.max(...all.map(([, window]) => window)) * 1.1
  const { x, y, parts } = frame(HEIGHT, [0, seconds], [0, top], ['seconds', 'segments'])
  for (const [kind, points] of [
    ['a', a],
    ['b', b],
  ] as const) {
    parts.push(
      line(
        points.map(([at, window]) => [x.at(at), y.at(window)]),
        kind,
        1.6,
      ),
    )
  }
  parts.push(text(WIDTH - 90, 20, 'Reno', 'a', 'end'), text(WIDTH - 24, 20, 'CUBIC', 'b', 'end'))
  return svg(WIDTH, HEIGHT, 'The congestion windows of Reno and of CUBIC over time, on a link of 4 Mbit/s', parts)
}
