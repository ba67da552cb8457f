import type { TargetedEvent, TargetedMouseEvent } from 'preact'
import { leaveLessons, showLessons, shown } from './lessons/lesson-course.ts'
import { Brand } from './parts/brand.tsx'
import { timeText } from './parts/time-text.ts'
import { exportCapture, open, save, share } from './session/share.ts'
import { openShortcuts } from './shortcuts.tsx'
import { change, now, pause, play, playing, rate, scenario, seek, setRate, step, version } from './state/store.ts'
import './top-bar.css'

/** Milliseconds of the run in one of the reader's, from a hundred-thousandth to tenfold. */
const SLOWEST = -5
const FASTEST = 1

export function TopBar() {
  return (
    <header class="bar">
      <Brand />
      <button
        type="button"
        aria-pressed={shown.value !== 'nothing'}
        onClick={() => (shown.value === 'list' ? leaveLessons() : void showLessons())}
      >
        Lessons
      </button>
      <span class="title">{scenario.value.name}</span>
      <div class="transport" role="toolbar" aria-label="Time">
        <button type="button" title="To the beginning (Home)" aria-label="To the beginning" onClick={() => seek(0)}>
          <Icon path="M4 3v10M13 3L6 8l7 5z" />
        </button>
        <button
          type="button"
          class="primary"
          title="Run or pause (space)"
          aria-label={playing.value ? 'Pause' : 'Run'}
          onClick={() => (playing.value ? pause() : play())}
        >
          <Icon path={playing.value ? 'M4 3h3v10h-3zM9 3h3v10h-3z' : 'M4 2.5l9 5.5l-9 5.5z'} />
        </button>
        <span class="steps">
          <button type="button" title="The next thing that happens" onClick={() => step('event')}>
            Event
          </button>
          <button type="button" title="Until a frame leaves or arrives" onClick={() => step('frame')}>
            Packet
          </button>
          <button type="button" title="Until an answer comes back" onClick={() => step('trip')}>
            Round trip
          </button>
        </span>
        <label class="speed">
          <span class="hidden">Speed</span>
          <input
            type="range"
            min={SLOWEST}
            max={FASTEST}
            step="0.25"
            value={Math.log10(rate.value)}
            aria-valuetext={speedText(rate.value)}
            onInput={(event) => setRate(10 ** Number(event.currentTarget.value))}
          />
          <output>{speedText(rate.value)}</output>
        </label>
      </div>
      <Clock />
      <div class="actions">
        <button type="button" class="more" popovertarget="rare">
          More
        </button>
        <div
          id="rare"
          class="rare"
          popover="auto"
          onBeforeToggle={placeBelow}
          onClick={closeAfter}
          onKeyDown={() => {}}
        >
          <label class="seed">
            Seed{' '}
            <input
              type="number"
              value={scenario.value.seed}
              onChange={(event) => change({ seed: Math.trunc(Number(event.currentTarget.value)) || 0 })}
            />
          </label>
          <button type="button" onClick={() => void share()}>
            Share
          </button>
          <button type="button" onClick={save}>
            Save
          </button>
          <label class="button">
            Open
            <input
              type="file"
              accept="application/json,.json"
              class="hidden"
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? []
                if (file !== undefined) void open(file)
                event.currentTarget.value = ''
              }}
            />
          </label>
          <button type="button" title="All frames so far, for Wireshark" onClick={() => void exportCapture()}>
            pcapng
          </button>
          <button type="button" aria-label="Keys" title="What keys do (?)" onClick={openShortcuts}>
            ?
          </button>
        </div>
      </div>
    </header>
  )
}

// Where there is little room what is rare is a sheet of its own, below what opens it.
function placeBelow({ currentTarget: sheet }: TargetedEvent<HTMLDivElement>): void {
  const opener = sheet.previousElementSibling?.getBoundingClientRect()
  if (opener !== undefined) sheet.style.top = `${opener.bottom + 6}px`
}

/** It closes when something of it was done. */
function closeAfter({ currentTarget: sheet, target }: TargetedMouseEvent<HTMLDivElement>): void {
  const isDone = (target as Element).closest('button, input[type=file]') !== null
  if (isDone && sheet.matches(':popover-open')) sheet.hidePopover()
}

function Icon({ path }: { path: string }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill="currentColor" stroke="currentColor" stroke-linejoin="round" />
    </svg>
  )
}

function speedText(value: number): string {
  if (value >= 1) return `${Number(value.toPrecision(2))}×`
  return `1/${Math.round(1 / value).toLocaleString('en')}`
}

function Clock() {
  return (
    <output class="clock" aria-label="Time of the run" data-told={version.value}>
      {timeText(now.value)}
    </output>
  )
}
