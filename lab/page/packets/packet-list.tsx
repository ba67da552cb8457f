import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import {
  endsOf,
  type Frame,
  frames,
  now,
  playing,
  sameFlow,
  scenario,
  select,
  selectedFlow,
  selection,
  version,
} from '../state/store.ts'
import { brief, fate } from './frame-words.ts'
import { filterWords, flagsOf, lineOf } from './packet-line.ts'
import './packet-list.css'

const ROW = 24
/** Rows beyond the edges, so that scrolling shows no gap. */
const MARGIN = 10
/** Letters of the column of hosts. */
const HOP_LEAST = 8
const HOP_MOST = 28

const filter = signal('')
const scrolled = signal(0)
const height = signal(400)

/** Those that are listed of the first frames, of which nothing changes any more: they need not be looked at again. */
const settled = { filter: '', until: 0, now: 0, last: null as Frame | null, listed: [] as Frame[] }

/** Which frames are listed: those in whose text every word of the filter is; "-word" is for those without. */
function listed(): readonly Frame[] {
  const words = filterWords(filter.value)
  if (words.length === 0) return frames
  const at = now.value
  if (
    settled.filter !== filter.value ||
    frames[settled.until - 1] !== (settled.last ?? undefined) ||
    at < settled.now
  ) {
    Object.assign(settled, { filter: filter.value, until: 0, last: null, listed: [] })
  }
  settled.now = at
  const isListed = (frame: Frame) => {
    const text = `${frame.kind} ${frame.text} ${fate(frame, at)}`.toLowerCase()
    return words.every((word) => (word.startsWith('-') ? !text.includes(word.slice(1)) : text.includes(word)))
  }
  for (; settled.until < frames.length; settled.until++) {
    const frame = frames[settled.until] as Frame
    if (Math.min(frame.arrivedAt, frame.lostAt) > at) break
    settled.last = frame
    if (isListed(frame)) settled.listed.push(frame)
  }
  return settled.listed.concat(frames.slice(settled.until).filter(isListed))
}

export function PacketList() {
  const list = useRef<HTMLDivElement>(null)
  version.value
  const rows = listed()
  const first = Math.max(0, Math.floor(scrolled.value / ROW) - MARGIN)
  const last = Math.min(rows.length, Math.ceil((scrolled.value + height.value) / ROW) + MARGIN)
  const { value: selected } = selection
  const drawn = rows.slice(first, last)
  const isDrawn = selected.kind === 'frame' && drawn.some(({ number }) => number === selected.number)
  useEffect(() => {
    const { current } = list
    if (current === null) return
    height.value = current.clientHeight
    // Who watches the end goes on watching it.
    const atEnd = current.scrollTop + current.clientHeight > current.scrollHeight - 4 * ROW
    if (playing.value && atEnd) current.scrollTop = current.scrollHeight
  })
  return (
    <div class="packets">
      <input
        class="filter"
        type="search"
        placeholder="Filter: tcp 12000 -arp, lost, [S] …"
        aria-label="Filter packets"
        value={filter.value}
        onInput={(event) => {
          filter.value = event.currentTarget.value
        }}
      />
      <div
        class="rows"
        ref={list}
        role="listbox"
        tabIndex={0}
        aria-label="Packets"
        aria-activedescendant={isDrawn ? `frame-${selected.number}` : undefined}
        onScroll={(event) => {
          scrolled.value = event.currentTarget.scrollTop
        }}
        onKeyDown={(event) => walk(event, rows, list.current)}
      >
        <div style={{ height: `${rows.length * ROW}px`, position: 'relative', '--hop': `${hopLength()}ch` }}>
          {drawn.map((frame, i) => (
            <Row key={frame.number} frame={frame} top={(first + i) * ROW} place={first + i + 1} size={rows.length} />
          ))}
        </div>
        {rows.length === 0 ? (
          <p class="empty">
            {frames.length === 0
              ? 'No frame has left yet. Run, or step to the next packet.'
              : 'No packet matches. All words must be in its line, and none of those after a minus: tcp 12000 -arp, [S], win 0, lost.'}
          </p>
        ) : null}
      </div>
    </div>
  )
}

/** How many letters the longest "alice → bob" has: of all rows one column. */
function hopLength(): number {
  const lengths = scenario.value.links.map(({ between: [a, b] }) => a.length + b.length + ' → '.length)
  return Math.min(Math.max(...lengths, HOP_LEAST), HOP_MOST)
}

/** Selects the next packet of the list, or the one before. */
export function chooseNext(step: 1 | -1): void {
  const rows = listed()
  const { value } = selection
  const at = value.kind === 'frame' ? rows.findIndex(({ number }) => number === value.number) : -1
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)]
  if (next === undefined) return
  select({ kind: 'frame', number: next.number })
  const list = document.querySelector('.rows')
  if (list !== null) reveal(list, rows.indexOf(next))
}

function reveal(list: Element, place: number): void {
  if (place * ROW < list.scrollTop) list.scrollTop = place * ROW
  else if ((place + 1) * ROW > list.scrollTop + list.clientHeight)
    list.scrollTop = (place + 1) * ROW - list.clientHeight
}

function Row({ frame, top, place, size }: { frame: Frame; top: number; place: number; size: number }) {
  const chosen = selection.value.kind === 'frame' && selection.value.number === frame.number
  const related = sameFlow(frame.flow, selectedFlow.value)
  const [from, to] = endsOf(frame)
  const [flags, facts] = flagsOf(lineOf(frame))
  return (
    <div
      id={`frame-${frame.number}`}
      class={`row ${frame.kind}${chosen ? ' chosen' : ''}${related ? ' related' : ''}${frame.lostAt <= now.value ? ' lost' : ''}`}
      style={{ top: `${top}px` }}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      aria-posinset={place}
      aria-setsize={size}
      onClick={() => select({ kind: 'frame', number: frame.number })}
      onKeyDown={() => {}}
    >
      <span class="number">{frame.number}</span>
      <span class="at">{(frame.at / 1000).toFixed(6)}</span>
      <span class="hop">
        {from} → {to}
      </span>
      <span class="kind">{frame.kind.toUpperCase()}</span>
      <span class="text" title={frame.text}>
        {frame.kind === 'tcp' ? <b>{brief(frame)}</b> : null}
        <span class="flags">{flags}</span>
        {facts}
      </span>
      <span class="fate">{fate(frame, now.value)}</span>
    </div>
  )
}

function walk(event: KeyboardEvent, rows: readonly Frame[], list: HTMLDivElement | null): void {
  const { value } = selection
  const at = value.kind === 'frame' ? rows.findIndex(({ number }) => number === value.number) : -1
  const page = Math.max(1, Math.floor(height.value / ROW) - 1)
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: rows.length - 1,
  }
  const wanted = steps[event.key]
  if (wanted === undefined || rows.length === 0) return
  event.preventDefault()
  const next = Math.min(Math.max(wanted, 0), rows.length - 1)
  select({ kind: 'frame', number: (rows[next] as Frame).number })
  if (list !== null) reveal(list, next)
}
