// Read first: resolv.conf(5). What it says beyond servers, search list and these options is passed over.

import { given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { canonicalName, isDomainName } from './domain-name.ts'

/** The most servers and search domains that are read, and the most that the options go to: resolv.conf(5). */
export const MOST_SERVERS = 3
export const MOST_SEARCH_DOMAINS = 32
const MOST_NDOTS = 15
const MOST_TIMEOUT = 30
const MOST_ATTEMPTS = 5

export interface ResolvConf {
  /** Addresses of the servers, "192.0.2.53", "fe80::1%eth0", in the order in which they are asked. */
  readonly servers: readonly string[]
  readonly search: readonly string[]
  /** A name with so many dots or more is tried as it is before the search list. */
  readonly ndots: number
  /** Milliseconds to wait for an answer before the next server is asked. */
  readonly timeout: number
  /** How often all servers are asked. */
  readonly attempts: number
  /** Whether queries begin at one server after the other. */
  readonly rotate: boolean
}

export const DEFAULT_RESOLV_CONF: ResolvConf = {
  servers: [],
  search: [],
  ndots: 1,
  timeout: 5000,
  attempts: 2,
  rotate: false,
}

/**
 * Reads a resolv.conf.
 *
 * ```ts
 * parseResolvConf('nameserver 192.0.2.53\noptions timeout:1').timeout // 1000
 * ```
 */
export function parseResolvConf(text: string): ResolvConf {
  if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
  const servers: string[] = []
  let search: readonly string[] = []
  let { ndots, timeout, attempts, rotate } = DEFAULT_RESOLV_CONF
  for (const line of text.split(/\r?\n/)) {
    // Comments are lines that begin with one of these; the keyword must begin its line.
    if (/^[;#]/.test(line)) continue
    const [keyword, ...values] = line.trimEnd().split(/[ \t]+/)
    const [value = ''] = values
    if (keyword === 'nameserver' && IpAddress.parse(value.split('%')[0] as string) !== null) {
      if (servers.length < MOST_SERVERS) servers.push(value)
    } else if (keyword === 'domain' || keyword === 'search') {
      // The last of these lines counts.
      const domains = keyword === 'domain' ? values.slice(0, 1) : values.slice(0, MOST_SEARCH_DOMAINS)
      search = domains.map(canonicalName).filter(isDomainName)
    } else if (keyword === 'options') {
      for (const option of values) {
        const [name, number = ''] = option.split(':')
        const count = /^\d+$/.test(number) ? Number(number) : Number.NaN
        if (option === 'rotate') rotate = true
        else if (Number.isNaN(count)) continue
        else if (name === 'ndots') ndots = Math.min(count, MOST_NDOTS)
        else if (name === 'timeout') timeout = Math.min(Math.max(count, 1), MOST_TIMEOUT) * 1000
        else if (name === 'attempts') attempts = Math.min(Math.max(count, 1), MOST_ATTEMPTS)
      }
    }
  }
  return { servers, search, ndots, timeout, attempts, rotate }
}
