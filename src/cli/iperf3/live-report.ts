// iperf3's lines, and below them one that lives: how the rate has been, and what TCP makes of it.

import { paint } from '../terminal/paint.ts'
import { sparkline } from '../terminal/sparkline.ts'
import type { StatusLine } from '../terminal/status-line.ts'
import { cutTo } from '../terminal/table.ts'
import { octetsText, type RateUnit, rateText } from './amounts.ts'
import type { IntervalFigures } from './interval-figures.ts'
import type { JsonRecord } from './record-field.ts'
import type { TestBeginning, TestEnding, TestReport } from './test-report.ts'

const REMEMBERED = 200

export class LiveReport implements TestReport {
  readonly #inner: TestReport
  readonly #status: StatusLine
  readonly #unit: RateUnit
  readonly #columns: () => number
  readonly #colours: boolean
  #rates: number[] = []
  #retransmits = 0

  /** `inner` writes its lines by the `print` of `status`. */
  constructor(inner: TestReport, status: StatusLine, unit: RateUnit, columns: () => number, colours: boolean) {
    this.#inner = inner
    this.#status = status
    this.#unit = unit
    this.#columns = columns
    this.#colours = colours
  }

  get output(): string | JsonRecord {
    return this.#inner.output
  }

  connecting(host: string, port: number, segment: number): void {
    this.#inner.connecting(host, port, segment)
  }

  accepted(host: string, port: number): void {
    this.#inner.accepted(host, port)
  }

  began(beginning: TestBeginning): void {
    this.#rates = []
    this.#retransmits = 0
    this.#inner.began(beginning)
  }

  interval(figures: IntervalFigures): void {
    this.#inner.interval(figures)
    this.#status.show(this.#line(figures))
  }

  ended(ending: TestEnding): void {
    this.#status.show('')
    this.#inner.ended(ending)
  }

  failed(message: string): void {
    this.#status.show('')
    this.#inner.failed(message)
  }

  close(done: boolean): void {
    this.#status.show('')
    this.#inner.close(done)
  }

  #line({ streams, start, end }: IntervalFigures): string {
    const octets = streams.reduce((sum, { bytes }) => sum + bytes, 0)
    const rate = (octets * 8) / Math.max(end - start, 1e-6)
    this.#rates = [...this.#rates, rate].slice(-REMEMBERED)
    const connections = streams.flatMap(({ connection }) => (connection === null ? [] : [connection]))
    this.#retransmits += connections.reduce((sum, { retransmits }) => sum + retransmits, 0)
    const window = connections.reduce((sum, { congestionWindow }) => sum + congestionWindow, 0)
    const lost = streams.reduce((sum, { datagrams }) => sum + (datagrams?.lost ?? 0), 0)
    const parts = [rateText(rate, this.#unit).trim(), `most ${rateText(Math.max(...this.#rates), this.#unit).trim()}`]
    if (connections.length > 0) parts.push(`${this.#retransmits} retransmitted`, `window ${octetsText(window).trim()}`)
    else if (lost > 0) parts.push(`${lost} lost`)
    const text = parts.join('  ')
    // The last place of a line stays free: what is written there may begin the next.
    const room = Math.max(0, Math.min(this.#rates.length, this.#columns() - text.length - 3))
    const bars = room === 0 ? '' : `${sparkline(this.#rates, room)}  `
    const bad = this.#retransmits > 0 || lost > 0
    return (
      paint(bars, 'good', this.#colours) +
      paint(cutTo(text, this.#columns() - 1), bad ? 'warning' : 'value', this.#colours)
    )
  }
}
