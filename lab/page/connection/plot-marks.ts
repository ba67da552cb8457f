// What is drawn into the plots beside lines: segments, what was reported of them, round trips, the frame that is selected, the present.

import type uPlot from 'uplot'
import type { SegmentEvent } from '../../engine/run-events.ts'
import { type EndLog, placeAt } from '../state/flow-log.ts'

/** The colours of the page, as it is shown now. */
export interface Palette {
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly panel: string
  readonly brass: string
  readonly first: string
  readonly again: string
  readonly sacked: string
  readonly window: string
  readonly trip: string
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: of('ink'),
    faint: of('faint'),
    line: of('line'),
    panel: of('panel'),
    brass: of('brass'),
    first: of('tcp'),
    again: of('lost'),
    sacked: of('icmp'),
    window: of('udp'),
    trip: of('arp'),
  }
}

/** Draws into a plot's canvas, in its pixels, and nowhere outside its axes. */
export class Marks {
  readonly #plot: uPlot
  readonly #colours: Palette
  readonly #unit = devicePixelRatio

  constructor(plot: uPlot, colours: Palette) {
    this.#plot = plot
    this.#colours = colours
  }

  /** Has `draw` draw inside the axes. */
  inside(draw: () => void): void {
    const { ctx, bbox } = this.#plot
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    // Of the line that was drawn last.
    ctx.setLineDash([])
    draw()
    ctx.restore()
  }

  x(at: number): number {
    return this.#plot.valToPos(at, 'x', true)
  }

  y(value: number): number {
    return this.#plot.valToPos(value, 'y', true)
  }

  get #view(): { from: number; to: number } {
    const { min, max } = this.#plot.scales.x ?? {}
    return { from: min ?? 0, to: max ?? 0 }
  }

  /** Bars from the first to the last octet: new ones with feet, as a ruler's; those sent again heavy, with a diamond; probes as rings. */
  segments({ segments }: EndLog): void {
    const { from, to } = this.#view
    const end = placeAt(segments, to)
    let begin = placeAt(segments, from)
    while (begin > 0 && segments[begin - 1]?.at === from) begin--
    this.#fresh(segments, begin, end)
    for (let i = begin; i < end; i++) {
      const segment = segments[i] as SegmentEvent
      if (segment.kind === 'again') this.#again(segment)
      else if (segment.kind === 'probe') this.#ring(this.x(segment.at), this.y(segment.end), this.#colours.window)
    }
  }

  #fresh(segments: readonly SegmentEvent[], begin: number, end: number): void {
    const { ctx } = this.#plot
    const unit = this.#unit
    ctx.strokeStyle = this.#colours.first
    ctx.lineWidth = 2 * unit
    ctx.beginPath()
    let [column, bottom, top] = [Number.NaN, 0, 0]
    const stroke = () => {
      if (Number.isNaN(column)) return
      const height = Math.max(bottom - top, 3 * unit)
      ctx.moveTo(column, bottom)
      ctx.lineTo(column, bottom - height)
      ctx.moveTo(column - 3 * unit, bottom)
      ctx.lineTo(column + 3 * unit, bottom)
      if (height <= 6 * unit) return
      ctx.moveTo(column - 3 * unit, bottom - height)
      ctx.lineTo(column + 3 * unit, bottom - height)
    }
    // Those that touch each other in one column of pixels are one bar.
    for (let i = begin; i < end; i++) {
      const segment = segments[i] as SegmentEvent
      if (segment.kind !== 'new') continue
      const [x, low, high] = [Math.round(this.x(segment.at)), this.y(segment.seq), this.y(segment.end)]
      if (x === column && low >= top - 1.5 && bottom - high < 6 * unit) {
        top = Math.min(top, high)
        continue
      }
      stroke()
      column = x
      bottom = low
      top = high
    }
    stroke()
    ctx.stroke()
  }

  #again({ at, seq, end }: SegmentEvent): void {
    const { ctx } = this.#plot
    const unit = this.#unit
    const [x, low, high] = [this.x(at), this.y(seq), this.y(end)]
    ctx.strokeStyle = this.#colours.again
    ctx.fillStyle = this.#colours.again
    ctx.lineWidth = 3 * unit
    ctx.beginPath()
    ctx.moveTo(x, low)
    ctx.lineTo(x, high)
    ctx.stroke()
    const [middle, size] = [(low + high) / 2, 5.5 * unit]
    ctx.lineWidth = 1.5 * unit
    ctx.strokeStyle = this.#colours.panel
    ctx.beginPath()
    ctx.moveTo(x, middle - size)
    ctx.lineTo(x + size, middle)
    ctx.lineTo(x, middle + size)
    ctx.lineTo(x - size, middle)
    ctx.closePath()
    ctx.fill()
    ctx.stroke()
  }

  /** What the peer has reported beyond its acknowledgement, each time that it has changed: brackets. */
  reports({ samples }: EndLog): void {
    const { ctx } = this.#plot
    const unit = this.#unit
    const { from, to } = this.#view
    const end = placeAt(samples, to)
    ctx.strokeStyle = this.#colours.sacked
    ctx.lineWidth = 2 * unit
    ctx.beginPath()
    let column = Number.NaN
    for (let i = Math.max(placeAt(samples, from) - 1, 0); i < end; i++) {
      const sample = samples[i]
      if (sample === undefined || sample.sacked.length === 0 || sample.sacked === samples[i - 1]?.sacked) continue
      const x = Math.round(this.x(sample.at))
      if (x === column) continue
      column = x
      for (let k = 0; k < sample.sacked.length; k += 2) {
        const [low, high] = [this.y(sample.sacked[k] as number), this.y(sample.sacked[k + 1] as number)]
        ctx.moveTo(x + 4 * unit, low)
        ctx.lineTo(x, low)
        ctx.lineTo(x, high)
        ctx.lineTo(x + 4 * unit, high)
      }
    }
    ctx.stroke()
  }

  /** Round trips as they were measured: crosses. */
  trips({ samples }: EndLog): void {
    const { ctx } = this.#plot
    const size = 3 * this.#unit
    const { from, to } = this.#view
    const end = placeAt(samples, to)
    ctx.strokeStyle = this.#colours.trip
    ctx.lineWidth = 1.5 * this.#unit
    ctx.beginPath()
    let [column, row] = [Number.NaN, Number.NaN]
    for (let i = placeAt(samples, from); i < end; i++) {
      const { rtt, rttAt } = samples[i] as EndLog['samples'][number]
      if (rttAt < 0 || rttAt === samples[i - 1]?.rttAt) continue
      const [x, y] = [Math.round(this.x(rttAt)), Math.round(this.y(rtt))]
      if (x === column && y === row) continue
      column = x
      row = y
      ctx.moveTo(x - size, y - size)
      ctx.lineTo(x + size, y + size)
      ctx.moveTo(x - size, y + size)
      ctx.lineTo(x + size, y - size)
    }
    ctx.stroke()
  }

  /** The frame that is selected: a line through all plots, and a ring about its segment. */
  chosen(at: number, segment: SegmentEvent | null): void {
    this.#upright(at, this.#colours.brass, [3, 3])
    if (segment === null) return
    this.#ring(this.x(segment.at), this.y((segment.seq + segment.end) / 2), this.#colours.brass, 8)
  }

  /** The run's present moment. */
  present(at: number): void {
    this.#upright(at, this.#colours.brass, [])
    const { ctx, bbox } = this.#plot
    const [x, size] = [this.x(at), 4 * this.#unit]
    ctx.fillStyle = this.#colours.brass
    ctx.beginPath()
    ctx.moveTo(x - size, bbox.top)
    ctx.lineTo(x + size, bbox.top)
    ctx.lineTo(x, bbox.top + 1.5 * size)
    ctx.fill()
  }

  #upright(at: number, colour: string, dash: readonly number[]): void {
    const { ctx, bbox } = this.#plot
    const x = Math.round(this.x(at))
    ctx.strokeStyle = colour
    ctx.lineWidth = this.#unit
    ctx.setLineDash(dash.map((length) => length * this.#unit))
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.setLineDash([])
  }

  #ring(x: number, y: number, colour: string, radius = 4): void {
    const { ctx } = this.#plot
    ctx.strokeStyle = colour
    ctx.lineWidth = 2 * this.#unit
    ctx.beginPath()
    ctx.arc(x, y, radius * this.#unit, 0, 2 * Math.PI)
    ctx.stroke()
  }
}

/** The segment that is drawn nearest to a place, in the page's pixels from the corner of the axes; null: none within ten of them. */
export function segmentAt(plot: uPlot, { segments }: EndLog, left: number, top: number): SegmentEvent | null {
  const reach = 10
  const begin = placeAt(segments, plot.posToVal(left - reach, 'x'))
  const end = placeAt(segments, plot.posToVal(left + reach, 'x'))
  let [nearest, least] = [null as SegmentEvent | null, reach]
  for (let i = begin; i < end; i++) {
    const segment = segments[i] as SegmentEvent
    const [low, high] = [plot.valToPos(segment.seq, 'y'), plot.valToPos(segment.end, 'y')]
    const aside = Math.abs(plot.valToPos(segment.at, 'x') - left)
    const away = Math.hypot(aside, Math.max(top - low, high - top, 0))
    // Of two that are as near the heavier mark is meant.
    if (away < least || (away === least && segment.kind === 'again')) {
      least = away
      nearest = segment
    }
  }
  return nearest
}
