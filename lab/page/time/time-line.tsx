import { useState } from 'preact/hooks'
import { timeText } from '../parts/time-text.ts'
import { frames, furthest, now, scenario, seek, states, version } from '../state/store.ts'
import { type MarkKind, places, Retransmissions } from './time-marks.ts'
import './time-line.css'

const again = new Retransmissions()

const TITLES: Readonly<Record<MarkKind, string>> = {
  lost: 'lost',
  again: 'sent again',
  state: 'states',
  hand: 'by hand',
}

/** Any moment of the run so far, by hand, and where something happened. */
export function TimeLine() {
  const [pointed, setPointed] = useState(-1)
  version.value
  const end = Math.max(furthest.value, 1)
  const marks: Readonly<Record<MarkKind, readonly number[]>> = {
    lost: places(lost(), end),
    again: places(again.look(frames), end),
    state: places(
      states.map(({ at }) => at),
      end,
    ),
    hand: places(
      scenario.value.acts.flatMap((act) => ('at' in act ? [act.at] : [])),
      end,
    ),
  }
  return (
    <footer class="time-line">
      <label
        onPointerMove={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect()
          setPointed(Math.min(1, Math.max(0, (event.clientX - left - 8) / (width - 16))))
        }}
        onPointerLeave={() => setPointed(-1)}
      >
        <span class="hidden">Moment</span>
        <svg class="marks" aria-hidden="true">
          {(Object.keys(marks) as MarkKind[]).map((kind) =>
            marks[kind].map((x) => (
              <rect key={`${kind} ${x}`} class={kind} x={`${x}%`} y={TOPS[kind]} width="2" height="4" />
            )),
          )}
        </svg>
        <input
          type="range"
          min="0"
          max={end}
          step="any"
          value={now.value}
          aria-valuetext={timeText(now.value)}
          onChange={(event) => seek(Number(event.currentTarget.value))}
        />
        {pointed < 0 ? null : (
          <span class="preview" style={{ left: `calc(8px + ${pointed} * (100% - 16px))` }}>
            {timeText(pointed * end)}
          </span>
        )}
      </label>
      <span>{timeText(end)}</span>
      <span class="key">
        {(Object.keys(TITLES) as MarkKind[]).map((kind) => (
          <i key={kind} class={marks[kind].length === 0 ? `${kind} none` : kind}>
            {TITLES[kind]}
          </i>
        ))}
      </span>
    </footer>
  )
}

const TOPS: Readonly<Record<MarkKind, number>> = { lost: 0, again: 4, state: 8, hand: 12 }

function* lost(): Generator<number> {
  for (const frame of frames) if (frame !== undefined && frame.lostAt <= now.value) yield frame.lostAt
}
