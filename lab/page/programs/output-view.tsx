import { signal } from '@preact/signals'
import type { CallEvent, OutputEvent } from '../../engine/run-events.ts'
import { calls, caused, frames, output, select, selection, version } from '../state/store.ts'
import { callerOf } from './caller.ts'
import './output-view.css'

/** More lines are not drawn at once: the last ones are. */
const LINES = 500

const showCalls = signal(true)

/** What programs print, and the calls that they make, as strace would: each leads to the frames that it has caused. */
export function OutputView() {
  version.value
  const before = Math.max(0, calls.length - LINES)
  const lines = [
    ...output.slice(-LINES).map((event) => ({ at: event.at, event, index: -1 })),
    ...(showCalls.value ? calls.slice(-LINES).map((event, i) => ({ at: event.at, event, index: before + i })) : []),
  ].toSorted((a, b) => a.at - b.at)
  return (
    <div class="output">
      <label class="check">
        <input
          type="checkbox"
          checked={showCalls.value}
          onChange={(event) => {
            showCalls.value = event.currentTarget.checked
          }}
        />
        System calls
      </label>
      <div class="lines" tabIndex={0} role="log" aria-label="Programs and calls">
        {lines.map(({ at, event, index }) => (
          <Line key={`${index} ${at} ${event.host} ${event.text}`} at={at} event={event} index={index} />
        ))}
      </div>
    </div>
  )
}

function Line({ at, event, index }: { at: number; event: CallEvent | OutputEvent; index: number }) {
  const kind = 'kind' in event ? event.kind : 'call'
  const numbers = index < 0 ? [] : (caused.get(index) ?? [])
  const { value } = selection
  const chosen = value.kind === 'frame' && frames[value.number - 1]?.cause === index && index >= 0
  return (
    <div class={`line ${kind}${chosen ? ' chosen' : ''}`}>
      <span class="at">{(at / 1000).toFixed(6)}</span>
      <span class="who">{callerOf(event)}</span>
      <span class="text">
        {kind === 'call' || kind === 'out' || kind === 'error'
          ? event.text
          : `— ${kind}${event.text === '' ? '' : `: ${event.text}`}`}
      </span>
      <span class="caused">
        {numbers.map((number) => (
          <button
            type="button"
            key={number}
            onClick={() => select({ kind: 'frame', number })}
            title={`Packet ${number}, which this call has caused`}
          >
            {number}
          </button>
        ))}
      </span>
    </div>
  )
}
