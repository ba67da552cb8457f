import { useEffect, useRef } from 'preact/hooks'
import type { InspectedFrame } from '../../engine/lab-run.ts'
import { marked, markOctet } from './octet-mark.ts'

const ROW = 16

/** The octets of a frame, as numbers and as letters: one that is chosen marks its field. */
export function OctetsView({ frame }: { frame: InspectedFrame }) {
  const box = useRef<HTMLDivElement>(null)
  const { bytes, layers } = frame
  const { start, end } = marked.value
  useEffect(() => {
    const { current } = box
    const row = current?.children[Math.floor(start / ROW)] as HTMLElement | undefined
    if (current === null || row === undefined || end === 0) return
    if (row.offsetTop < current.scrollTop) current.scrollTop = row.offsetTop - 8
    else if (row.offsetTop + row.offsetHeight > current.scrollTop + current.clientHeight)
      current.scrollTop = row.offsetTop + row.offsetHeight - current.clientHeight + 8
  }, [start, end])
  const rows: number[] = []
  for (let at = 0; at < bytes.length; at += ROW) rows.push(at)
  const is = (at: number) => (at >= start && at < end ? 'marked' : undefined)
  return (
    <div
      class="octets"
      role="region"
      aria-label="Octets: arrows go from one to the next"
      tabIndex={0}
      ref={box}
      onClick={(event) => {
        const at = (event.target as HTMLElement).dataset['at']
        if (at !== undefined) markOctet(layers, Number(at))
      }}
      onKeyDown={(event) => {
        const step = STEPS[event.key]
        if (step === undefined) return
        event.preventDefault()
        event.stopPropagation()
        // From field to field sideways: all octets of one are marked together.
        const from = step === 1 ? end : step === -1 ? start - 1 : start + step
        markOctet(layers, Math.min(Math.max(from, 0), bytes.length - 1))
      }}
    >
      {rows.map((row) => (
        <div key={row}>
          <i>{row.toString(16).padStart(4, '0')}</i>
          {[...bytes.subarray(row, row + ROW)].map((octet, i) => (
            <b key={i} data-at={row + i} class={is(row + i)}>
              {octet.toString(16).padStart(2, '0')}
            </b>
          ))}
          <span class="letters">
            {[...bytes.subarray(row, row + ROW)].map((octet, i) => (
              <b key={i} data-at={row + i} class={is(row + i)}>
                {octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·'}
              </b>
            ))}
          </span>
        </div>
      ))}
    </div>
  )
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: ROW, ArrowUp: -ROW }
