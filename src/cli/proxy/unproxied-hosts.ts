// Read first: curl(1) on --noproxy and, under ENVIRONMENT, on NO_PROXY.
// We differ: "/0" is every address of its family, and IPv6 is compared as addresses are. curl 7.88 takes "/0" for no length at all,
// and compares IPv6 as text.

import { IpAddress } from '../../base/ip-address.ts'
import { linkOf, onLink } from '../link-address.ts'
import { UsageError } from '../usage-error.ts'

/** Whether a host is talked to without a proxy. IPv6 addresses have brackets around them or not. */
export type UnproxiedHosts = (host: string) => boolean

/** Reads a list of hosts, domains, addresses and networks, as `option` was given it: "localhost,.lan,192.0.2.0/24", or "*" for all. */
export function parseUnproxiedHosts(text: string, option: string): UnproxiedHosts {
  if (text === '*') return () => true
  const words = text.split(/[, \t]+/).filter((word) => word !== '')
  const rules = words.map((word) => rule(word, text, option))
  return (host) => rules.some((matches) => matches(host))
}

function rule(word: string, text: string, option: string): UnproxiedHosts {
  const [first = '', ...rest] = word.split('/')
  const ip = IpAddress.parse(unbracketed(first))
  if (ip === null) return domain(word)
  const bits = ip.isV4 ? 32 : 128
  const length = rest.length === 0 ? String(bits) : rest.join('/')
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) {
    throw new UsageError(
      `${option} ${JSON.stringify(text)} has ${JSON.stringify(word)} in it, whose length must be 0 to ${bits}; write hosts, domains, addresses and networks such as 192.0.2.0/24, with commas between them, or * alone`,
    )
  }
  const link = linkOf(`${ip}/${length}`)
  return (host) => {
    const asked = IpAddress.parse(unbracketed(host))
    return asked !== null && onLink(asked, link)
  }
}

/** A domain is itself and what is below it; one dot in front or behind says the same. */
function domain(word: string): UnproxiedHosts {
  const name = word.replace(/\.$/, '').replace(/^\./, '').toLowerCase()
  return (host) => {
    const asked = host.replace(/\.$/, '').toLowerCase()
    return name !== '' && IpAddress.parse(unbracketed(host)) === null && `.${asked}`.endsWith(`.${name}`)
  }
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
