// The object that iperf3 -J prints, with its keys.

import type { DatagramFigures, IntervalFigures, StreamFigures } from './interval-figures.ts'
import type { JsonRecord } from './record-field.ts'
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

export interface JsonReportOptions {
  readonly write: (text: string) => void
  readonly version: string
  readonly system: string
  readonly title: string
}

export class JsonReport implements TestReport {
  readonly #options: JsonReportOptions
  #start: JsonRecord
  readonly #intervals: JsonRecord[] = []
  #end: JsonRecord = {}
  #rest: JsonRecord = {}
  #beginning: TestBeginning | null = null

  constructor(options: JsonReportOptions) {
    this.#options = options
    this.#start = { connected: [], version: options.version, system_info: options.system }
  }

  get output(): string | JsonRecord {
    return { ...this.#head, start: this.#start, intervals: this.#intervals, end: this.#end, ...this.#rest }
  }

  get #head(): JsonRecord {
    const title = this.#options.title || (this.#beginning?.parameters.title ?? '')
    return title === '' ? {} : { title }
  }

  connecting(host: string, port: number): void {
    this.#start = { ...this.#start, connecting_to: { host, port } }
  }

  accepted(host: string, port: number): void {
    this.#start = { ...this.#start, accepted_connection: { host, port } }
  }

  began(beginning: TestBeginning): void {
    this.#beginning = beginning
    const { parameters, cookie, segment, buffers, streams, date } = beginning
    const { protocol, extraData } = parameters
    if (extraData !== '') this.#rest = { ...this.#rest, extra_data: extraData }
    this.#start = {
      ...this.#start,
      connected: streams.map(({ fd, local, remote }) => ({
        socket: fd,
        local_host: hostText(local),
        local_port: local.port,
        remote_host: hostText(remote),
        remote_port: remote.port,
      })),
      timestamp: { time: new Date(date).toUTCString(), timesecs: Math.floor(date / 1000) },
      cookie,
      ...(protocol === 'udp'
        ? {}
        : parameters.segment > 0
          ? { tcp_mss: parameters.segment }
          : { tcp_mss_default: segment }),
      target_bitrate: parameters.rate,
      sock_bufsize: parameters.window,
      sndbuf_actual: buffers.send,
      rcvbuf_actual: buffers.receive,
      test_start: {
        protocol: protocol.toUpperCase(),
        num_streams: parameters.parallel,
        blksize: parameters.length,
        omit: parameters.omit,
        duration: parameters.time,
        bytes: parameters.bytes,
        blocks: parameters.blocks,
        reverse: parameters.direction === 'reverse' ? 1 : 0,
        bidir: parameters.direction === 'both' ? 1 : 0,
        tos: parameters.tos,
        target_bitrate: parameters.rate,
      },
    }
  }

  interval({ start, end, omitted, streams }: IntervalFigures): void {
    const time = { start, end, seconds: end - start }
    const row = (one: StreamFigures, sum: boolean) => ({
      ...(sum ? {} : { socket: one.fd }),
      ...time,
      bytes: one.bytes,
      bits_per_second: bitsPerSecond(one.bytes, time.seconds),
      ...connectionRow(one, sum),
      ...(one.datagrams === null ? {} : one.sends ? { packets: one.datagrams.packets } : datagramRow(one.datagrams)),
      omitted,
      sender: one.sends,
    })
    const sum = (some: readonly StreamFigures[]) => row(sumOfFigures(some), true)
    const [first, second] = this.#directions(streams)
    this.#intervals.push({
      streams: streams.map((one) => row(one, false)),
      sum: sum(first),
      ...(second.length > 0 ? { sum_bidir_reverse: sum(second) } : {}),
    })
  }

  ended(ending: TestEnding): void {
    const { streams, processor, remoteProcessor, congestion, remoteCongestion, serverOutput } = ending
    const udp = this.#beginning?.parameters.protocol === 'udp'
    const [first, second] = this.#directions(streams)
    const sends = (first[0] ?? second[0])?.sends === true
    const [sender, receiver] = sends ? [congestion, remoteCongestion] : [remoteCongestion, congestion]
    this.#end = {
      streams: streams.map(udp ? datagramStream : connectionStream),
      ...sums(first, '', udp),
      ...(second.length > 0 ? sums(second, '_bidir_reverse', udp) : {}),
      cpu_utilization_percent: {
        host_total: processor.total,
        host_user: processor.user,
        host_system: processor.system,
        remote_total: remoteProcessor?.total ?? 0,
        remote_user: remoteProcessor?.user ?? 0,
        remote_system: remoteProcessor?.system ?? 0,
      },
      ...(udp || sender === '' ? {} : { sender_tcp_congestion: sender }),
      ...(udp || receiver === '' ? {} : { receiver_tcp_congestion: receiver }),
    }
    if (serverOutput === null) return
    const key = typeof serverOutput === 'string' ? 'server_output_text' : 'server_output_json'
    this.#rest = { ...this.#rest, [key]: serverOutput }
  }

  failed(message: string): void {
    this.#rest = { ...this.#rest, error: message.replace(/^error - /, '') }
  }

  close(): void {
    this.#options.write(`${JSON.stringify(this.output, null, '\t')}\n`)
  }

  /** Those whose octets the client sends, if there are any, and then those of the other direction. */
  #directions<T extends { readonly sends: boolean }>(streams: readonly T[]): readonly [readonly T[], readonly T[]] {
    if (this.#beginning?.parameters.direction !== 'both') return [streams, []]
    const client = this.#beginning.role === 'client'
    return [streams.filter(({ sends }) => sends === client), streams.filter(({ sends }) => sends !== client)]
  }
}

function sumOfFigures(streams: readonly StreamFigures[]): StreamFigures {
  const connections = streams.map(({ connection }) => connection).filter((one) => one !== null)
  const [connection = null] = connections
  return {
    fd: 0,
    sends: streams[0]?.sends === true,
    bytes: streams.reduce((sum, { bytes }) => sum + bytes, 0),
    connection:
      connection === null
        ? null
        : { ...connection, retransmits: connections.reduce((sum, { retransmits }) => sum + retransmits, 0) },
    datagrams: sumOfDatagrams(streams.map(({ datagrams }) => datagrams)),
  }
}

function connectionRow({ connection }: StreamFigures, sum: boolean): JsonRecord {
  if (connection === null) return {}
  if (sum) return { retransmits: connection.retransmits }
  return {
    retransmits: connection.retransmits,
    snd_cwnd: connection.congestionWindow,
    snd_wnd: connection.sendWindow,
    rtt: connection.roundTrip,
    rttvar: connection.roundTripVariance,
    pmtu: connection.pathMtu,
  }
}

function datagramRow(figures: DatagramFigures): JsonRecord {
  return {
    jitter_ms: figures.jitter,
    lost_packets: figures.lost,
    packets: figures.packets,
    lost_percent: lostPercent(figures),
  }
}

function sideRow(side: SideTotals | null): JsonRecord {
  const { bytes, seconds } = side ?? { bytes: 0, seconds: 0 }
  return { start: 0, end: seconds, seconds, bytes, bits_per_second: bitsPerSecond(bytes, seconds) }
}

function retransmitsRow(side: SideTotals | null): JsonRecord {
  return side === null || side.retransmits === null ? {} : { retransmits: side.retransmits }
}

function connectionStream(one: StreamTotals): JsonRecord {
  const { fd, sends, sender, receiver, extremes } = one
  return {
    sender: {
      socket: fd,
      ...sideRow(sender),
      ...retransmitsRow(sender),
      ...(extremes === null
        ? {}
        : {
            max_snd_cwnd: extremes.congestionWindow,
            max_snd_wnd: extremes.sendWindow,
            max_rtt: extremes.longest,
            min_rtt: extremes.shortest,
            mean_rtt: extremes.mean,
          }),
      sender: sends,
    },
    receiver: { socket: fd, ...sideRow(receiver), sender: sends },
  }
}

function datagramStream(one: StreamTotals): JsonRecord {
  const { fd, sends, sender, receiver, datagrams } = one
  const figures = datagrams ?? { packets: one.sent, lost: 0, outOfOrder: 0, jitter: 0 }
  return {
    udp: {
      socket: fd,
      ...sideRow(sender ?? receiver),
      ...datagramRow(figures),
      out_of_order: figures.outOfOrder,
      sender: sends,
    },
  }
}

function sums(streams: readonly StreamTotals[], suffix: string, udp: boolean): JsonRecord {
  const sends = streams[0]?.sends === true
  const sender = sumOf(streams.map((one) => one.sender))
  const receiver = sumOf(streams.map((one) => one.receiver))
  if (!udp) {
    return {
      [`sum_sent${suffix}`]: { ...sideRow(sender), ...retransmitsRow(sender), sender: sends },
      [`sum_received${suffix}`]: { ...sideRow(receiver), sender: sends },
    }
  }
  const sent = streams.reduce((total, one) => total + one.sent, 0)
  const datagrams = sumOfDatagrams(streams.map((one) => one.datagrams)) ?? {
    packets: sent,
    lost: 0,
    outOfOrder: 0,
    jitter: 0,
  }
  return {
    [`sum${suffix}`]: { ...sideRow(sender ?? receiver), ...datagramRow(datagrams), sender: sends },
    [`sum_sent${suffix}`]: {
      ...sideRow(sender),
      ...datagramRow({ packets: sent, lost: 0, outOfOrder: 0, jitter: 0 }),
      sender: true,
    },
    [`sum_received${suffix}`]: { ...sideRow(receiver), ...datagramRow(datagrams), sender: false },
  }
}
