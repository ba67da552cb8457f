import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { InspectedFrame } from '../engine/lab-run.ts'
import type { ScenarioLink } from '../engine/scenario.ts'
import { ProgramPanel } from './program-panel.tsx'
import {
  act,
  addresses,
  calls,
  change,
  endsOf,
  type Frame,
  inspect,
  now,
  sameFlow,
  samples,
  scenario,
  select,
  selectedFlow,
  selectedFrame,
  selection,
  sockets,
  states,
  version,
} from './store.ts'

/** All of what is selected. */
export function Inspector() {
  const { value } = selection
  switch (value.kind) {
    case 'frame':
      return selectedFrame.value === null ? <Hint /> : <FramePanel frame={selectedFrame.value} />
    case 'node':
      return <NodePanel name={value.name} />
    case 'link':
      return <LinkPanel place={value.link} />
    case 'flow':
      return <FlowPanel />
    case 'program':
      return <ProgramPanel host={value.host} name={value.name} />
    default:
      return <Hint />
  }
}

function Hint() {
  const { programs } = scenario.value
  return (
    <div class="hint">
      <h2>{scenario.value.name}</h2>
      <p>Run it, or step from packet to packet. Choose a frame, a host, a link or a program to see all of it.</p>
      <ul class="plain">
        {programs.map(({ host, name }) => (
          <li key={`${host}/${name}`}>
            <button type="button" onClick={() => select({ kind: 'program', host, name })}>
              {name} <small>on {host}</small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

const inspected = signal<InspectedFrame | null>(null)
/** Octets that are marked: of the field that is pointed at. */
const marked = signal<readonly [number, number]>([0, 0])

function FramePanel({ frame }: { frame: Frame }) {
  useEffect(() => {
    let current = true
    void inspect(frame.number).then((found) => {
      if (!current) return
      inspected.value = found
      marked.value = [0, 0]
    })
    return () => {
      current = false
    }
  }, [frame.number])
  version.value
  const [from, to] = endsOf(frame)
  const cause = calls[frame.cause]
  const open = frame.arrivedAt > now.value && frame.lostAt > now.value
  return (
    <div class="frame">
      <h2>
        Packet {frame.number}{' '}
        <small>
          {frame.length} octets, {from} → {to}
        </small>
      </h2>
      <div
        class="hands"
        role="toolbar"
        aria-label={open ? 'Do something to this frame' : 'Go back, and do something to this frame'}
      >
        <button type="button" onClick={() => act({ frame: frame.number, drop: true })}>
          Drop
        </button>
        <button type="button" onClick={() => act({ frame: frame.number, delay: 50 })}>
          Hold back 50 ms
        </button>
        <button type="button" onClick={() => act({ frame: frame.number, duplicate: 1 })}>
          Double
        </button>
        <button type="button" onClick={() => act({ frame: frame.number, flip: [Math.max(0, frame.length * 8 - 3)] })}>
          Damage
        </button>
      </div>
      {cause === undefined ? null : (
        <p class="cause">
          Caused by <code>{cause.text}</code> of {cause.host}/{cause.program}
        </p>
      )}
      {frame.flow === '' ? null : (
        <p>
          <button type="button" onClick={() => select({ kind: 'flow', host: from, ends: frame.flow })}>
            Its connection: {frame.flow.replace(' ', ' → ')}
          </button>
        </p>
      )}
      {inspected.value === null ? null : <Layers frame={inspected.value} />}
    </div>
  )
}

function Layers({ frame }: { frame: InspectedFrame }) {
  return (
    <div class="layers">
      {frame.layers.map(({ layer, fields, start, end }, depth) => (
        <details key={`${layer} ${start}`} open={depth > 0} style={{ '--depth': depth }}>
          <summary onMouseEnter={() => mark(start, end)}>
            {layer} <small>{end - start} octets</small>
          </summary>
          <dl>
            {fields.map((field) => (
              <div
                key={`${field.name} ${field.start}`}
                class={marked.value[0] === field.start && marked.value[1] === field.end ? 'field marked' : 'field'}
                onMouseEnter={() => mark(field.start, field.end)}
              >
                <dt>{field.name}</dt>
                <dd>{field.value}</dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
      <Octets bytes={frame.bytes} />
    </div>
  )
}

function mark(start: number, end: number): void {
  marked.value = [start, end]
}

function Octets({ bytes }: { bytes: Uint8Array }) {
  const [start, end] = marked.value
  const rows: number[] = []
  for (let at = 0; at < bytes.length; at += 16) rows.push(at)
  return (
    <div class="octets" role="region" aria-label="Octets" tabIndex={0}>
      {rows.map((row) => (
        <span key={row}>
          <i>{row.toString(16).padStart(4, '0')}</i>
          {[...bytes.subarray(row, row + 16)].map((octet, i) => (
            <b key={i} class={row + i >= start && row + i < end ? 'marked' : ''}>
              {octet.toString(16).padStart(2, '0')}
            </b>
          ))}
          {'\n'}
        </span>
      ))}
    </div>
  )
}

function NodePanel({ name }: { name: string }) {
  const node = scenario.value.nodes.find((one) => one.name === name)
  if (node === undefined) return <Hint />
  const rows = sockets.value[name] ?? []
  const own = addresses.value.filter((end) => end.name.split('.')[0] === name)
  const programs = scenario.value.programs.filter(({ host }) => host === name)
  const add = () => {
    let count = 1
    while (programs.some((program) => program.name === `program${count}`)) count++
    const program = { host: name, name: `program${count}`, source: START }
    change({ programs: [...scenario.value.programs, program] })
    select({ kind: 'program', host: name, name: program.name })
  }
  return (
    <div class="node-panel">
      <h2>
        {name} <small>{node.kind}</small>
      </h2>
      <ul class="plain addresses">
        {own.map((end) => (
          <li key={end.name}>
            <code>{end.name.split('.')[1]}</code> {end.addresses.join(', ')}
          </li>
        ))}
      </ul>
      {node.kind === 'switch' ? null : (
        <>
          <h3>Programs</h3>
          <ul class="plain">
            {programs.map((program) => (
              <li key={program.name}>
                <button type="button" onClick={() => select({ kind: 'program', host: name, name: program.name })}>
                  {program.name}
                </button>
              </li>
            ))}
            <li>
              <button type="button" onClick={add}>
                + Program
              </button>
            </li>
          </ul>
          <h3>Sockets</h3>
          <div class="scroll" tabIndex={0} role="region" aria-label={`Sockets of ${name}`}>
            <table class="sockets">
              <thead>
                <tr>
                  <th>fd</th>
                  <th>Proto</th>
                  <th>Local</th>
                  <th>Peer</th>
                  <th>State</th>
                  <th>Recv-Q</th>
                  <th>Send-Q</th>
                  <th>Timer</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => {
                  const ends = `${row.localAddress}:${row.localPort} ${row.peerAddress}:${row.peerPort}`
                  return (
                    <tr key={`${row.protocol} ${ends}`} class={sameFlow(ends, selectedFlow.value) ? 'related' : ''}>
                      <td>{row.fd ?? ''}</td>
                      <td>{row.protocol}</td>
                      <td>
                        {row.localAddress}:{row.localPort}
                      </td>
                      <td>
                        {row.peerPort === 0 ? (
                          '*'
                        ) : (
                          <button type="button" onClick={() => select({ kind: 'flow', host: name, ends })}>
                            {row.peerAddress}:{row.peerPort}
                          </button>
                        )}
                      </td>
                      <td>{row.state}</td>
                      <td>{row.receiveQueue}</td>
                      <td>{row.sendQueue}</td>
                      <td>{row.timers.map(({ kind, left }) => `${kind} ${(left / 1000).toFixed(2)} s`).join(', ')}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  )
}

const START = `import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

console.log('hello')
`

const CONDITIONS = [
  ['delay', 'Delay', 'ms', 1],
  ['jitter', 'Jitter', 'ms', 1],
  ['rate', 'Rate', 'Mbit/s', 1e6],
  ['loss', 'Loss', '%', 0.01],
  ['mtu', 'MTU', 'octets', 1],
] as const

function LinkPanel({ place }: { place: number }) {
  const link = scenario.value.links[place]
  if (link === undefined) return <Hint />
  const set = (key: (typeof CONDITIONS)[number][0], value: number | undefined) => {
    const { [key]: _before, ...rest } = link
    const changed: ScenarioLink = value === undefined ? (rest as ScenarioLink) : { ...link, [key]: value }
    change({ links: scenario.value.links.map((one, i) => (i === place ? changed : one)) })
  }
  return (
    <div class="link-panel">
      <h2>
        {link.between.join(' — ')} <small>link</small>
      </h2>
      {CONDITIONS.map(([key, title, unit, scale]) => (
        <label key={key} class="condition">
          <span>{title}</span>
          <input
            type="number"
            min="0"
            step="any"
            value={link[key] === undefined ? '' : Number((link[key] / scale).toPrecision(6))}
            onChange={(event) => {
              const { value } = event.currentTarget
              set(key, value === '' ? undefined : Number(value) * scale)
            }}
          />
          <small>{unit}</small>
        </label>
      ))}
      <p>
        <button type="button" onClick={() => act({ at: now.value, link: place, up: false })}>
          Cut it now
        </button>{' '}
        <button type="button" onClick={() => act({ at: now.value, link: place, up: true })}>
          Mend it now
        </button>
      </p>
    </div>
  )
}

function FlowPanel() {
  version.value
  const flow = selectedFlow.value
  const [here = '', there = ''] = flow.split(' ')
  const walked = states.filter(({ ends, at }) => sameFlow(ends, flow) && at <= now.value)
  return (
    <div class="flow-panel">
      <h2>
        {here} ↔ {there}
      </h2>
      {[here, there].map((end) => {
        const own = walked.filter(({ ends }) => ends.startsWith(`${end} `))
        const sample = samples.findLast(({ ends }) => ends.startsWith(`${end} `) && sameFlow(ends, flow))
        return (
          <div key={end} class="end">
            <h3>{end}</h3>
            <p class="state">{own.at(-1)?.to ?? 'no connection yet'}</p>
            <ol class="walk">
              {own.map(({ at, from, to }) => (
                <li key={`${at} ${from} ${to}`}>
                  <span class="at">{(at / 1000).toFixed(3)}</span> {from} → {to}
                </li>
              ))}
            </ol>
            {sample === undefined ? null : (
              <dl class="numbers">
                {(
                  [
                    ['sndUna', sample.sndUna],
                    ['sndNxt', sample.sndNxt],
                    ['sndWnd', sample.sndWnd],
                    ['rcvNxt', sample.rcvNxt],
                    ['cwnd', sample.cwnd],
                    ['ssthresh', sample.ssthresh < 0 ? '∞' : sample.ssthresh],
                    ['srtt', `${sample.srtt.toFixed(1)} ms`],
                    ['rto', `${sample.rto.toFixed(0)} ms`],
                    ['recovery', sample.recovery],
                  ] as const
                ).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        )
      })}
    </div>
  )
}
