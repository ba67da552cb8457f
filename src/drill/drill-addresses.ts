import { parseIpv4 } from '../base/ip-text.ts'

/** Who talks to whom in a drill: the stack is local, the script is remote. */
export interface DrillAddresses {
  /** As bits of an int32. */
  readonly local: number
  readonly remote: number
  readonly prefixLength: number
  /** What bind() binds to, whatever the script writes. */
  readonly bindPort: number
  /** What connect() connects to. */
  readonly connectPort: number
}

/** An IPv4 address, "192.0.2.1" or "192.0.2.1/24"; null for other text. */
export function parseDrillAddress(text: string): { bits: number; prefixLength: number | null } | null {
  const slash = text.indexOf('/')
  const bits = parseIpv4(slash < 0 ? text : text.slice(0, slash))
  if (bits === null) return null
  if (slash < 0) return { bits, prefixLength: null }
  const prefixLength = Number(text.slice(slash + 1))
  return Number.isInteger(prefixLength) && prefixLength >= 0 && prefixLength <= 32 ? { bits, prefixLength } : null
}
