import { useState } from 'preact/hooks'
import type { DescribedLayer } from '../../../src/wire/describe-layer.ts'
import { checksumWork } from './checksum-work.ts'
import { markOctet } from './octet-mark.ts'

/** How a checksum is computed, word by word. */
export function ChecksumView({
  bytes,
  layers,
  place,
}: {
  bytes: Uint8Array
  layers: readonly DescribedLayer[]
  place: number
}) {
  const [open, setOpen] = useState(false)
  return (
    <details class="sum" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>How the checksum is computed</summary>
      {open ? <Work bytes={bytes} layers={layers} place={place} /> : null}
    </details>
  )
}

function Work({ bytes, layers, place }: { bytes: Uint8Array; layers: readonly DescribedLayer[]; place: number }) {
  const work = checksumWork(bytes, layers, place)
  if (typeof work === 'string') return <p>{work}</p>
  const { words, sum, complement, found, verdict, layer } = work
  return (
    <>
      <p>
        All words of 16 bits are added; what is carried out at the top is added at the bottom; the checksum is the sum
        with every bit inverted. <cite>RFC 1071</cite>
      </p>
      <div class="words" tabIndex={0} role="region" aria-label={`Words of the ${layer} checksum`}>
        <table>
          <thead>
            <tr>
              <th>octet</th>
              <th>word</th>
              <th>sum so far</th>
              <th>what it is</th>
            </tr>
          </thead>
          <tbody>
            {words.map(({ at, value, what, sum: sofar, carried }, i) => (
              <tr key={i} class={at < 0 ? 'pseudo' : ''} onMouseEnter={() => at >= 0 && markOctet(layers, at)}>
                <td>{at < 0 ? 'pseudo' : at}</td>
                <td>{hex(value)}</td>
                <td>
                  {hex(sofar)}
                  {carried ? ' +1' : ''}
                </td>
                <td class="what">{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <dl class={`verdict ${verdict}`}>
        <div>
          <dt>sum</dt>
          <dd>{hex(sum)}</dd>
        </div>
        <div>
          <dt>inverted</dt>
          <dd>{hex(complement)}</dd>
        </div>
        <div>
          <dt>in the packet</dt>
          <dd>
            {hex(found)} {VERDICTS[verdict]}
          </dd>
        </div>
      </dl>
    </>
  )
}

const VERDICTS = { right: '✓ equal', wrong: '✗ not equal: it is damaged', none: 'there is none' } as const

function hex(value: number): string {
  return value.toString(16).padStart(4, '0')
}
