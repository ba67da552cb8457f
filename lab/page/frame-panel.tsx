import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { InspectedFrame } from '../engine/lab-run.ts'
import { FrameHands } from './frame-hands.tsx'
import { calls, endsOf, type Frame, inspect, select, version } from './store.ts'

const inspected = signal<InspectedFrame | null>(null)
/** Octets that are marked: of the field that is pointed at. */
const marked = signal<readonly [number, number]>([0, 0])

/** A frame: what can be done with it, what has caused it, its layers and its octets. */
export function FramePanel({ frame }: { frame: Frame }) {
  useEffect(() => {
    let current = true
    void inspect(frame.number).then((found) => {
      if (!current) return
      inspected.value = found
      marked.value = [0, 0]
    })
    return () => {
      current = false
    }
  }, [frame.number])
  version.value
  const [from, to] = endsOf(frame)
  const cause = calls[frame.cause]
  return (
    <div class="frame">
      <h2>
        Packet {frame.number}{' '}
        <small>
          {frame.length} octets, {from} → {to}
        </small>
      </h2>
      <FrameHands key={frame.number} frame={frame} />
      {cause === undefined ? null : (
        <p class="cause">
          Caused by <code>{cause.text}</code> of {cause.host}/{cause.program}
        </p>
      )}
      {frame.flow === '' ? null : (
        <p>
          <button type="button" onClick={() => select({ kind: 'flow', host: from, ends: frame.flow })}>
            Its connection: {frame.flow.replace(' ', ' → ')}
          </button>
        </p>
      )}
      {inspected.value === null ? null : <Layers frame={inspected.value} />}
    </div>
  )
}

function Layers({ frame }: { frame: InspectedFrame }) {
  return (
    <div class="layers">
      {frame.layers.map(({ layer, fields, start, end }, depth) => (
        <details key={`${layer} ${start}`} open={depth > 0} style={{ '--depth': depth }}>
          <summary onMouseEnter={() => mark(start, end)}>
            {layer} <small>{end - start} octets</small>
          </summary>
          <dl>
            {fields.map((field) => (
              <div
                key={`${field.name} ${field.start}`}
                class={marked.value[0] === field.start && marked.value[1] === field.end ? 'field marked' : 'field'}
                onMouseEnter={() => mark(field.start, field.end)}
              >
                <dt>{field.name}</dt>
                <dd>{field.value}</dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
      <Octets bytes={frame.bytes} />
    </div>
  )
}

function mark(start: number, end: number): void {
  marked.value = [start, end]
}

function Octets({ bytes }: { bytes: Uint8Array }) {
  const [start, end] = marked.value
  const rows: number[] = []
  for (let at = 0; at < bytes.length; at += 16) rows.push(at)
  return (
    <div class="octets" role="region" aria-label="Octets" tabIndex={0}>
      {rows.map((row) => (
        <span key={row}>
          <i>{row.toString(16).padStart(4, '0')}</i>
          {[...bytes.subarray(row, row + 16)].map((octet, i) => (
            <b key={i} class={row + i >= start && row + i < end ? 'marked' : ''}>
              {octet.toString(16).padStart(2, '0')}
            </b>
          ))}
          {'\n'}
        </span>
      ))}
    </div>
  )
}
