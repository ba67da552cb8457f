import { Brand } from '../parts/brand.tsx'
import { timeText } from '../parts/time-text.ts'
import { frames, now, scenario, version } from '../state/store.ts'
import { hold, type LiveState, liveLost, liveState } from './live.ts'
import { exportCapture } from './share.ts'
import './live-bar.css'

const STATES: Readonly<Record<LiveState, string>> = { on: 'Live', held: 'Held', ended: 'Ended' }

/** What stands above a program that is watched: time is its own, and cannot be had. */
export function LiveBar() {
  version.value
  const state = liveState.value
  const held = state === 'held'
  return (
    <header class="bar live-bar">
      <Brand />
      <span class="title">{scenario.value.name.replace(/^live: /, '')}</span>
      <span class={`live-state ${state}`} role="status">
        {STATES[state]}
      </span>
      <output class="clock" aria-label="Time since it is watched">
        {timeText(now.value)}
      </output>
      <span class="live-count">
        {frames.length} packets{liveLost.value > 0 ? `, ${liveLost.value} packets or calls lost to this page` : ''}
      </span>
      <div class="actions">
        <button
          type="button"
          disabled={state === 'ended'}
          aria-pressed={held}
          title="The view stands still; what happens meanwhile is shown then"
          onClick={() => hold(!held)}
        >
          {held ? 'Go on' : 'Hold'}
        </button>
        <button type="button" title="All packets so far, for Wireshark" onClick={() => void exportCapture()}>
          pcapng
        </button>
      </div>
    </header>
  )
}
