// The four plots of one end of a connection, on a common axis of time and with one cursor. Loaded when plots are first looked at.

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { SampleEvent, SegmentEvent } from '../../engine/run-events.ts'
import type { EndLog } from '../state/flow-log.ts'
import { brief, type Columns, columnsOf, inFlight, type Span, samplesIn, throughputOf } from './plot-data.ts'
import { Marks, type Palette, palette, segmentAt } from './plot-marks.ts'

/** What the plots show. */
export interface Shown {
  readonly log: EndLog
  readonly span: Span
  readonly now: number
  /** The instant of the frame that is selected, and its segment if it is one of this end; null: none is. */
  readonly chosen: { readonly at: number; readonly segment: SegmentEvent | null } | null
}

/** What is done to them. */
export interface ChartListener {
  /** The cursor stands at an instant, or nowhere. */
  cursor(at: number | null): void
  zoomed(span: Span | null): void
  picked(segment: SegmentEvent): void
}

/** The names of the plots, which are those of the elements that they are drawn in. */
export type ChartName = 'sequence' | 'window' | 'trip' | 'rate'
type Line = uPlot.Series

const KEY = 'jackfield-lab'
const STEPS = 60

export class Charts {
  readonly #plots = new Map<ChartName, uPlot>()
  readonly #listener: ChartListener
  readonly #boxes: ReadonlyMap<ChartName, HTMLElement>
  #colours: Palette = palette()
  #shown: Shown | null = null

  constructor(boxes: ReadonlyMap<ChartName, HTMLElement>, listener: ChartListener) {
    this.#boxes = boxes
    this.#listener = listener
    const stairs = uPlot.paths.stepped?.({ align: 1 })
    const stepped = (colour: keyof Palette, more: Partial<uPlot.Series> = {}): Line => ({
      stroke: () => this.#colours[colour],
      width: 1.5,
      points: { show: false },
      ...(stairs === undefined ? {} : { paths: stairs }),
      ...more,
    })
    this.#make('sequence', [stepped('ink'), stepped('window', { dash: [6, 4] })], (marks, { log }) => {
      marks.reports(log)
      marks.segments(log)
    })
    this.#make('window', [
      stepped('sacked', { fill: () => `color-mix(in srgb, ${this.#colours.sacked} 18%, transparent)` }),
      stepped('first', { width: 2 }),
      stepped('again', { dash: [8, 4] }),
      stepped('window', { dash: [2, 3] }),
    ])
    const trips = [stepped('ink'), stepped('again', { dash: [8, 4] })]
    this.#make('trip', trips, (marks, { log }) => marks.trips(log), true)
    this.#make('rate', [
      stepped('first', { fill: () => `color-mix(in srgb, ${this.#colours.first} 18%, transparent)` }),
      stepped('again', { dash: [4, 3] }),
    ])
  }

  /** Draws all of them anew. */
  show(shown: Shown): void {
    this.#shown = shown
    this.#colours = palette()
    this.#fit()
    const { log, span } = shown
    const width = this.#plots.get('sequence')?.width ?? 300
    const samples = samplesIn(log, span, width)
    const end = Math.max(Math.min(shown.now, span.to), samples.at(-1)?.at ?? 0)
    const columns = columnsOf(
      samples,
      end,
      ({ sndUna }) => sndUna,
      ({ sndUna, sndWnd }) => sndUna + sndWnd,
    )
    this.#draw('sequence', columns, sequenceRange(samples))
    const windows = columnsOf(
      samples,
      end,
      inFlight,
      ({ cwnd }) => cwnd,
      ({ ssthresh }) => (ssthresh < 0 ? null : ssthresh),
      ({ sndWnd }) => sndWnd,
    )
    const most = greatest(samples, (sample) => Math.max(inFlight(sample), sample.cwnd, sample.ssthresh))
    const offered = greatest(samples, ({ sndWnd }) => sndWnd)
    // A window that is never the limit would press all else to the floor.
    this.#draw('window', windows, [0, 1.12 * (offered < 3 * most ? Math.max(most, offered) : most) || 1])
    const trips = columnsOf(
      samples,
      end,
      ({ srtt }) => (srtt === 0 ? null : srtt),
      ({ rto }) => rto,
    )
    this.#draw('trip', trips, tripRange(samples))
    const rates = throughputOf(log, span, STEPS)
    this.#draw('rate', rates, [
      0,
      Math.max(1, ...rates.values.flatMap((column) => column.map((rate) => rate ?? 0))) * 1.12,
    ])
  }

  /** Where the cursor is to be; null: nowhere. */
  moveCursor(at: number | null): void {
    for (const plot of this.#plots.values()) {
      const left = at === null ? -10 : plot.valToPos(at, 'x')
      plot.setCursor({ left, top: plot.over.clientHeight / 2 }, false)
    }
  }

  destroy(): void {
    for (const plot of this.#plots.values()) plot.destroy()
    this.#plots.clear()
  }

  #make(
    name: ChartName,
    lines: Line[],
    draw: (marks: Marks, shown: Shown) => void = () => {},
    logarithmic = false,
  ): void {
    const box = this.#boxes.get(name)
    if (box === undefined) return
    const axis: uPlot.Axis = {
      stroke: () => this.#colours.faint,
      font: '11px system-ui, sans-serif',
      grid: { stroke: () => this.#colours.line, width: 1 },
      ticks: { show: false },
    }
    const plot = new uPlot(
      {
        width: 300,
        height: 150,
        padding: [8, 10, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
          sync: {
            key: KEY,
            scales: ['x', null],
            filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' },
          },
          bind: { dblclick: () => () => this.#unzoomed() },
        },
        select: { show: true, left: 0, top: 0, width: 0, height: 0 },
        scales: {
          x: { time: false, range: (_plot, min, max) => [min, max] },
          y: { auto: false, range: (_plot, min, max) => [min, max], distr: logarithmic ? 3 : 1 },
        },
        axes: [
          {
            ...axis,
            size: 24,
            space: 60,
            values: (_plot, splits, _axis, _space, step) => splits.map((at) => seconds(at, step)),
          },
          {
            ...axis,
            size: 46,
            space: 28,
            values: (_plot, splits) => splits.map((value) => (value === null ? '' : brief(value))),
            ...(logarithmic
              ? {
                  splits: (u: uPlot) => steps(u.scales.y?.min ?? 1, u.scales.y?.max ?? 10),
                  filter: (_u: uPlot, all: number[]) => all,
                }
              : {}),
          },
        ],
        series: [{}, ...lines],
        hooks: {
          draw: [(u) => this.#mark(u, draw)],
          setSelect: [(u) => this.#selected(u)],
          setCursor: [(u) => this.#pointed(u)],
        },
      },
      [[], ...lines.map(() => [])] as uPlot.AlignedData,
      box,
    )
    if (name === 'sequence') plot.over.addEventListener('click', (event) => this.#clicked(plot, event))
    this.#plots.set(name, plot)
  }

  #mark(plot: uPlot, draw: (marks: Marks, shown: Shown) => void): void {
    const shown = this.#shown
    if (shown === null) return
    const marks = new Marks(plot, this.#colours)
    marks.inside(() => {
      draw(marks, shown)
      if (shown.chosen !== null)
        marks.chosen(shown.chosen.at, plot === this.#plots.get('sequence') ? shown.chosen.segment : null)
      if (shown.now <= shown.span.to) marks.present(shown.now)
    })
  }

  #draw(name: ChartName, columns: Columns, [min, max]: readonly [number, number]): void {
    const plot = this.#plots.get(name)
    const { span } = this.#shown as Shown
    plot?.batch(() => {
      plot.setData([columns.at, ...columns.values] as uPlot.AlignedData, false)
      plot.setScale('x', { min: span.from, max: span.to })
      plot.setScale('y', { min, max })
    })
  }

  #fit(): void {
    for (const [name, plot] of this.#plots) {
      const { clientWidth: width, clientHeight: height } = this.#boxes.get(name) as HTMLElement
      if (width !== plot.width || height !== plot.height) plot.setSize({ width, height })
    }
  }

  #selected(plot: uPlot): void {
    const { left, width } = plot.select
    if (width < 4) return
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.#listener.zoomed({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') })
  }

  #unzoomed(): null {
    this.#listener.zoomed(null)
    return null
  }

  #pointed(plot: uPlot): void {
    // Of all of them, which follow each other, the one below the pointer tells.
    if (!plot.over.matches(':hover')) return
    const { left } = plot.cursor
    this.#listener.cursor(left === undefined || left < 0 ? null : plot.posToVal(left, 'x'))
  }

  #clicked(plot: uPlot, event: MouseEvent): void {
    const log = this.#shown?.log
    if (log === undefined) return
    const { left, top } = plot.over.getBoundingClientRect()
    const segment = segmentAt(plot, log, event.clientX - left, event.clientY - top)
    if (segment !== null) this.#listener.picked(segment)
  }
}

/** All that was sent; and the window's edge, where that is not far above. */
function sequenceRange(samples: readonly SampleEvent[]): [number, number] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return [0, 1]
  const [least, most] = [first.sndUna, greatest(samples, ({ sndNxt }) => sndNxt)]
  const edge = greatest(samples, ({ sndUna, sndWnd }) => sndUna + sndWnd)
  const height = Math.max(most - least, 1)
  const top = edge - least < 2 * height ? Math.max(edge, most) : most
  return [least - 0.03 * height, top + 0.05 * (top - least || 1)]
}

function tripRange(samples: readonly SampleEvent[]): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, 1]
  for (const { rtt, rttAt, srtt, rto } of samples) {
    if (rttAt >= 0) least = Math.min(least, rtt)
    if (srtt > 0) least = Math.min(least, srtt)
    most = Math.max(most, rto, rtt)
  }
  return [Math.max(Math.min(least, most) / 1.4, 0.001), most * 1.4]
}

/** 1, 2 and 5 of each power of ten between. */
function steps(min: number, max: number): number[] {
  const all: number[] = []
  // What is greater than any number comes after none.
  const most = Math.min(max, Number.MAX_VALUE / 10)
  for (let power = 10 ** Math.floor(Math.log10(min)); power <= most; power *= 10) {
    for (const step of [power, 2 * power, 5 * power]) if (step >= min && step <= max) all.push(step)
  }
  return all
}

function greatest(samples: readonly SampleEvent[], of: (sample: SampleEvent) => number): number {
  let most = 0
  for (const sample of samples) most = Math.max(most, of(sample))
  return most
}

function seconds(at: number, step: number): string {
  const [, decimals = ''] = String(Number((step / 1000).toPrecision(6))).split('.')
  return `${(at / 1000).toFixed(Math.min(decimals.length, 6))}${decimals === '' ? ' s' : ''}`
}
