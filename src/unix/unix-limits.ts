import { checkInteger, checkOptions } from '../base/argument.ts'

/** Caps on what the Unix sockets of a system hold. */
export interface UnixLimits {
  /** Paths, those whose socket is closed included. */
  readonly names: number
  /** Datagrams that a socket queues from those it is not connected to, but for one (Linux: net.unix.max_dgram_qlen). */
  readonly datagramQueue: number
  /** Descriptors in messages that have not been received. */
  readonly descriptorsInFlight: number
  /** What SO_SNDBUF can ask for, before it is doubled. */
  readonly sendBufferMax: number
}

export const DEFAULT_UNIX_LIMITS: UnixLimits = {
  names: 65_536,
  datagramQueue: 10,
  descriptorsInFlight: 16_384,
  sendBufferMax: 4 << 20,
}

/** Throws a TypeError or RangeError that names the limit that is none or cannot be. */
export function checkUnixLimits(limits: Partial<UnixLimits>): void {
  const keys = Object.keys(DEFAULT_UNIX_LIMITS) as (keyof UnixLimits)[]
  checkOptions('limits', limits, keys)
  for (const key of keys) if (limits[key] !== undefined) checkInteger(`limits.${key}`, limits[key], 1)
}
