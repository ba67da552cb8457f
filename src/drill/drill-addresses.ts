import { IpAddress } from '../base/ip-address.ts'

/** Who talks to whom in a drill: the stack is local, the script is remote. */
export interface DrillAddresses {
  /** Of one family, which is that of all packets. */
  readonly local: IpAddress
  readonly remote: IpAddress
  readonly prefixLength: number
  /** What bind() binds to, whatever the script writes. */
  readonly bindPort: number
  /** What connect() connects to. */
  readonly connectPort: number
}

/** An address, "192.0.2.1", "192.0.2.1/24" or "2001:db8::1/64"; null for other text. */
export function parseDrillAddress(text: string): { ip: IpAddress; prefixLength: number | null } | null {
  const slash = text.indexOf('/')
  const ip = IpAddress.parse(slash < 0 ? text : text.slice(0, slash))
  if (ip === null) return null
  if (slash < 0) return { ip, prefixLength: null }
  const digits = text.slice(slash + 1)
  const prefixLength = Number(digits)
  return /^[0-9]+$/.test(digits) && prefixLength <= (ip.isV4 ? 32 : 128) ? { ip, prefixLength } : null
}
