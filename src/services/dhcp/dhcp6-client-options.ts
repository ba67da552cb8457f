import { checkBoolean, checkInteger, checkMethods, checkOptions, given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { Random } from '../../base/random.ts'
import { isDuid } from '../../wire/dhcp6-values.ts'
import type { DhcpLoss } from './dhcp-client.ts'
import type { Dhcp6Lease } from './dhcp6-lease.ts'

export interface Dhcp6ClientOptions {
  /** Numbers of messages and times come from it: a secure one, unless everything shall happen the same way again. */
  readonly random: Random
  /** Whether addresses are wanted (the default), or only what there is to be known besides: what a router's flags M and O say. */
  readonly mode?: 'addresses' | 'information'
  /** The address that it had before: it is wished for. */
  readonly previous?: string
  /** By what servers know this client: its DUID, default made of the hardware address (RFC 8415 section 11.4). */
  readonly identifier?: Uint8Array
  /** Which of the client's interfaces it is, a number of 32 bits; default made of the hardware address. */
  readonly iaid?: number
  /** What it calls itself (RFC 4704). */
  readonly hostName?: string
  /** Numbers of further options to ask for; they are in `lease.options`. */
  readonly request?: readonly number[]
  /** Whether an offer is waited for a second long, for a better one to come (RFC 8415 section 18.2.1). Default true. */
  readonly compareOffers?: boolean
  /** Whether an address is used only after nobody else has answered for it (RFC 4862 section 5.4). Default true. */
  readonly conflictDetection?: boolean
  /** Bound, renewed, or told: the interface is configured. */
  readonly onLease?: (lease: Dhcp6Lease) => void
  /** The interface has lost its addresses; the client tries to get others, unless it was closed. */
  readonly onLost?: (lease: Dhcp6Lease, why: DhcpLoss) => void
}

const KEYS: readonly (keyof Dhcp6ClientOptions)[] = [
  'random',
  'mode',
  'previous',
  'identifier',
  'iaid',
  'hostName',
  'request',
  'compareOffers',
  'conflictDetection',
  'onLease',
  'onLost',
]

/** Throws a TypeError or RangeError that names the option. */
export function checkClientOptions(options: Dhcp6ClientOptions): void {
  checkOptions('options', options, KEYS)
  checkMethods('options.random', options.random, 'a Random', 'int32')
  checkBoolean('options.compareOffers', options.compareOffers)
  checkBoolean('options.conflictDetection', options.conflictDetection)
  const { mode, previous, identifier, iaid, hostName, request = [] } = options
  if (mode !== undefined && mode !== 'addresses' && mode !== 'information') {
    throw new RangeError(`options.mode must be 'addresses' or 'information', got ${given(mode)}`)
  }
  const wished = typeof previous === 'string' ? IpAddress.parse(previous) : null
  if (previous !== undefined && (wished === null || wished.isV4)) {
    throw new RangeError(`options.previous must be an IPv6 address, got ${given(previous)}`)
  }
  if (identifier !== undefined && (!(identifier instanceof Uint8Array) || !isDuid(identifier))) {
    throw new RangeError(`options.identifier must be a Uint8Array of 3 to 130 octets, got ${given(identifier)}`)
  }
  if (iaid !== undefined) checkInteger('options.iaid', iaid, 0, 0xffffffff)
  if (hostName !== undefined && !/^[\w-]{1,63}(\.[\w-]{1,63}){0,9}$/.test(hostName)) {
    throw new RangeError(`options.hostName must be a name of a host, got ${given(hostName)}`)
  }
  for (const code of request) {
    if (Number.isInteger(code) && code > 0 && code < 0x10000) continue
    throw new RangeError(`options.request must have numbers from 1 to 65535, got ${given(code)}`)
  }
}
