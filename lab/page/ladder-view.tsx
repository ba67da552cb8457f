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
} from './store.ts'
import './ladder-view.css'

/** Pixels of a millisecond, and the most that a wait takes: what is longer is drawn as a break. */
const SCALE = 3
const LONGEST = 70
const TOP = 40
const ROWS_EACH = 16

const scrolled = signal(0)
const size = signal({ width: 600, height: 400 })

/** Where instants lie: distances are true, but long waits are cut short. */
class Axis {
  readonly #at: number[] = [0]
  readonly #y: number[] = [TOP]

  constructor(instants: readonly number[]) {
    for (const at of instants) {
      const [last, y] = [this.#at.at(-1) as number, this.#y.at(-1) as number]
      if (at <= last) continue
      this.#at.push(at)
      this.#y.push(y + Math.min(LONGEST, Math.max((at - last) * SCALE, ROWS_EACH / 4)))
    }
  }

  get end(): number {
    return this.#y.at(-1) as number
  }

  y(at: number): number {
    let [low, high] = [0, this.#at.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#at[middle] as number) <= at) low = middle
      else high = middle - 1
    }
    const [before, y] = [this.#at[low] as number, this.#y[low] as number]
    return y + Math.min(LONGEST, Math.max(0, at - before) * SCALE)
  }
}

/** Who sends what to whom, and when: time goes down. */
export function LadderView() {
  const box = useRef<HTMLDivElement>(null)
  version.value
  const nodes = scenario.value.nodes.filter(({ kind }) => kind !== 'switch').toSorted((a, b) => a.x - b.x)
  const shown = frames.filter((frame) => frame.kind !== 'arp')
  const axis = new Axis(
    shown.flatMap((frame) => [frame.at, Math.min(endAt(frame), now.value)]).toSorted((a, b) => a - b),
  )
  useEffect(() => {
    const { current } = box
    if (current === null) return
    const { clientWidth: width, clientHeight: height } = current
    if (size.value.width !== width || size.value.height !== height) size.value = { width, height }
    if (playing.value) current.scrollTop = current.scrollHeight
  })
  const width = Math.max(size.value.width - 20, nodes.length * 110)
  const x = (i: number) => ((i + 0.5) * width) / Math.max(1, nodes.length)
  const place = new Map(nodes.map(({ name }, i) => [name, x(i)]))
  const [top, bottom] = [scrolled.value - 100, scrolled.value + size.value.height + 100]
  const visible = shown.filter((frame) => axis.y(frame.at) < bottom && axis.y(Math.min(endAt(frame), now.value)) > top)
  return (
    <div
      class="ladder"
      ref={box}
      tabIndex={0}
      role="group"
      aria-label="Ladder diagram"
      onScroll={(event) => {
        scrolled.value = event.currentTarget.scrollTop
      }}
    >
      <svg width={width} height={axis.end + 60} role="presentation">
        {nodes.map(({ name }, i) => (
          <g key={name} class="life">
            <line x1={x(i)} y1={TOP - 8} x2={x(i)} y2={axis.end + 50} />
            <text x={x(i)} y={scrolled.value + 20} text-anchor="middle">
              {name}
            </text>
          </g>
        ))}
        {visible.map((frame) => (
          <Arrow key={frame.number} frame={frame} axis={axis} place={place} />
        ))}
      </svg>
    </div>
  )
}

function endAt(frame: Frame): number {
  return Math.min(
    frame.arrivedAt,
    frame.lostAt,
    frame.arrivedAt === Number.POSITIVE_INFINITY ? frame.dueAt : Number.POSITIVE_INFINITY,
  )
}

function Arrow({ frame, axis, place }: { frame: Frame; axis: Axis; place: ReadonlyMap<string, number> }) {
  const [from, to] = endsOf(frame).map((name) => place.get(name))
  if (from === undefined || to === undefined) return null
  const end = Math.min(endAt(frame), now.value)
  const whole = Math.max(frame.dueAt - frame.at, 1e-9)
  const lost = frame.lostAt <= now.value
  const part =
    lost && frame.dueAt <= frame.at ? 0.5 : Math.min(1, frame.dueAt > frame.at ? (end - frame.at) / whole : 1)
  const [x, y1, y2] = [from + (to - from) * part, axis.y(frame.at), axis.y(end)]
  const chosen = selection.value.kind === 'frame' && selection.value.number === frame.number
  const faint = selectedFlow.value !== '' && !sameFlow(frame.flow, selectedFlow.value)
  const angle = (Math.atan2(y2 - y1, x - from) * 180) / Math.PI
  return (
    <g
      class={`arrow ${frame.kind}${chosen ? ' chosen' : ''}${faint ? ' faint' : ''}${lost ? ' lost' : ''}`}
      onClick={() => select({ kind: 'frame', number: frame.number })}
      onKeyDown={() => {}}
    >
      <line class="touch" x1={from} y1={y1} x2={x} y2={y2} />
      <line class="stroke" x1={from} y1={y1} x2={x} y2={y2} />
      {lost ? (
        <path class="head" d="M-6 -6L6 6M6 -6L-6 6" transform={`translate(${x} ${y2})`} />
      ) : (
        <path class="head" d="M0 0L-8 -4L-8 4Z" transform={`translate(${x} ${y2}) rotate(${angle})`} />
      )}
      <text x={(from + x) / 2} y={(y1 + y2) / 2 - 4} text-anchor="middle">
        {brief(frame)}
      </text>
    </g>
  )
}

/** "SYN", "PSH ACK 5", "UDP 12": what a frame is in as few words as can be. */
export function brief(frame: Frame): string {
  const [, flags] = /Flags \[([^\]]*)\]/.exec(frame.text) ?? []
  const [, length = ''] = /length (\d+)$/.exec(frame.text) ?? []
  if (flags === undefined)
    return frame.kind === 'udp' ? `UDP ${length}` : (frame.text.split(',')[0]?.replace(/^.*: /, '') ?? frame.kind)
  const words = [...flags].map((flag) => FLAGS[flag] ?? '').filter((word) => word !== '')
  return `${words.join(' ')}${length === '0' || length === '' ? '' : ` ${length}`}`
}

const FLAGS: Readonly<Record<string, string>> = {
  S: 'SYN',
  F: 'FIN',
  R: 'RST',
  P: 'PSH',
  '.': 'ACK',
  U: 'URG',
  E: 'ECE',
  W: 'CWR',
}
