// The sequence numbers of a transfer over time, as Stevens draws them: segments, acknowledgements, SACK, the window that is offered.

import { SYN } from '../../../src/wire/tcp.ts'
import type { Sighting } from './segments.ts'
import { frame, line, n, svg, text, WIDTH } from './svg.ts'
import { transfer } from './transfer.ts'

const HEIGHT = 420

export async function sequenceGraph(): Promise<string> {
  const { seen } = await transfer(4, 120_000, { delay: 20, rate: 8e6, loss: 0.03 }, 'cubic', 1000)
  const own = seen.filter(({ host }) => host === 'alice')
  const syn = own.find(({ sent, flags }) => sent && (flags & SYN) !== 0) as Sighting
  const zero = syn.at
  const octet = (seq: number) => (seq - syn.seq - 1) | 0
  const data = own.filter(({ sent, length }) => sent && length > 0)
  const acks = own.filter(({ sent, flags }) => !sent && (flags & SYN) === 0)
  const last = Math.max(...data.map(({ at }) => at), ...acks.map(({ at }) => at)) - zero
  const top = Math.max(...data.map(({ seq, length }) => octet(seq) + length))
  const { x, y, parts } = frame(
    WIDTH,
    HEIGHT,
    [0, Math.ceil(last / 50) * 50],
    [0, top * 1.08],
    ['ms since the SYN', 'octets'],
  )

  const heard = new Set(
    seen.filter(({ host, sent }) => host === 'bob' && !sent).map(({ identification }) => identification),
  )
  const sentBefore = new Set<number>()
  let [resent, lost] = [0, 0]
  for (const { at, seq, length, identification } of data) {
    const kind = sentBefore.has(seq) ? 'b' : 'a'
    if (kind === 'b') resent++
    sentBefore.add(seq)
    const [px, low, high] = [x.at(at - zero), y.at(octet(seq)), y.at(octet(seq) + length)]
    parts.push(
      line(
        [
          [px, low],
          [px, high],
        ],
        kind,
        3,
      ),
    )
    if (heard.has(identification)) continue
    lost++
    const middle = (low + high) / 2
    parts.push(`<path class="b" stroke-width="1.6" d="M${n(px - 5)} ${n(middle - 5)}l10 10m0-10l-10 10"/>`)
  }
  const steps: [number, number][] = []
  for (const { at, ack, sack } of acks) {
    const [px, py] = [x.at(at - zero), y.at(Math.max(0, octet(ack)))]
    const before = steps.at(-1)
    if (before !== undefined) steps.push([px, before[1]])
    steps.push([px, py])
    for (let i = 0; i < sack.length; i += 2) {
      parts.push(
        line(
          [
            [px, y.at(octet(sack[i] as number))],
            [px, y.at(octet(sack[i + 1] as number))],
          ],
          'c',
          1,
        ),
      )
    }
  }
  parts.push(line(steps, 'axis', 1.5))
  const shift = own.find(({ sent, flags }) => !sent && (flags & SYN) !== 0)?.windowScale ?? 0
  const offered: [number, number][] = []
  for (const { at, ack, window } of acks) {
    const edge = octet(ack) + (window << shift)
    const before = offered.at(-1)
    if (before !== undefined) offered.push([x.at(at - zero), before[1]])
    if (edge > 1.08 * top) break
    offered.push([x.at(at - zero), y.at(edge)])
  }
  parts.push(`<g stroke-dasharray="3 3">${line(offered, 'quiet-line', 1)}</g>`)
  const legend = [
    ['a', 'sent'],
    ['b', `sent again (${resent}); × lost (${lost})`],
    ['c', 'reported by SACK'],
    ['quiet', 'acknowledged: the line below'],
    ['quiet', 'the window that is offered: dashes'],
  ] as const
  legend.forEach(([kind, what], i) => {
    parts.push(text(WIDTH - 24, HEIGHT - 138 + i * 18, what, kind, 'end'))
  })
  return svg(
    WIDTH,
    HEIGHT,
    `Sequence numbers over time of a transfer with ${lost} lost segments: sent, acknowledged, reported by SACK, sent again`,
    parts,
  )
}
