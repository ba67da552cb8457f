// Read first: RFC 2131 sections 4.4.1 and 4.4.5, RFC 3442. What a server says is believed as far as it can be.

import type { ConfiguredRoute } from '../../base/configured-interface.ts'
import type { DhcpMessage } from '../../wire/dhcp.ts'
import * as OPTION from '../../wire/dhcp-options.ts'
import {
  addressesOf,
  addressOf,
  domainOf,
  maskLengthOf,
  routesOf,
  searchListOf,
  uint16Of,
  uint32Of,
} from '../../wire/dhcp-values.ts'
import { isHostOf, isUnicast, textOfAddress } from './address-text.ts'
import { INFINITE_TIME } from './dhcp-scope.ts'

/** Of a list no more is taken. */
const LIST_MAX = 16
const ROUTES_MAX = 64
/** RFC 791: what every link carries whole; Linux takes no less from a server either. */
const MTU_LEAST = 576

/** An address for a while, and what a server says besides. Instants are milliseconds of the provider's clock; Infinity: never. */
export interface DhcpLease {
  readonly address: string
  /** Bits of the prefix, of 32. */
  readonly prefixLength: number
  /** Of the server. */
  readonly server: string
  readonly routers: readonly string[]
  /** Where packets go: the classless routes, or else a default route by the first router (RFC 3442). */
  readonly routes: readonly ConfiguredRoute[]
  readonly nameServers: readonly string[]
  /** null: not said. */
  readonly domain: string | null
  readonly search: readonly string[]
  readonly mtu: number | null
  /** Seconds; Infinity: for ever. */
  readonly leaseTime: number
  readonly renewAt: number
  readonly rebindAt: number
  readonly expiresAt: number
  /** All options as they came, by their number. */
  readonly options: ReadonlyMap<number, Uint8Array>
}

/** The lease that an OFFER or ACK is, to a question asked at `askedAt`; null where it cannot be one. */
export function leaseOf(message: DhcpMessage, askedAt: number): DhcpLease | null {
  const { options, yiaddr } = message
  const read = <T>(code: number, reader: (value: Uint8Array) => T | null): T | null => {
    const value = options.get(code)
    return value === undefined ? null : reader(value)
  }
  const server = read(OPTION.DHCP_SERVER_IDENTIFIER, addressOf)
  const seconds = read(OPTION.DHCP_LEASE_TIME, uint32Of)
  if (server === null || !isUnicast(server) || seconds === null || seconds === 0) return null
  const prefixLength = options.has(OPTION.DHCP_SUBNET_MASK)
    ? read(OPTION.DHCP_SUBNET_MASK, maskLengthOf)
    : classOf(yiaddr)
  if (prefixLength === null || prefixLength === 0) return null
  if (!isUnicast(yiaddr) || !isHostOf({ address: yiaddr, length: prefixLength }, yiaddr)) return null
  const routers = (read(OPTION.DHCP_ROUTER, addressesOf) ?? []).filter(isUnicast).slice(0, LIST_MAX).map(textOfAddress)
  const mtu = read(OPTION.DHCP_INTERFACE_MTU, uint16Of)
  return {
    address: textOfAddress(yiaddr),
    prefixLength,
    server: textOfAddress(server),
    routers,
    routes:
      read(OPTION.DHCP_CLASSLESS_ROUTES, classlessRoutes) ?? routers.slice(0, 1).map((via) => ({ to: 'default', via })),
    nameServers: (read(OPTION.DHCP_DOMAIN_NAME_SERVER, addressesOf) ?? [])
      .filter(isUnicast)
      .slice(0, LIST_MAX)
      .map(textOfAddress),
    domain: read(OPTION.DHCP_DOMAIN_NAME, domainOf),
    search: (read(OPTION.DHCP_DOMAIN_SEARCH, searchListOf) ?? []).slice(0, LIST_MAX),
    mtu: mtu !== null && mtu >= MTU_LEAST ? mtu : null,
    ...timesOf(seconds, read(OPTION.DHCP_RENEWAL_TIME, uint32Of), read(OPTION.DHCP_REBINDING_TIME, uint32Of), askedAt),
    options,
  }
}

// Section 4.4.5: T1 before T2 before the end; what is otherwise is not believed.
function timesOf(seconds: number, t1: number | null, t2: number | null, askedAt: number) {
  if (seconds === INFINITE_TIME) {
    const never = Number.POSITIVE_INFINITY
    return { leaseTime: never, renewAt: never, rebindAt: never, expiresAt: never }
  }
  const rebinding = t2 !== null && t2 > 0 && t2 < seconds ? t2 : seconds * 0.875
  const usual = seconds * 0.5 < rebinding ? seconds * 0.5 : rebinding / 2
  const renewal = t1 !== null && t1 > 0 && t1 < rebinding ? t1 : usual
  return {
    leaseTime: seconds,
    renewAt: askedAt + renewal * 1000,
    rebindAt: askedAt + rebinding * 1000,
    expiresAt: askedAt + seconds * 1000,
  }
}

function classlessRoutes(value: Uint8Array): ConfiguredRoute[] | null {
  const routes = routesOf(value)
  if (routes === null) return null
  const possible = routes.filter(({ router, prefix }) => (router === 0 || isUnicast(router)) && prefix >>> 28 < 0xe)
  return possible.slice(0, ROUTES_MAX).map(({ prefix, length, router }) => ({
    to: length === 0 ? 'default' : `${textOfAddress(prefix)}/${length}`,
    via: router === 0 ? null : textOfAddress(router),
  }))
}

/** Without a mask the address itself says how long its network is: RFC 1122 section 3.2.1.3. */
function classOf(address: number): number {
  if (address >>> 31 === 0) return 8
  return address >>> 30 === 2 ? 16 : 24
}
