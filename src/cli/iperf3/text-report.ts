// The lines of iperf3.

import { octetsText, type RateUnit, rateText } from './amounts.ts'
import type { DatagramFigures, IntervalFigures, StreamFigures } from './interval-figures.ts'
import type { ProcessorUse } from './processor-use.ts'
import type { JsonRecord } from './record-field.ts'
import type { TestParameters } from './test-parameters.ts'
import {
  bitsPerSecond,
  hostText,
  lostPercent,
  type SideTotals,
  type StreamTotals,
  sumOf,
  sumOfDatagrams,
  type TestBeginning,
  type TestEnding,
  type TestReport,
} from './test-report.ts'

const RULE = '- - - - - - - - - - - - - - - - - - - - - - - - -'

export interface TextReportOptions {
  readonly write: (text: string) => void
  /** Where errors go. */
  readonly tell: (text: string) => void
  readonly unit: RateUnit
  readonly verbose: boolean
  /** In front of each line; '' for nothing. */
  readonly title: string
  /** Who we are: "iperf 3.12 (jackfield 1.0.0)", and on what. */
  readonly version: string
  readonly system: string
}

export class TextReport implements TestReport {
  readonly #options: TextReportOptions
  #beginning: TestBeginning | null = null
  #said = ''
  #intervals = 0

  constructor(options: TextReportOptions) {
    this.#options = options
  }

  get output(): string | JsonRecord {
    return this.#said
  }

  connecting(host: string, port: number, segment: number): void {
    if (this.#options.verbose) {
      this.#say(this.#options.version)
      this.#say(this.#options.system)
      this.#say(`Control connection MSS ${segment}`)
      this.#say(`Time: ${new Date().toUTCString()}`)
    }
    this.#say(`Connecting to host ${host}, port ${port}`)
  }

  accepted(host: string, port: number): void {
    if (this.#options.verbose) this.#say(`Time: ${new Date().toUTCString()}`)
    this.#say(`Accepted connection from ${host}, port ${port}`)
  }

  began(beginning: TestBeginning): void {
    this.#beginning = beginning
    const { role, parameters, cookie, segment, streams } = beginning
    const { protocol, direction } = parameters
    if (this.#options.verbose) {
      this.#say(`      Cookie: ${cookie}`)
      if (protocol === 'tcp') {
        this.#say(
          parameters.segment > 0 ? `      TCP MSS: ${parameters.segment}` : `      TCP MSS: ${segment} (default)`,
        )
      }
    }
    if (role === 'client' && direction === 'reverse') {
      this.#say(`Reverse mode, remote host ${hostText((streams[0] as (typeof streams)[0]).remote)} is sending`)
    }
    for (const { fd, local, remote } of streams) {
      const places = `local ${hostText(local)} port ${local.port} connected to ${hostText(remote)} port ${remote.port}`
      this.#say(`[${String(fd).padStart(3)}] ${places}`)
    }
    if (this.#options.verbose) this.#say(`Starting Test: ${testText(parameters)}`)
    this.#head(this.#sends || role === 'client' ? '         Retr  Cwnd' : '', '         Total Datagrams')
  }

  interval(figures: IntervalFigures): void {
    const { streams, omitted } = figures
    if (this.#intervals++ > 0 && streams.length > 1) this.#say(RULE)
    const time = { start: figures.start, seconds: figures.end - figures.start }
    const mark = omitted ? '(omitted)' : ''
    for (const sends of [streams[0]?.sends === true, streams[0]?.sends !== true]) {
      const some = streams.filter((one) => one.sends === sends)
      for (const one of some) this.#line(one.fd, one, time, this.#intervalTail(one, mark, false))
      if (some.length > 1) {
        const sum = sumOfStreams(some)
        this.#line(null, sum, time, this.#intervalTail(sum, mark, true))
      }
    }
  }

  ended(ending: TestEnding): void {
    const { streams, processor, remoteProcessor, congestion, remoteCongestion, serverOutput } = ending
    this.#say(RULE)
    if (this.#options.verbose) this.#say('Test Complete. Summary Results:')
    this.#head(this.#sends || this.#client ? '         Retr' : '')
    for (const sends of [streams[0]?.sends === true, streams[0]?.sends !== true]) {
      const some = streams.filter((one) => one.sends === sends)
      for (const one of some) this.#totals(one.fd, one)
      if (some.length > 1) this.#totals(null, sumOfTotals(some))
      if (!this.#options.verbose || some.length === 0) continue
      const [here, there] = sends ? ['sender', 'receiver'] : ['receiver', 'sender']
      const remote = remoteProcessor === null ? '' : `, remote/${there} ${useText(remoteProcessor)}`
      this.#say(`CPU Utilization: local/${here} ${useText(processor)}${remote}`)
      const [sender, receiver] = sends ? [congestion, remoteCongestion] : [remoteCongestion, congestion]
      if (sender !== '') this.#say(`snd_tcp_congestion ${sender}`)
      if (receiver !== '') this.#say(`rcv_tcp_congestion ${receiver}`)
    }
    if (serverOutput === null) return
    const text = typeof serverOutput === 'string' ? serverOutput : JSON.stringify(serverOutput, null, '\t')
    this.#say(`\nServer output:\n${text}`)
  }

  failed(message: string): void {
    this.#options.tell(`iperf3: ${message}\n`)
  }

  close(done: boolean): void {
    if (done && this.#client) this.#say('\niperf Done.')
  }

  get #client(): boolean {
    return this.#beginning?.role !== 'server'
  }

  get #sends(): boolean {
    const { direction } = (this.#beginning as TestBeginning).parameters
    return direction === 'both' || this.#client === (direction === 'forward')
  }

  get #udp(): boolean {
    return this.#beginning?.parameters.protocol === 'udp'
  }

  get #both(): boolean {
    return this.#beginning?.parameters.direction === 'both'
  }

  #say(line: string): void {
    const { write } = this.#options
    // A server has the client's.
    const title = this.#options.title || (this.#beginning?.parameters.title ?? '')
    const text = `${title === '' ? '' : `${title}:  `}${line}\n`
    this.#said += text
    write(text)
  }

  /** The line above the columns: what is behind the rate, of TCP and of datagrams. */
  #head(tcp: string, senderOfDatagrams = ''): void {
    const received = '         Jitter    Lost/Total Datagrams'
    const sending = senderOfDatagrams !== '' && this.#sends && !this.#both
    const behind = this.#udp ? (sending ? senderOfDatagrams : received) : tcp
    this.#say(`[ ID]${this.#both ? '[Role]' : ''} Interval           Transfer     Bitrate${behind}`)
  }

  #line(
    fd: number | null,
    { sends, bytes }: { readonly sends: boolean; readonly bytes: number },
    { start, seconds }: { readonly start: number; readonly seconds: number },
    tail: string,
  ): void {
    const name = fd === null ? 'SUM' : String(fd).padStart(3)
    const role = this.#both ? `[${sends ? 'TX' : 'RX'}-${this.#client ? 'C' : 'S'}]` : ''
    const from = start.toFixed(2).padStart(6)
    const to = (start + seconds).toFixed(2).padEnd(6)
    const rate = rateText(bitsPerSecond(bytes, seconds), this.#options.unit)
    this.#say(`[${name}]${role} ${from}-${to} sec  ${octetsText(bytes)}  ${rate}${tail}`)
  }

  #intervalTail({ connection, datagrams, sends }: StreamFigures, mark: string, sum: boolean): string {
    if (datagrams !== null) {
      if (sends) return `${this.#both ? ' '.repeat(12) : '  '}${datagrams.packets}  ${mark}`
      return `  ${datagramsText(datagrams)}  ${mark}`
    }
    if (connection === null) return `${' '.repeat(18)}${mark}`
    const retransmits = `  ${String(connection.retransmits).padStart(3)}`
    return sum
      ? `${retransmits}${' '.repeat(13)}${mark}`
      : `${retransmits}   ${octetsText(connection.congestionWindow)}       ${mark}`
  }

  /** One line for each side that is known; a server tells of its own alone. */
  #totals(fd: number | null, totals: StreamTotals): void {
    const { sends, sender, receiver, datagrams, sent } = totals
    const line = (side: SideTotals, tail: string) =>
      this.#line(fd, { sends, bytes: side.bytes }, { start: 0, seconds: side.seconds }, tail)
    if (sender !== null && (this.#client || sends)) {
      const known = { packets: sent, lost: 0, outOfOrder: 0, jitter: 0 }
      line(sender, `${this.#udp ? `  ${datagramsText(known)}  ` : retransmitsText(sender)}sender`)
    }
    if (receiver !== null && (this.#client || !sends)) {
      line(receiver, `${datagrams === null ? retransmitsText(null) : `  ${datagramsText(datagrams)}  `}receiver`)
    }
  }
}

function retransmitsText(side: SideTotals | null): string {
  if (side === null || side.retransmits === null) return ' '.repeat(18)
  return `  ${String(side.retransmits).padStart(3)}${' '.repeat(13)}`
}

function datagramsText(figures: DatagramFigures): string {
  const percent = Number(lostPercent(figures).toPrecision(2))
  return `${figures.jitter.toFixed(3)} ms  ${figures.lost}/${figures.packets} (${percent}%)`
}

function useText({ total, user, system }: ProcessorUse): string {
  return `${total.toFixed(1)}% (${user.toFixed(1)}%u/${system.toFixed(1)}%s)`
}

function testText(parameters: TestParameters): string {
  const { protocol, parallel, length, omit, time, bytes, blocks, tos } = parameters
  const end = bytes > 0 ? `${bytes} bytes to send` : blocks > 0 ? `${blocks} blocks to send` : `${time} second test`
  return `protocol: ${protocol.toUpperCase()}, ${parallel} streams, ${length} byte blocks, omitting ${omit} seconds, ${end}, tos ${tos}`
}

function sumOfStreams(streams: readonly StreamFigures[]): StreamFigures {
  const [{ fd, sends, connection }] = streams as [StreamFigures]
  return {
    fd,
    sends,
    bytes: streams.reduce((sum, { bytes }) => sum + bytes, 0),
    connection:
      connection === null
        ? null
        : { ...connection, retransmits: streams.reduce((sum, one) => sum + (one.connection?.retransmits ?? 0), 0) },
    datagrams: sumOfDatagrams(streams.map((one) => one.datagrams)),
  }
}

function sumOfTotals(streams: readonly StreamTotals[]): StreamTotals {
  return {
    ...(streams[0] as StreamTotals),
    sender: sumOf(streams.map(({ sender }) => sender)),
    receiver: sumOf(streams.map(({ receiver }) => receiver)),
    datagrams: sumOfDatagrams(streams.map(({ datagrams }) => datagrams)),
    sent: streams.reduce((sum, { sent }) => sum + sent, 0),
  }
}
