// What most connections never need: losses and what mends them, marks, urgent data, Fast Open, soft errors.

import { TCP_CA_Open } from '../base/tcp-info.ts'
import type { AccurateEcn } from './accurate-ecn.ts'
import type { HalfOpen } from './half-open.ts'
import type { MtuSearch } from './mtu-search.ts'
import type { Pacing } from './pacing.ts'
import type { Reassembly } from './reassembly.ts'
import type { Repair } from './repair.ts'
import type { StreamWatcher } from './stream-watcher.ts'

/** No urgent octet; announced and not here yet; here to be read; read. */
export const URGENT_NONE = 0
export const URGENT_AWAITED = 1
export const URGENT_HERE = 2
export const URGENT_READ = 3

/** Of a connection that has one of these: made when the first is given another value than here. */
export class RareState {
  /** Follows its octets, where the application asks for time stamps or lends its buffers. */
  watcher: StreamWatcher | null = null
  /** It stands by Fast Open, and this SYN-ACK is not acknowledged yet. */
  request: HalfOpen | null = null
  /** Where records end that are not sent yet, and are not to be joined with what follows: MSG_EOR. */
  recordEnds: number[] | null = null
  /** The octet after the last urgent one; urgent mode holds while it is after SND.UNA. */
  sndUp = 0
  duplicateLeft = 0
  duplicateRight = 0
  urgentState: number = URGENT_NONE
  /** The sequence number of the urgent octet. */
  urgentSeq = 0
  urgentOctet = 0
  reassembly: Reassembly | null = null
  /** Of one that searches for the path MTU by itself. */
  mtuSearch: MtuSearch | null = null
  /** FO_… bits of Fast Open. */
  fastOpen = 0
  /** How often the time-out has doubled. */
  backoff = 0
  /** Null: nothing is paced. */
  pacing: Pacing | null = null
  caState: number = TCP_CA_Open
  /** Of the packets delivered those whose acknowledgements echoed a mark. */
  deliveredMarked = 0
  /** Of one that agreed to accurate ECN: what it counts. */
  accurateEcn: AccurateEcn | null = null
  /** ECN_… bits of explicit congestion notification. */
  ecn = 0
  /** From the first trouble on. */
  repair: Repair | null = null
  /** Retransmissions of the oldest segment, or probes of a closed window, without an answer; keep-alives likewise. */
  retries = 0
  keepAliveSent = 0
  totalRetransmits = 0
  ackedWraps = 0
  receivedWraps = 0
  outOfOrderIn = 0
  retransmittedOctets = 0
  receiverLimitedTime = 0
  bufferLimitedTime = 0
  /** Answers to segments behind a hole: those that were sent for this RCV.NXT, and those held back since. */
  compressedAt = 0
  duplicateAcks = 0
  compressedAcks = 0
  lastInvalidAckAt = 0
  paceAt = 0
  /** The last soft error an ICMP message brought: what a time-out is then reported as. */
  softError = 0
}
