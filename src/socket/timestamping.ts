// Read first: socket(7), Linux's networking/timestamping, tc-etf(8). When packets came, went and are to go, by SO_TIMESTAMPING and SO_TXTIME.
//
// Instants are nanoseconds in a bigint: as a number, milliseconds since 1970 would lose the last three digits.

import { checkInteger, given } from '../base/argument.ts'
import { SOL_SOCKET } from '../base/constants.ts'
import {
  SCM_TIMESTAMPING,
  SCM_TIMESTAMPING_NEW,
  SCM_TIMESTAMPING_PKTINFO,
  SCM_TS_OPT_ID,
  SCM_TXTIME,
} from '../base/constants-control.ts'
import { controlData, intMessage } from './control-message.ts'
import type { ControlMessage, Message } from './provider.ts'

/** struct scm_timestamping: nanoseconds since 1970, or of the device's clock; null where nobody took that one. */
export interface Timestamps {
  readonly software: bigint | null
  /** By the network device's own clock, raw. */
  readonly hardware: bigint | null
}

/** Which link a packet came over, told with a timestamp of the hardware: struct scm_ts_pktinfo. */
export interface TimestampedPacket {
  readonly ifindex: number
  /** Of the packet with the header of its link. */
  readonly length: number
}

const U64_MAX = 0xffff_ffff_ffff_ffffn
const TIMESPEC_LENGTH = 16
const TIMESTAMPING_LENGTH = 3 * TIMESPEC_LENGTH

/**
 * When a received packet came, or, of a message of the error queue, when a packet of ours went; null where the socket does not ask
 * (SO_TIMESTAMPING). Which moment of a packet of ours it is says `info` of `readExtendedError` (SCM_TSTAMP_SND …), and which packet its
 * `data`, with SOF_TIMESTAMPING_OPT_ID.
 *
 * ```ts
 * socket.setsockopt(SOL_SOCKET, SO_TIMESTAMPING, {
 *   flags: SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE,
 * })
 * await socket.recvmsg(message)
 * readTimestamps(message)?.software // 1700000000123456789n
 * ```
 */
export function readTimestamps(message: Message): Timestamps | null {
  const data =
    controlData(message, SOL_SOCKET, SCM_TIMESTAMPING) ?? controlData(message, SOL_SOCKET, SCM_TIMESTAMPING_NEW)
  if (data === null || data.length < TIMESTAMPING_LENGTH) return null
  // The one between them has had no meaning for long.
  return { software: instant(data, 0), hardware: instant(data, 2 * TIMESPEC_LENGTH) }
}

/** Over which link a packet came; null where the socket does not ask (SOF_TIMESTAMPING_OPT_PKTINFO). */
export function readTimestampedPacket(message: Message): TimestampedPacket | null {
  const data = controlData(message, SOL_SOCKET, SCM_TIMESTAMPING_PKTINFO)
  if (data === null || data.length < 8) return null
  const view = new DataView(data.buffer, data.byteOffset, 8)
  return { ifindex: view.getUint32(0, true), length: view.getUint32(4, true) }
}

/** A control message that has this one packet stamped: SOF_TIMESTAMPING_TX_… bits. The socket has SO_TIMESTAMPING on. */
export function stampedAt(flags: number): ControlMessage {
  checkInteger('flags', flags, 0, 0xffffffff)
  return intMessage(SOL_SOCKET, SCM_TIMESTAMPING, flags)
}

/** A control message that gives a datagram the number by which its timestamps will name it: SOF_TIMESTAMPING_OPT_ID. Linux 6.13. */
export function timestampId(id: number): ControlMessage {
  checkInteger('id', id, 0, 0xffffffff)
  return intMessage(SOL_SOCKET, SCM_TS_OPT_ID, id)
}

/**
 * A control message that says when a packet is to leave: nanoseconds of the clock that SO_TXTIME has named. It takes a queueing
 * discipline that heeds it (tc-etf(8), tc-fq(8)). Throws a TypeError for what is no bigint, a RangeError for what has more than 64 bits.
 */
export function departure(at: bigint): ControlMessage {
  if (typeof at !== 'bigint') throw new TypeError(`at must be a bigint of nanoseconds, got ${given(at)}`)
  if (at < 0n || at > U64_MAX) throw new RangeError(`at must be from 0 to 2^64 - 1 nanoseconds, got ${at}`)
  const data = new Uint8Array(8)
  new DataView(data.buffer).setBigUint64(0, at, true)
  return { level: SOL_SOCKET, type: SCM_TXTIME, data }
}

// struct timespec; zero means that nobody took it.
function instant(data: Uint8Array, at: number): bigint | null {
  const view = new DataView(data.buffer, data.byteOffset + at, TIMESPEC_LENGTH)
  const seconds = view.getBigInt64(0, true)
  const nanoseconds = view.getBigInt64(8, true)
  return seconds === 0n && nanoseconds === 0n ? null : seconds * 1_000_000_000n + nanoseconds
}
