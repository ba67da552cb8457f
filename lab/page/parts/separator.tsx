import { signal } from '@preact/signals'
import './separator.css'

/** Of the floor, the part of its width that the network has, and of its height, in percent. */
export const split = signal({ across: 60, down: 50 })

const LEAST = 25
const MOST = 75

/** The line between two panels: dragged, or moved by arrows (WAI-ARIA, "Window Splitter pattern"). */
export function Separator({ which }: { which: 'across' | 'down' }) {
  const place = split.value[which]
  const move = (to: number) => {
    split.value = { ...split.value, [which]: Math.min(MOST, Math.max(LEAST, to)) }
  }
  return (
    <div
      class={`separator ${which}`}
      role="separator"
      tabIndex={0}
      aria-label={which === 'across' ? 'Width of the network' : 'Height of the network'}
      aria-orientation={which === 'across' ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(place)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      onDblClick={() => move(which === 'across' ? 60 : 50)}
      onKeyDown={(event) => {
        const [less, more] = which === 'across' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
        if (event.key !== less && event.key !== more) return
        event.preventDefault()
        move(place + (event.key === more ? 2 : -2))
      }}
      onPointerDown={(event) => {
        const line = event.currentTarget
        const box = line.parentElement?.getBoundingClientRect()
        if (box === undefined || event.button !== 0) return
        line.setPointerCapture(event.pointerId)
        line.onpointermove = ({ clientX, clientY }) => {
          move(which === 'across' ? ((clientX - box.left) / box.width) * 100 : ((clientY - box.top) / box.height) * 100)
        }
        const ends = () => {
          line.onpointermove = null
        }
        line.onpointerup = ends
        line.onpointercancel = ends
      }}
    />
  )
}
