import { furthest, now, seek } from './store.ts'
import { timeText } from './top-bar.tsx'
import './time-line.css'

/** Any moment of the run so far, by hand. */
export function TimeLine() {
  const end = Math.max(furthest.value, 1)
  return (
    <footer class="time-line">
      <label>
        <span class="hidden">Moment</span>
        <input
          type="range"
          min="0"
          max={end}
          step="any"
          value={now.value}
          aria-valuetext={timeText(now.value)}
          onChange={(event) => seek(Number(event.currentTarget.value))}
        />
      </label>
      <span>{timeText(end)}</span>
    </footer>
  )
}
