// The congestion window of a long transfer whose only losses are those of a queue that is full: Reno's saw, and CUBIC's curve.

import { frame, line, SMALL, svg, text } from './svg.ts'
import { type Sample, transfer } from './transfer.ts'

const HEIGHT = 260
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
  const { x, y, parts } = frame(SMALL, HEIGHT, [0, seconds], [0, top], ['seconds', 'segments'])
  for (const [kind, points] of [
    ['a', a],
    ['b dashed', b],
  ] as const) {
    parts.push(
      line(
        points.map(([at, window]) => [x.at(at), y.at(window)]),
        kind,
        1.6,
      ),
    )
  }
  // Not by their colours alone.
  for (const [kind, name, end] of [
    ['a', 'Reno', SMALL - 110],
    ['b', 'CUBIC', SMALL - 16],
  ] as const) {
    const start = end - 64
    parts.push(
      line(
        [
          [start, 12],
          [start + 20, 12],
        ],
        kind === 'b' ? 'b dashed' : kind,
        1.6,
      ),
      text(start + 25, 16, name, kind),
    )
  }
  return svg(SMALL, HEIGHT, 'The congestion windows of Reno and of CUBIC over time, on a link of 4 Mbit/s', parts)
}
