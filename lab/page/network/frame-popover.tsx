import { useEffect, useRef } from 'preact/hooks'
import { brief } from '../packets/frame-words.ts'
import { held, said } from '../state/canvas-state.ts'
import { endsOf, frames, now, pause, playing, select, version } from '../state/store.ts'
import { placeOfFrame } from './frame-canvas.ts'
import { FrameHands } from './frame-hands.tsx'
import './frame-popover.css'

/** The hands of a frame, where it is. */
export function FramePopover({ picture }: { picture: SVGSVGElement | null }) {
  const box = useRef<HTMLDivElement>(null)
  version.value
  const { number, keys } = held.value
  useEffect(() => {
    if (number !== 0 && keys) box.current?.querySelector<HTMLElement>('.hands button')?.focus()
  }, [number, keys])
  const frame = frames[number - 1]
  if (number === 0 || frame === undefined || picture === null) return null
  const spot = placeOfFrame(frame, Math.min(now.value, frame.lostAt))
  if (spot === null) return null
  const at = new DOMPoint(spot.x, spot.y).matrixTransform(picture.getScreenCTM() ?? undefined)
  const around = picture.getBoundingClientRect()
  const [x, y] = [at.x - around.left, at.y - around.top]
  const close = () => {
    held.value = { number: 0, keys: false }
    picture.focus()
  }
  const [from, to] = endsOf(frame)
  return (
    <div
      class={`frame-popover ${y > around.height / 2 ? 'above' : 'below'}`}
      ref={box}
      role="dialog"
      aria-label={`Packet ${number}, ${brief(frame)}`}
      style={{
        left: `${Math.min(Math.max(x, 130), Math.max(130, around.width - 130))}px`,
        top: `${y}px`,
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        close()
      }}
    >
      <header>
        <strong>
          {number} · {brief(frame)}
        </strong>
        <small>
          {from} → {to}
        </small>
        <button type="button" aria-label="Close" onClick={close}>
          ×
        </button>
      </header>
      <FrameHands key={number} frame={frame} done={close} />
    </div>
  )
}

/** Opens the hands of the next frame that is under way. */
export function holdNext(): void {
  const under = frames.filter(
    (frame) => frame !== undefined && frame.at <= now.value && frame.arrivedAt > now.value && frame.lostAt > now.value,
  )
  const next = under.find((frame) => frame.number > held.value.number) ?? under[0]
  if (next === undefined) {
    said.value = 'No frame is under way'
    return
  }
  if (playing.value) pause()
  select({ kind: 'frame', number: next.number })
  held.value = { number: next.number, keys: true }
}
