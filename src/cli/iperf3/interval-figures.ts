import { IPPROTO_TCP, TCP_INFO } from '../../base/constants.ts'
import type { TcpInfo } from '../../base/tcp-info.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { TestStream } from './test-stream.ts'

/** What TCP says of a connection that sends. */
export interface ConnectionFigures {
  /** In this interval. */
  readonly retransmits: number
  /** Octets. */
  readonly congestionWindow: number
  readonly sendWindow: number
  /** Microseconds. */
  readonly roundTrip: number
  readonly roundTripVariance: number
  readonly pathMtu: number
}

/** What a receiver of datagrams has counted; of a sender `packets` alone says something. */
export interface DatagramFigures {
  readonly packets: number
  readonly lost: number
  readonly outOfOrder: number
  /** Milliseconds. */
  readonly jitter: number
}

/** One stream in one interval, or in all of a test. */
export interface StreamFigures {
  readonly fd: number
  readonly sends: boolean
  readonly bytes: number
  readonly connection: ConnectionFigures | null
  readonly datagrams: DatagramFigures | null
}

export interface IntervalFigures {
  /** Seconds since the test has begun, or what is left out. */
  readonly start: number
  readonly end: number
  readonly omitted: boolean
  readonly streams: readonly StreamFigures[]
}

/** The round trips and windows of a stream over all of a test. */
export interface ConnectionExtremes {
  readonly congestionWindow: number
  readonly sendWindow: number
  readonly longest: number
  readonly shortest: number
  readonly mean: number
}

/** Takes figures of one stream, each time of what has passed since the last time. */
export class StreamMeter {
  readonly stream: TestStream
  readonly #tcp: boolean
  #bytes = 0
  #retransmits = 0
  #packets = 0
  #lost = 0
  #outOfOrder = 0
  /** What `begin` found. */
  #from = { retransmits: 0, packets: 0, lost: 0, outOfOrder: 0 }
  #congestionWindow = 0
  #sendWindow = 0
  #longest = 0
  #shortest = 0
  #sum = 0
  #looks = 0

  constructor(stream: TestStream, tcp: boolean) {
    this.stream = stream
    this.#tcp = tcp
  }

  /** What has passed since the last call. */
  interval(): StreamFigures {
    const { stream } = this
    const bytes = stream.bytes - this.#bytes
    this.#bytes = stream.bytes
    return { fd: stream.fd, sends: stream.sends, bytes, connection: this.#connection(), datagrams: this.#datagrams() }
  }

  /** What has passed so far is left out; the stream has forgotten its octets already. */
  begin(): void {
    this.#bytes = 0
    this.#from = {
      retransmits: this.#retransmits,
      packets: this.#packets,
      lost: this.#lost,
      outOfOrder: this.#outOfOrder,
    }
    this.#congestionWindow = this.#sendWindow = this.#longest = this.#shortest = this.#sum = this.#looks = 0
  }

  /** Of all of the test, as the last interval left it. Null: not known. */
  get retransmits(): number | null {
    return this.#tcp && this.stream.sends && this.#looks > 0 ? this.#retransmits - this.#from.retransmits : null
  }

  get extremes(): ConnectionExtremes | null {
    if (this.retransmits === null) return null
    return {
      congestionWindow: this.#congestionWindow,
      sendWindow: this.#sendWindow,
      longest: this.#longest,
      shortest: this.#shortest,
      mean: Math.round(this.#sum / this.#looks),
    }
  }

  get datagrams(): DatagramFigures | null {
    if (this.#tcp) return null
    return {
      packets: this.#packets - this.#from.packets,
      lost: Math.max(0, this.#lost - this.#from.lost),
      outOfOrder: this.#outOfOrder - this.#from.outOfOrder,
      jitter: this.stream.arrivals?.jitter ?? 0,
    }
  }

  #datagrams(): DatagramFigures | null {
    if (this.#tcp) return null
    const { stream } = this
    const { arrivals } = stream
    const packets = arrivals?.highest ?? stream.sent
    const lost = arrivals?.lost ?? 0
    const outOfOrder = arrivals?.outOfOrder ?? 0
    const figures = {
      packets: packets - this.#packets,
      // What was thought lost in an interval before may have come in this one.
      lost: Math.max(0, lost - this.#lost),
      outOfOrder: outOfOrder - this.#outOfOrder,
      jitter: arrivals?.jitter ?? 0,
    }
    this.#packets = packets
    this.#lost = lost
    this.#outOfOrder = outOfOrder
    return figures
  }

  #connection(): ConnectionFigures | null {
    if (!this.#tcp || !this.stream.sends) return null
    const info = this.#ask()
    if (info === null) return null
    const retransmits = info.tcpi_total_retrans - this.#retransmits
    this.#retransmits = info.tcpi_total_retrans
    const congestionWindow = info.tcpi_snd_cwnd * info.tcpi_snd_mss
    this.#congestionWindow = Math.max(this.#congestionWindow, congestionWindow)
    this.#sendWindow = Math.max(this.#sendWindow, info.tcpi_snd_wnd)
    this.#longest = Math.max(this.#longest, info.tcpi_rtt)
    this.#shortest = this.#looks === 0 ? info.tcpi_rtt : Math.min(this.#shortest, info.tcpi_rtt)
    this.#sum += info.tcpi_rtt
    this.#looks++
    return {
      retransmits,
      congestionWindow,
      sendWindow: info.tcpi_snd_wnd,
      roundTrip: info.tcpi_rtt,
      roundTripVariance: info.tcpi_rttvar,
      pathMtu: info.tcpi_pmtu,
    }
  }

  /** Null: the provider does not say. */
  #ask(): TcpInfo | null {
    try {
      return this.stream.socket.getsockopt(IPPROTO_TCP, TCP_INFO)
    } catch (error) {
      if (error instanceof SocketError) return null
      throw error
    }
  }
}
