import { placeOf, removeSelected } from '../state/canvas-state.ts'
import { conditionText, linkAt } from '../state/scenario-edits.ts'
import { now, scenario, select, selection } from '../state/store.ts'

/** A link, how it is now, and that it can be chosen. */
export function LinkLine({ place: number }: { place: number }) {
  const link = scenario.value.links[number]
  if (link === undefined) return null
  const [a, b] = [placeOf(link.between[0]), placeOf(link.between[1])]
  const chosen = selection.value.kind === 'link' && selection.value.link === number
  const { up, ...conditions } = linkAt(scenario.value, number, now.value)
  const label = [
    ...(up ? [] : ['cut']),
    ...SHOWN.flatMap((key) => (conditions[key] ? [conditionText(key, conditions[key])] : [])),
  ]
  const pick = () => select({ kind: 'link', link: number })
  const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2]
  // Beside the line, on the side that is up; flat, so that it is read.
  const steep = Math.abs(b.y - a.y) > Math.abs(b.x - a.x)
  return (
    <g
      class={`link${chosen ? ' chosen' : ''}${up ? '' : ' cut'}`}
      role="button"
      tabindex={0}
      aria-pressed={chosen}
      aria-label={`Link ${link.between.join(' to ')}${label.length > 0 ? `, ${label.join(', ')}` : ''}`}
      onClick={(event) => {
        event.stopPropagation()
        pick()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault()
          event.stopPropagation()
          pick()
        } else if (event.key === 'Delete' || event.key === 'Backspace') {
          pick()
          removeSelected()
        }
      }}
    >
      <line class="touch" x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
      <line class="wire" x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
      {up ? null : <path class="cross" d="M-7 -7L7 7M7 -7L-7 7" transform={`translate(${x} ${y})`} />}
      <text x={steep ? x + 16 : x} y={steep ? y : y - 16} text-anchor={steep ? 'start' : 'middle'}>
        {label.join(' · ')}
      </text>
    </g>
  )
}

const SHOWN = ['delay', 'jitter', 'rate', 'loss', 'duplicate', 'reorder', 'corrupt', 'mtu'] as const
