import { computed, signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { StateEvent } from '../../engine/run-events.ts'
import {
  calls,
  caused,
  endsOf,
  type Frame,
  frames,
  live,
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
import { brief, fate } from './frame-words.ts'
import { APART, endAt, LadderPlan } from './ladder-plan.ts'
import './ladder-view.css'

/** Room for what stands beside the outermost lines. */
const SIDE = 60
const TOP = 40
/** The names of hosts stay above it, whatever passes below them. */
const NAMES = 30
/** Where on its arrow a label stands: not in the middle, where those of arrows that cross would lie on each other. */
const LABEL = 1 / 3

/** Calls of a program that is watched, which has no instants: what comes within so many milliseconds would lie on each other. */
const TOGETHER = 1

/** Hosts that have no line of their own. */
const left = signal<ReadonlySet<string>>(new Set())
const scrolled = signal(0)
const size = signal({ width: 600, height: 400 })

/** The frame that keys have come to, and the one that was selected then: who selects another one goes on from there. */
const stepped = signal({ number: 0, from: 0 })

const chosen = computed(() => (selection.value.kind === 'frame' ? selection.value.number : 0))
const active = computed(() => (stepped.value.from === chosen.value ? stepped.value.number : 0) || chosen.value)

/** Nodes as they stand beside each other, and those of them that have a line. */
const nodes = computed(() => scenario.value.nodes.toSorted((a, b) => a.x - b.x))
const lines = computed(() => nodes.value.filter(({ name, kind }) => kind !== 'switch' && !left.value.has(name)))

/** One that has no line is where it would be between the others: what passes it goes on there. In steps between lines, from 0 on. */
const places = computed(() => {
  const names = new Set(lines.value.map(({ name }) => name))
  let before = 0
  return new Map(nodes.value.map(({ name }) => [name, names.has(name) ? before++ : before - 0.5]))
})

/** What is drawn, and where: looked at again when something has happened, and not when one scrolls. */
const drawing = computed(() => {
  version.value
  const names = new Set(lines.value.map(({ name }) => name))
  const walked = statesOf(names)
  const called = moments(names)
  const { links } = scenario.value
  const hostOf = (link: number, end: 0 | 1) => links[link]?.between[end] ?? ''
  const placeOf = (link: number, end: 0 | 1) => places.value.get(hostOf(link, end))
  const shown = frames.filter(({ kind, link }) => kind !== 'arp' && placeOf(link, 0) !== placeOf(link, 1))
  const instants = [...walked, ...called].map(({ at }) => at)
  return { walked, called, shown, plan: new LadderPlan(shown, instants, now.value, TOP, hostOf) }
})

/** Who sends what to whom, and when: time goes down. */
export function LadderView() {
  const box = useRef<HTMLDivElement>(null)
  const { walked, called, shown, plan } = drawing.value
  useEffect(() => {
    const { current } = box
    if (current === null) return
    const { clientWidth: width, clientHeight: height } = current
    if (size.value.width !== width || size.value.height !== height) size.value = { width, height }
    if (playing.value) current.scrollTop = current.scrollHeight
  })
  const width = Math.max(size.value.width - 20, lines.value.length * 110 + 2 * SIDE)
  const x = (place: number) => SIDE + ((place + 0.5) * (width - 2 * SIDE)) / Math.max(1, lines.value.length)
  const place = new Map([...places.value].map(([name, at]) => [name, x(at)]))
  const side = (name: string) => ((place.get(name) ?? 0) > width / 2 ? 1 : -1)
  const [top, bottom] = [scrolled.value - 100, scrolled.value + size.value.height + 100]
  const height = ({ host, at }: { readonly host: string; readonly at: number }) => plan.y(at) + plan.behind(host, at)
  const isSeen = (one: { readonly host: string; readonly at: number }) => height(one) < bottom && height(one) > top
  const stood = active.value
  const lineOf = (frame: Frame) => drawnLine(frame, plan, place)
  useEffect(() => {
    const frame = shown.find(({ number }) => number === stood)
    if (box.current !== null && frame !== undefined) reveal(box.current, lineOf(frame))
  }, [stood])
  const drawn = shown
    .map((frame, at) => ({ frame, at }))
    .filter(({ frame: { number } }) => plan.begin(number) < bottom && plan.end(number) > top)
  return (
    <div class="ladder-view">
      <div class="ladder-hosts" role="group" aria-label="Hosts of the ladder">
        {nodes.value
          .filter(({ kind }) => kind !== 'switch')
          .map(({ name }) => (
            <button type="button" key={name} aria-pressed={!left.value.has(name)} onClick={() => turn(name)}>
              {name}
            </button>
          ))}
      </div>
      <div
        class="ladder"
        ref={box}
        tabIndex={0}
        role="listbox"
        aria-label="Ladder diagram: frames in the order in which they left"
        aria-activedescendant={drawn.some(({ frame }) => frame.number === stood) ? `arrow-${stood}` : undefined}
        onScroll={(event) => {
          scrolled.value = event.currentTarget.scrollTop
        }}
        onKeyDown={(event) => walk(event, shown)}
      >
        <svg width={width} height={plan.bottom + 60} role="presentation">
          {lines.value.map(({ name }) => (
            <g key={name} class="life" aria-hidden="true">
              <line x1={place.get(name)} y1={TOP - 8} x2={place.get(name)} y2={plan.bottom + 50} />
            </g>
          ))}
          {drawn.map(({ frame }) => (
            <Halo key={frame.number} frame={frame} line={lineOf(frame)} />
          ))}
          {walked.filter(isSeen).map((one) => (
            <text
              key={`${one.at} ${one.ends} ${one.to}`}
              class={`state ${sameFlow(one.ends, selectedFlow.value) || selectedFlow.value === '' ? '' : 'faint'}`}
              x={(place.get(one.host) ?? 0) + 8 * side(one.host)}
              y={height(one) + APART * (1 + one.nth)}
              text-anchor={side(one.host) > 0 ? 'start' : 'end'}
              aria-hidden="true"
            >
              {one.to}
            </text>
          ))}
          {called.filter(isSeen).map((moment) => (
            <Calls
              key={`${moment.host} ${moment.at}`}
              moment={moment}
              x={place.get(moment.host) ?? 0}
              y={height(moment)}
              side={side(moment.host)}
            />
          ))}
          {drawn.map(({ frame, at }) => (
            <Arrow key={frame.number} frame={frame} line={lineOf(frame)} at={at + 1} count={shown.length} />
          ))}
          <g class="names" transform={`translate(0 ${scrolled.value})`} aria-hidden="true">
            <rect width={width} height={NAMES} />
            {lines.value.map(({ name }) => (
              <text key={name} x={place.get(name)} y="20" text-anchor="middle">
                {name}
              </text>
            ))}
          </g>
        </svg>
      </div>
    </div>
  )
}

/** Goes to another frame, and selects the one that it has come to. */
function walk(event: KeyboardEvent, shown: readonly Frame[]): void {
  const at = shown.findIndex(({ number }) => number === active.value)
  const page = Math.max(1, Math.floor(size.value.height / (3 * APART)) - 1)
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: shown.length - 1,
    Enter: at,
    ' ': at,
  }
  const wanted = steps[event.key]
  if (wanted === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  const next = shown[Math.min(Math.max(wanted, 0), shown.length - 1)]
  if (next === undefined) return
  if (event.key !== 'Enter' && event.key !== ' ') stepped.value = { number: next.number, from: chosen.value }
  else if (at >= 0) select({ kind: 'frame', number: next.number })
}

/** Scrolls to an arrow, with what is around it; names of hosts stand above. */
function reveal(box: Element, { x1, y1, x2, y2 }: Line): void {
  const [top, bottom] = [y1 - TOP, y2 + 20]
  if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight
  if (top < box.scrollTop) box.scrollTop = top
  const [left, right] = [Math.min(x1, x2) - SIDE, Math.max(x1, x2) + SIDE]
  if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth
  if (left < box.scrollLeft) box.scrollLeft = left
}

function turn(name: string): void {
  const { value } = left
  left.value = new Set(value.has(name) ? [...value].filter((one) => one !== name) : [...value, name])
}

/** The calls of a host's programs at one instant, or soon after one another, as places in what was told. */
interface Moment {
  readonly at: number
  readonly host: string
  readonly places: number[]
}

/** The states that hosts' connections came to, and how many of its host came before at the same instant. */
function statesOf(hosts: ReadonlySet<string>): readonly (StateEvent & { readonly nth: number })[] {
  const last = new Map<string, { at: number; nth: number }>()
  const found: (StateEvent & { readonly nth: number })[] = []
  for (const state of states) {
    const { at, host } = state
    if (!hosts.has(host) || at > now.value) continue
    const before = last.get(host)
    const nth = before?.at === at ? before.nth + 1 : 0
    last.set(host, { at, nth })
    found.push({ ...state, nth })
  }
  return found
}

function moments(hosts: ReadonlySet<string>): readonly Moment[] {
  const found: Moment[] = []
  const together = live.value === null ? 0 : TOGETHER
  calls.forEach(({ at, host }, place) => {
    if (!hosts.has(host) || at > now.value) return
    const same = found.findLast((moment) => moment.host === host)
    if (same !== undefined && at - same.at <= together) same.places.push(place)
    else found.push({ at, host, places: [place] })
  })
  return found
}

/** Calls at their host's line: they lead to the first packet that one of them has caused. */
function Calls({ moment, x, y, side }: { moment: Moment; x: number; y: number; side: 1 | -1 }) {
  const first = moment.places.flatMap((place) => caused.get(place) ?? [])[0]
  const isCause = moment.places.includes(selectedFrame.value?.cause ?? -1)
  const names = moment.places.map((place) => calls[place]?.text.split('(')[0] ?? '')
  const brief = names.length <= 2 ? names.join(', ') : `${names[0]} … ${names.at(-1)}`
  return (
    <g
      class={`call${isCause ? ' chosen' : ''}${first === undefined ? '' : ' causes'}`}
      transform={`translate(${x} ${y})`}
      onClick={() => first !== undefined && select({ kind: 'frame', number: first })}
      onKeyDown={() => {}}
      aria-hidden="true"
    >
      <title>{moment.places.map((place) => calls[place]?.text ?? '').join('\n')}</title>
      <circle r="3" />
      <text x={10 * side} y="2" text-anchor={side > 0 ? 'start' : 'end'}>
        {brief}
      </text>
    </g>
  )
}

interface Line {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** As far as a frame has come. */
function drawnLine(frame: Frame, plan: LadderPlan, place: ReadonlyMap<string, number>): Line {
  const [from = 0, to = 0] = endsOf(frame).map((name) => place.get(name))
  const end = Math.min(endAt(frame), now.value)
  const whole = frame.dueAt - frame.at
  const lost = frame.lostAt <= now.value
  const part = lost && whole <= 0 ? 0.5 : Math.min(1, whole > 0 ? (end - frame.at) / whole : 1)
  return { x1: from, y1: plan.begin(frame.number), x2: from + (to - from) * part, y2: plan.end(frame.number) }
}

/** What is below all arrows, at those that are chosen or that keys have come to. */
function Halo({ frame: { number }, line }: { frame: Frame; line: Line }) {
  const kind = active.value === number ? 'stood' : ''
  if (chosen.value !== number && kind === '') return null
  return <line class={`halo ${kind}${chosen.value === number ? ' chosen' : ''}`} {...line} />
}

function Arrow({ frame, line, at, count }: { frame: Frame; line: Line; at: number; count: number }) {
  const [from, to] = endsOf(frame)
  const { x1, y1, x2, y2 } = line
  const lost = frame.lostAt <= now.value
  const isChosen = chosen.value === frame.number
  const faint = selectedFlow.value !== '' && !sameFlow(frame.flow, selectedFlow.value)
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI
  const became = fate(frame, now.value)
  return (
    <g
      id={`arrow-${frame.number}`}
      class={`arrow ${frame.kind}${isChosen ? ' chosen' : ''}${faint ? ' faint' : ''}${lost ? ' lost' : ''}`}
      role="option"
      aria-selected={isChosen}
      aria-posinset={at}
      aria-setsize={count}
      aria-label={`${frame.number}: ${from} to ${to}, ${brief(frame)}${became === '' ? '' : `, ${became}`}`}
      onClick={() => select({ kind: 'frame', number: frame.number })}
      onKeyDown={() => {}}
    >
      <line class="touch" {...line} />
      <line class="stroke" {...line} />
      {lost ? (
        <path class="head" d="M-6 -6L6 6M6 -6L-6 6" transform={`translate(${x2} ${y2})`} />
      ) : (
        <path class="head" d="M0 0L-8 -4L-8 4Z" transform={`translate(${x2} ${y2}) rotate(${angle})`} />
      )}
      <text x={x1 + (x2 - x1) * LABEL} y={y1 + (y2 - y1) * LABEL + 4} text-anchor="middle">
        {brief(frame)}
      </text>
    </g>
  )
}
