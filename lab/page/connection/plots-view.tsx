import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { SampleEvent, SegmentEvent } from '../../engine/run-events.ts'
import { FullScreen } from '../parts/full-screen.tsx'
import { connections, type EndLog, endLog, lastAt, placeAt } from '../state/flow-log.ts'
import { now, otherWay, select, selectedFrame, version } from '../state/store.ts'
import { FlowChooser, shownFlow } from './flow-chooser.tsx'
import type { ChartName, Charts } from './plot-charts.ts'
import { brief, inFlight, type Span, spanOf } from './plot-data.ts'
import { Glyph, type GlyphName } from './plot-glyph.tsx'
import './plots-view.css'

/** What is zoomed into, and of which connection; null: all of it is shown. */
const zoom = signal<(Span & { readonly flow: string }) | null>(null)
/** Where the cursor is; null: nowhere. */
const cursor = signal<number | null>(null)
/** The end whose sending is shown, where it was chosen. */
const sender = signal('')
const asTable = signal(false)
/** How far each connection has come: going back in the run leaves the axis as it is. */
const reached = new Map<string, number>()

const ROWS = 200
const CHARTS: readonly {
  readonly name: ChartName
  readonly title: string
  readonly lines: readonly (readonly [GlyphName, string])[]
}[] = [
  {
    name: 'sequence',
    title: 'Sequence numbers',
    lines: [
      ['segment', 'segment'],
      ['again', 'sent again'],
      ['una', 'SND.UNA'],
      ['edge', 'window’s edge'],
      ['report', 'SACK'],
      ['probe', 'probe'],
    ],
  },
  {
    name: 'window',
    title: 'Windows, octets',
    lines: [
      ['flight', 'in flight'],
      ['cwnd', 'cwnd'],
      ['ssthresh', 'ssthresh'],
      ['offered', 'SND.WND'],
    ],
  },
  {
    name: 'trip',
    title: 'Round trip, ms',
    lines: [
      ['trip', 'measured'],
      ['una', 'srtt'],
      ['ssthresh', 'RTO'],
    ],
  },
  {
    name: 'rate',
    title: 'Throughput, bit/s',
    lines: [
      ['acknowledged', 'acknowledged'],
      ['sent', 'sent'],
    ],
  },
]

/** One direction of a connection over time: sequence numbers, windows, round trips, throughput. */
export function PlotsView() {
  version.value
  const flow = shownFlow()
  if (flow === null) return <p class="empty">Plots are of TCP connections. None has begun yet.</p>
  const ways = [endLog(flow.ends), endLog(otherWay(flow.ends))].filter((log) => log !== null)
  const log =
    ways.find(({ ends }) => ends === sender.value) ?? ways.toSorted((a, b) => sentBy(b) - sentBy(a))[0] ?? flow
  return (
    <div class="plots" data-full-screen>
      <div class="plot-bar">
        <FlowChooser flow={flow} />
        <div class="ways" role="group" aria-label="Which end sends">
          {ways.map(({ ends, host }) => (
            <button
              type="button"
              key={ends}
              aria-pressed={ends === log.ends}
              onClick={() => {
                sender.value = ends
              }}
            >
              from {host}
            </button>
          ))}
        </div>
        <button type="button" disabled={zoom.value === null} onClick={() => zoomTo(null)}>
          Whole
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={asTable.value}
            onChange={(event) => {
              asTable.value = event.currentTarget.checked
            }}
          />
          Values as table
        </label>
        <FullScreen />
      </div>
      {asTable.value ? <Table log={log} span={spanFor(flow.ends)} /> : <Canvases log={log} flow={flow.ends} />}
    </div>
  )
}

function Canvases({ log, flow }: { log: EndLog; flow: string }) {
  const grid = useRef<HTMLDivElement>(null)
  const charts = useRef<Charts | null>(null)
  const latest = useRef(log)
  latest.current = log
  const frame = selectedFrame.value
  const span = spanFor(flow)
  // Read here, so that they are drawn again when it changes.
  const instant = now.value
  const at = cursor.value
  useEffect(() => {
    const { current } = grid
    if (current === null) return
    const painter = new Painter(current, charts, () => latest.current)
    return () => painter.end()
  }, [])
  useEffect(() => {
    const segment = frame === null ? null : (log.segments.find((one) => one.frame === frame.number) ?? null)
    const concerned = frame !== null && (frame.flow === log.ends || frame.flow === otherWay(log.ends))
    pending = { log, span, now: instant, chosen: concerned ? { at: frame.at, segment } : null }
    paint()
  })
  return (
    <>
      <div
        class="plot-grid"
        ref={grid}
        tabIndex={0}
        role="group"
        aria-label={`Plots of what ${log.host} sends. Arrows move the cursor, Enter selects the segment there, + and − zoom, Escape shows all.`}
        onKeyDown={(event) => keyed(event, log, span, flow)}
      >
        {CHARTS.map(({ name, title, lines }) => (
          <figure key={name} class={`plot ${name}`}>
            <figcaption>
              <b>{title}</b>
              {lines.map(([glyph, text]) => (
                <span key={text}>
                  <Glyph name={glyph} /> {text}
                </span>
              ))}
            </figcaption>
            <div class="box" data-plot={name} />
          </figure>
        ))}
      </div>
      <output class="readout">
        {at === null ? 'Point at a plot, or move through it by arrows.' : readout(log, at)}
      </output>
    </>
  )
}

// Painting

let pending: Parameters<Charts['show']>[0] | null = null
let paint: () => void = () => {}
/** It is another object each time that it is asked for, and has listeners of its own. */
const darkness = matchMedia('(prefers-color-scheme: dark)')

/** Draws at most once a frame of the screen, and rests as long as drawing took, so that all else goes on. */
class Painter {
  readonly #charts: { current: Charts | null }
  readonly #resized: ResizeObserver
  #asked = 0
  #restsUntil = 0
  #ended = false

  constructor(grid: HTMLElement, charts: { current: Charts | null }, log: () => EndLog) {
    this.#charts = charts
    paint = () => this.#ask()
    this.#resized = new ResizeObserver(paint)
    this.#resized.observe(grid)
    darkness.addEventListener('change', paint)
    void this.#load(grid, log)
  }

  async #load(grid: HTMLElement, log: () => EndLog): Promise<void> {
    const { Charts } = await import('./plot-charts.ts')
    if (this.#ended) return
    const boxes = new Map<ChartName, HTMLElement>()
    for (const { name } of CHARTS) boxes.set(name, grid.querySelector(`[data-plot="${name}"]`) as HTMLElement)
    this.#charts.current = new Charts(boxes, {
      cursor: (at) => {
        cursor.value = at
      },
      zoomed: (span) => zoomTo(span === null ? null : { ...span, flow: flowOf(log().ends) }),
      picked: (segment) => pick(segment),
    })
    this.#ask()
  }

  #ask(): void {
    if (this.#asked === 0) this.#asked = requestAnimationFrame(() => this.#paint())
  }

  #paint(): void {
    this.#asked = 0
    const { current } = this.#charts
    if (current === null || pending === null || this.#ended) return
    const begin = performance.now()
    if (begin < this.#restsUntil) {
      this.#ask()
      return
    }
    current.show(pending)
    const end = performance.now()
    this.#restsUntil = end + 2 * (end - begin)
  }

  end(): void {
    this.#ended = true
    cancelAnimationFrame(this.#asked)
    this.#resized.disconnect()
    darkness.removeEventListener('change', paint)
    paint = () => {}
    this.#charts.current?.destroy()
    this.#charts.current = null
  }
}

// What is done

function pick(segment: SegmentEvent): void {
  if (segment.frame > 0) select({ kind: 'frame', number: segment.frame })
}

function zoomTo(span: (Span & { readonly flow: string }) | null): void {
  zoom.value = span
}

function keyed(event: KeyboardEvent, log: EndLog, span: Span, flow: string): void {
  const at = cursor.value
  const width = span.to - span.from
  const moved = movedTo(event.key, log, at ?? Math.min(now.value, span.to), span)
  if (moved !== null) {
    cursor.value = moved
    const { from, to } = span
    const off = moved < from ? moved - from : moved > to ? moved - to : 0
    if (off !== 0) zoomTo({ flow, from: from + off, to: to + off })
  } else if (event.key === '+' || event.key === '-') {
    const middle = at ?? (span.from + span.to) / 2
    const factor = event.key === '+' ? 0.5 : 2
    const from = middle - (middle - span.from) * factor
    const whole = wholeOf(flow)
    const wide = width * factor >= whole.to - whole.from
    zoomTo(wide ? null : { flow, from, to: from + width * factor })
  } else if (event.key === 'Escape' && zoom.value !== null) zoomTo(null)
  else if (event.key === 'Enter' && at !== null) {
    const segment = log.segments[Math.max(placeAt(log.segments, at) - 1, 0)]
    if (segment !== undefined) pick(segment)
  } else return
  event.preventDefault()
}

/** Where an arrow leads: to what was told next, or before; with Home and End to the edges. */
function movedTo(key: string, { samples }: EndLog, at: number, { from, to }: Span): number | null {
  const place = placeAt(samples, at)
  if (key === 'ArrowRight') return samples[place]?.at ?? at
  if (key === 'ArrowLeft') {
    const before = samples[place - 1]
    return (before?.at === at ? samples[place - 2]?.at : before?.at) ?? at
  }
  return key === 'Home' ? from : key === 'End' ? to : null
}

// What is shown

function flowOf(ends: string): string {
  return connections().find((one) => one.ends === ends || one.ends === otherWay(ends))?.ends ?? ends
}

function wholeOf(flow: string): Span {
  const span = spanOf([endLog(flow), endLog(otherWay(flow))]) ?? { from: 0, to: 1 }
  const width = span.to - span.from
  // A connection that is idle for long does not shrink to nothing.
  const to = Math.max(span.to, Math.min(now.value, span.to + width * 0.25), reached.get(flow) ?? 0)
  reached.set(flow, to)
  return { from: span.from - 0.01 * width, to: to + 0.02 * width }
}

function spanFor(flow: string): Span {
  const { value } = zoom
  return value !== null && value.flow === flow ? value : wholeOf(flow)
}

function sentBy({ samples }: EndLog): number {
  return samples.at(-1)?.sndNxt ?? 0
}

function readout(log: EndLog, at: number): string {
  const sample = lastAt(log.samples, at)
  const time = `${(at / 1000).toFixed(4)} s`
  if (sample === null) return time
  const sent = log.segments[placeAt(log.segments, at) - 1]
  const last =
    sent === undefined
      ? ''
      : ` · last segment ${sent.seq}–${sent.end}${sent.kind === 'new' ? '' : sent.kind === 'again' ? ', sent again' : ', a probe'}${sent.frame > 0 ? ` (packet ${sent.frame})` : ''}`
  return `${time} · ${values(sample)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ')}${last}`
}

function values(sample: SampleEvent): readonly (readonly [string, string])[] {
  return [
    ['SND.UNA', String(sample.sndUna)],
    ['SND.NXT', String(sample.sndNxt)],
    ['SND.WND', brief(sample.sndWnd)],
    ['in flight', brief(inFlight(sample))],
    ['cwnd', brief(sample.cwnd)],
    ['ssthresh', sample.ssthresh < 0 ? '∞' : brief(sample.ssthresh)],
    ['RTT', sample.rttAt < 0 ? '–' : `${sample.rtt.toFixed(1)} ms`],
    ['srtt', sample.srtt === 0 ? '–' : `${sample.srtt.toFixed(1)} ms`],
    ['RTO', `${sample.rto.toFixed(0)} ms`],
    ['SACK', sample.sacked.length === 0 ? '–' : ranges(sample.sacked)],
  ]
}

function ranges(edges: readonly number[]): string {
  return edges.flatMap((edge, i) => (i % 2 === 0 ? [`${edge}–${edges[i + 1]}`] : [])).join(' ')
}

function Table({ log, span }: { log: EndLog; span: Span }) {
  const rows = log.samples.slice(placeAt(log.samples, span.from), placeAt(log.samples, span.to))
  const names = rows[0] === undefined ? [] : values(rows[0]).map(([name]) => name)
  return (
    <div class="scroll plot-table" tabIndex={0} role="region" aria-label={`Values of what ${log.host} sends`}>
      <table>
        <caption>
          {rows.length > ROWS ? `The last ${ROWS} of ${rows.length} instants` : `${rows.length} instants`} at which
          something changed
        </caption>
        <thead>
          <tr>
            <th scope="col">s</th>
            {names.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(-ROWS).map((sample) => (
            <tr key={sample.at}>
              <th scope="row">{(sample.at / 1000).toFixed(6)}</th>
              {values(sample).map(([name, value]) => (
                <td key={name}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
