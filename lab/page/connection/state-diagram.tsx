import { FullScreen } from '../parts/full-screen.tsx'
import { type EndLog, endLog } from '../state/flow-log.ts'
import { now, otherWay, seek, select, selection, version } from '../state/store.ts'
import { endName, FlowChooser, shownFlow } from './flow-chooser.tsx'
import {
  HALF_HEIGHT,
  HALF_WIDTH,
  HEIGHT,
  PLACES,
  reasonOf,
  type Step,
  standsAt,
  WAYS,
  type Way,
  WIDTH,
  walkOf,
} from './state-walk.ts'
import './state-diagram.css'

/** The states of TCP, and the way through them of each end of a connection. */
export function StatesView() {
  version.value
  const flow = shownFlow()
  const ends = flow === null ? [] : [endLog(flow.ends), endLog(otherWay(flow.ends))].filter((log) => log !== null)
  return (
    <div class="states" data-full-screen>
      <div class="states-bar">
        {flow === null ? <span>No connection has begun yet.</span> : <FlowChooser flow={flow} />}
        <FullScreen />
      </div>
      <div class="states-ends" tabIndex={0} role="group" aria-label="States of both ends">
        {ends.length === 0 ? <Diagram walk={[]} name="TCP" /> : ends.map((log) => <End key={log.ends} log={log} />)}
      </div>
    </div>
  )
}

function End({ log }: { log: EndLog }) {
  const walk = walkOf(log.states).filter(({ event }) => event.at <= now.value)
  const name = endName(log.ends)
  return (
    <section class="states-end" aria-label={`States of ${name}`}>
      <h2>
        {name} <b>{walk.at(-1)?.event.to ?? ''}</b>
      </h2>
      <Diagram walk={walk} name={name} />
      <ol class="way-steps">
        {walk.map((step) => (
          <StepLine key={step.number} step={step} />
        ))}
      </ol>
    </section>
  )
}

function StepLine({ step }: { step: Step }) {
  const { event, way, number } = step
  const { frame, call } = reasonOf(step)
  const { value } = selection
  const chosen = frame > 0 && value.kind === 'frame' && value.number === frame
  return (
    <li class={chosen ? 'chosen' : ''}>
      <button type="button" class="at" title="Go to this moment" onClick={() => seek(event.at)}>
        <i>{number}</i> {(event.at / 1000).toFixed(4)} s
      </button>
      <span>
        {event.from} → <b>{event.to}</b>
      </span>
      <span class="why">
        {call === '' ? said(way) : <code>{call}</code>}
        {frame === 0 ? null : (
          <button type="button" onClick={() => select({ kind: 'frame', number: frame })}>
            packet {frame}
          </button>
        )}
      </span>
    </li>
  )
}

/** "rcv SYN, snd SYN,ACK", "rcv ACK of FIN" */
function said({ event, action }: Way): string {
  return action === '' ? event : `${event}${action.startsWith('of ') ? ' ' : ', '}${action}`
}

/** Figure 5 of RFC 9293, and a walk on it. */
function Diagram({ walk, name }: { walk: readonly Step[]; name: string }) {
  const here = standsAt(walk)
  const been = new Set(walk.flatMap(({ way }) => [way.from, way.to]))
  const gone = new Set(walk.map(({ way }) => way))
  const ways = [...WAYS.filter((way) => !gone.has(way)), ...gone]
  return (
    <svg class="diagram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary(name, walk)}>
      {ways.map((way) => (
        <WayMark key={`${way.from} ${way.to}`} way={way} steps={walk.filter((step) => step.way === way)} />
      ))}
      {Object.entries(PLACES).map(([key, { state, x, y }]) => (
        <g
          key={key}
          class={`tcp-state${been.has(key) ? ' been' : ''}${key === here ? ' here' : ''}`}
          transform={`translate(${x} ${y})`}
        >
          <rect x={-HALF_WIDTH} y={-HALF_HEIGHT} width={2 * HALF_WIDTH} height={2 * HALF_HEIGHT} rx="9" />
          <text text-anchor="middle" y="4.5">
            {state}
          </text>
        </g>
      ))}
      {walk.map(({ number, way: { middle } }) => (
        <g key={number} class="step-mark" transform={`translate(${middle[0]} ${middle[1]})`}>
          <circle r="8.5" />
          <text text-anchor="middle" y="3.8">
            {number}
          </text>
        </g>
      ))}
    </svg>
  )
}

function WayMark({ way, steps }: { way: Way; steps: readonly Step[] }) {
  const [x, y, anchor] = way.label
  const upright = way.from === 'FIN-WAIT-1' && way.to === 'TIME-WAIT'
  const [step] = steps
  return (
    <g class={`way${step === undefined ? '' : ' gone'}${step?.isSudden ? ' sudden' : ''}`}>
      <path class="line" d={way.path} />
      <path class="tip" d="M0 0L-9 -4.5L-7 0L-9 4.5Z" transform={tipOf(way.path)} />
      <text x={x} y={y} text-anchor={anchor} {...(upright ? { transform: `rotate(-90 ${x} ${y})` } : {})}>
        {way.event}
        {way.action === '' ? null : (
          <tspan class="action" x={x} dy="13">
            {way.action}
          </tspan>
        )}
      </text>
    </g>
  )
}

/** Where a line ends, and whither it goes there. */
function tipOf(path: string): string {
  const numbers = path.match(/-?[\d.]+/g)?.map(Number) ?? []
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbers.slice(-4)
  return `translate(${x2} ${y2}) rotate(${(Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI})`
}

function summary(name: string, walk: readonly Step[]): string {
  const states = [walk[0]?.event.from, ...walk.map(({ event }) => event.to)].filter((state) => state !== undefined)
  return `The states of TCP as in RFC 9293, figure 5. ${name}: ${states.length === 0 ? 'no state yet' : states.join(', ')}`
}
