import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import {
  calls,
  caused,
  endsOf,
  type Frame,
  frames,
  now,
  playing,
  sameFlow,
  scenario,
  select,
  selectedFlow,
  selectedFrame,
  selection,
  states,
  version,
} from '../state/store.ts'
import './ladder-view.css'

/** Pixels of a millisecond, and the most that a wait takes: what is longer is drawn as a break. */
const SCALE = 3
const LONGEST = 70
/** Room for what stands beside the outermost lines. */
const SIDE = 60
const TOP = 40
const ROWS_EACH = 16

/** Hosts that have no line of their own. */
const left = signal<ReadonlySet<string>>(new Set())
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
  const all = scenario.value.nodes.filter(({ kind }) => kind !== 'switch').toSorted((a, b) => a.x - b.x)
  const nodes = all.filter(({ name }) => !left.value.has(name))
  const names = new Set(nodes.map(({ name }) => name))
  const walked = states.filter(({ host, at }) => names.has(host) && at <= now.value)
  const called = moments(names)
  const shown = frames.filter((frame) => frame.kind !== 'arp')
  const axis = new Axis(
    [
      ...shown.flatMap((frame) => [frame.at, Math.min(endAt(frame), now.value)]),
      ...walked.map(({ at }) => at),
      ...called.map(({ at }) => at),
    ].toSorted((a, b) => a - b),
  )
  useEffect(() => {
    const { current } = box
    if (current === null) return
    const { clientWidth: width, clientHeight: height } = current
    if (size.value.width !== width || size.value.height !== height) size.value = { width, height }
    if (playing.value) current.scrollTop = current.scrollHeight
  })
  const width = Math.max(size.value.width - 20, nodes.length * 110 + 2 * SIDE)
  const x = (i: number) => SIDE + ((i + 0.5) * (width - 2 * SIDE)) / Math.max(1, nodes.length)
  // One that has no line is where it would be between the others: what passes it goes on there.
  const place = new Map(
    all.map(({ name }, i) => {
      const before = all.slice(0, i).filter((node) => names.has(node.name)).length
      return [name, names.has(name) ? x(before) : x(Math.min(Math.max(before - 0.5, 0), nodes.length - 1))]
    }),
  )
  const side = (name: string) => ((place.get(name) ?? 0) > width / 2 ? 1 : -1)
  const [top, bottom] = [scrolled.value - 100, scrolled.value + size.value.height + 100]
  const visible = shown.filter((frame) => axis.y(frame.at) < bottom && axis.y(Math.min(endAt(frame), now.value)) > top)
  return (
    <div class="ladder-view">
      <div class="ladder-hosts" role="group" aria-label="Hosts of the ladder">
        {all.map(({ name }) => (
          <button type="button" key={name} aria-pressed={names.has(name)} onClick={() => turn(name)}>
            {name}
          </button>
        ))}
      </div>
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
          {walked
            .filter(({ at }) => axis.y(at) < bottom && axis.y(at) > top)
            .map(({ at, host, to, ends }) => (
              <text
                key={`${at} ${ends} ${to}`}
                class={`state ${sameFlow(ends, selectedFlow.value) || selectedFlow.value === '' ? '' : 'faint'}`}
                x={(place.get(host) ?? 0) + 8 * side(host)}
                y={axis.y(at) + 13}
                text-anchor={side(host) > 0 ? 'start' : 'end'}
              >
                {to}
              </text>
            ))}
          {called
            .filter(({ at }) => axis.y(at) < bottom && axis.y(at) > top)
            .map((moment) => (
              <Calls
                key={`${moment.host} ${moment.at}`}
                moment={moment}
                x={place.get(moment.host) ?? 0}
                y={axis.y(moment.at)}
                side={side(moment.host)}
              />
            ))}
          {visible.map((frame) => (
            <Arrow key={frame.number} frame={frame} axis={axis} place={place} />
          ))}
        </svg>
      </div>
    </div>
  )
}

function turn(name: string): void {
  const { value } = left
  left.value = new Set(value.has(name) ? [...value].filter((one) => one !== name) : [...value, name])
}

/** The calls of a host's programs at one instant, as places in what was told. */
interface Moment {
  readonly at: number
  readonly host: string
  readonly places: number[]
}

function moments(hosts: ReadonlySet<string>): readonly Moment[] {
  const found: Moment[] = []
  calls.forEach(({ at, host }, place) => {
    if (!hosts.has(host) || at > now.value) return
    const same = found.findLast((moment) => moment.host === host)
    if (same?.at === at) same.places.push(place)
    else found.push({ at, host, places: [place] })
  })
  return found
}

/** Calls at their host's line: they lead to the first packet that one of them has caused. */
function Calls({ moment, x, y, side }: { moment: Moment; x: number; y: number; side: 1 | -1 }) {
  const first = moment.places.flatMap((place) => caused.get(place) ?? [])[0]
  const chosen = moment.places.includes(selectedFrame.value?.cause ?? -1)
  const names = moment.places.map((place) => calls[place]?.text.split('(')[0] ?? '')
  const brief = names.length <= 2 ? names.join(', ') : `${names[0]} … ${names.at(-1)}`
  return (
    <g
      class={`call${chosen ? ' chosen' : ''}${first === undefined ? '' : ' causes'}`}
      transform={`translate(${x} ${y})`}
      onClick={() => first !== undefined && select({ kind: 'frame', number: first })}
      onKeyDown={() => {}}
    >
      <title>{moment.places.map((place) => calls[place]?.text ?? '').join('\n')}</title>
      <circle r="3" />
      <text x={10 * side} y="2" text-anchor={side > 0 ? 'start' : 'end'}>
        {brief}
      </text>
    </g>
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
