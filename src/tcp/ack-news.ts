// What one acknowledgement tells, gathered while it is taken, and acted on at its end.

/** It came with data, or a FIN. */
export const NEWS_DATA = 1
/** It is the latest word on the window. */
export const NEWS_WINDOW = 2
/** New data is acknowledged. */
export const NEWS_ACKED = 4
/** Some of that had been sent again. */
export const NEWS_RESENT_ACKED = 8
/** SACK reports something new. */
export const NEWS_SACKED = 16
/** SND.UNA has moved. */
export const NEWS_ADVANCED = 32
/** A duplicate is reported (RFC 2883) that we may have caused. */
export const NEWS_DUPLICATE = 64
/** The duplicate is that of a tail loss probe. */
export const NEWS_PROBE_DUPLICATE = 128
/** Something sent once, before recovery began, has arrived (RFC 5682). */
export const NEWS_ORIGINAL = 256
/** The oldest segment was reported received, and is not acknowledged (RFC 2018 section 8). */
export const NEWS_RENEGED = 512
/** The timer that answers for what is in flight is to be set anew. */
export const NEWS_SET_TIMER = 1024
/** A retransmission was found lost. */
export const NEWS_RESENT_LOST = 2048
/** ECE: the path is congested (RFC 3168). */
export const NEWS_CONGESTION = 4096

/** What makes that an acknowledgement is no duplicate. */
export const NEWS_NO_DUPLICATE = NEWS_DATA | NEWS_WINDOW | NEWS_ACKED
/** What recovery is to look at even when nothing is being mended. */
export const NEWS_ALERT = NEWS_SACKED | NEWS_DUPLICATE | NEWS_CONGESTION
export const NEWS_PROGRESS = NEWS_ACKED | NEWS_SACKED

/** What is to be sent after an acknowledgement. */
export const SEND_NOTHING = 0
export const SEND_LOST = 1
/** New data and nothing lost: the second step of F-RTO. */
export const SEND_NEW = 2

export class AckNews {
  flags = 0
  /** Microseconds. */
  now = 0
  /** The recovery point before. */
  point = 0
  /** The lowest sequence number sent once that arrived after something behind it. */
  lowest = 0
  /** Round trip, while it is measured: when the first and the last were sent of what was acknowledged, and reported. */
  acked = false
  firstAckedAt = 0
  lastAckedAt = 0
  sacked = false
  firstSackedAt = 0
  lastSackedAt = 0
  /** Packets that have reached the peer by what this tells. */
  delivered = 0
  /** Of the segment sent last of those delivered: how many packets had been delivered then. −1: nothing was. */
  priorDelivered = -1
  priorSentAt = 0
  priorEnd = 0
  /** RACK's: the smallest round trip; what is delivered sooner, and was sent again, is the original. 0: none is known. */
  minRtt = 0
  rackAdvanced = false
  rackRtt = 0
  rackSentAt = 0
  rackEnd = 0
  /** The timestamp that the peer echoes, and what ours is now. */
  hasEcho = false
  echo = 0
  stamp = 0
  /** A round trip for congestion control, microseconds; −1: none. */
  rtt = -1

  /** For the next acknowledgement. */
  begin(now: number, stamp: number, point: number, sndNxt: number, minRtt: number): void {
    this.flags = 0
    this.now = now
    this.stamp = stamp
    this.point = point
    this.lowest = sndNxt
    this.minRtt = minRtt
    this.acked = false
    this.sacked = false
    this.delivered = 0
    this.priorDelivered = -1
    this.rackAdvanced = false
    this.hasEcho = false
    this.rtt = -1
  }

  /** Whether what the peer echoes was sent before `sentAt`: rounded so that it is not said of the same millisecond. */
  echoBefore(sentAt: number): boolean {
    if (!this.hasEcho) return false
    const stampThen = (this.stamp - Math.ceil(((this.now - sentAt) | 0) / 1000)) | 0
    return ((this.echo - stampThen) | 0) < 0
  }

  /** A segment is delivered: by acknowledgement, or newly reported. */
  arrived(sentAt: number, end: number, resent: boolean, deliveredThen: number): void {
    if (this.priorDelivered < 0 || sentAfter(sentAt, end, this.priorSentAt, this.priorEnd)) {
      this.priorDelivered = deliveredThen
      this.priorSentAt = sentAt
      this.priorEnd = end
    }
    // RFC 8985 section 6.2 step 2: an answer sooner than ever cannot be to the retransmission.
    const rtt = (this.now - sentAt) | 0
    if (resent && (this.minRtt === 0 || rtt < this.minRtt)) return
    this.rackRtt = rtt
    if (this.rackAdvanced && !sentAfter(sentAt, end, this.rackSentAt, this.rackEnd)) return
    this.rackAdvanced = true
    this.rackSentAt = sentAt
    this.rackEnd = end
  }
}

/** RFC 8985 section 5.2: whether one segment was sent after another; of two sent at once, the one further on. */
export function sentAfter(sentAt: number, end: number, otherSentAt: number, otherEnd: number): boolean {
  const later = (sentAt - otherSentAt) | 0
  return later > 0 || (later === 0 && ((end - otherEnd) | 0) > 0)
}
