import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { InspectedFrame } from '../../engine/lab-run.ts'
import { type Aside, LayersView } from '../packets/layers-view.tsx'
import { marked, NO_MARK } from '../packets/octet-mark.ts'
import { callerOf } from '../programs/caller.ts'
import { relative, sequenceBase } from '../state/sequence-base.ts'
import { calls, endsOf, type Frame, frames, inspect, otherWay, select, version } from '../state/store.ts'
import { FrameHands } from './frame-hands.tsx'

const inspected = signal<InspectedFrame | null>(null)

/** A frame: what can be done with it, what has caused it, its layers and its octets. */
export function FramePanel({ frame }: { frame: Frame }) {
  const { number, flow } = frame
  useEffect(() => {
    let current = true
    void inspect(number).then((found) => {
      if (!current) return
      inspected.value = found
      marked.value = NO_MARK
    })
    return () => {
      current = false
    }
  }, [number])
  const [own, other] = useMemo(
    () => [sequenceBase(frames, flow, number - 1), sequenceBase(frames, otherWay(flow), number - 1)],
    [flow, number],
  )
  version.value
  const [from, to] = endsOf(frame)
  const cause = calls[frame.cause]
  const aside: Aside = (layer, { name, value }) => {
    if (layer !== 'TCP' || flow === '') return ''
    const base = name === 'sequence number' ? own : name === 'acknowledgment number' ? other : -1
    const distance = value === '0' ? null : relative(Number(value), base)
    return distance === null ? '' : `= first + ${distance}`
  }
  return (
    <div class="frame">
      <h2>
        Packet {number}{' '}
        <small>
          {frame.length} octets, {from} → {to}
        </small>
      </h2>
      <FrameHands key={number} frame={frame} />
      {cause === undefined ? null : (
        <p class="cause">
          Caused by <code>{cause.text}</code> of {callerOf(cause)}
          {/EINPROGRESS|EAGAIN/.test(cause.text) ? (
            <small>The calls underneath do not block: the program waits, the socket does not.</small>
          ) : null}
        </p>
      )}
      {flow === '' ? null : (
        <p>
          <button type="button" onClick={() => select({ kind: 'flow', host: from, ends: flow })}>
            Its connection: {flow.replace(' ', ' → ')}
          </button>
        </p>
      )}
      {inspected.value === null ? null : <LayersView frame={inspected.value} aside={aside} />}
    </div>
  )
}
