// Read first: RFC 4861 section 6.2, RFC 4191, RFC 8106.

import type { AdvertiseOptions } from '../../stack/nd/advertise-options.ts'
import type { RouterAdvertiser } from '../../stack/nd/router-advertiser.ts'
import type { Host } from '../host.ts'
import { UsageError } from '../usage-error.ts'
import { eachSetting, readAddress6, readNumber } from './service-setting.ts'

/** What ra tells hosts. */
export interface RaSettings {
  /** "2001:db8:1::/64"; none: those of the stack's own addresses. */
  readonly prefixes: readonly string[]
  readonly routes: readonly string[]
  readonly nameServers: readonly string[]
  readonly searchDomains: readonly string[]
  readonly managed: boolean
  readonly other: boolean
  /** Whether hosts form addresses with the prefixes. */
  readonly slaac: boolean
  readonly mtu?: number
  /** Seconds. */
  readonly lifetime?: number
  readonly interval?: number
  readonly preference?: 'low' | 'medium' | 'high'
}

export const RA_SYNTAX =
  'ra[=PREFIX][,dns=ADDRESS][,domain=NAME][,route=PREFIX][,lifetime=SECONDS][,interval=SECONDS][,preference=low|medium|high][,mtu=N][,managed][,other][,slaac=off]'

/** Reads "2001:db8:1::/64,dns=2001:db8:1::1", or settings alone; `whole` is for errors. */
export function parseRa(text: string | null, whole: string): RaSettings {
  const lists = {
    prefixes: [] as string[],
    routes: [] as string[],
    nameServers: [] as string[],
    searchDomains: [] as string[],
  }
  const settings: { -readonly [Key in keyof RaSettings]: RaSettings[Key] } = {
    ...lists,
    managed: false,
    other: false,
    slaac: true,
  }
  eachSetting(text, whole, RA_SYNTAX, (key, value) => {
    if (key === 'dns') lists.nameServers.push(readAddress6(value, key, whole))
    else if (key === 'domain') lists.searchDomains.push(value)
    else if (key === 'route') lists.routes.push(value)
    else if (key === 'lifetime' || key === 'interval' || key === 'mtu') settings[key] = readNumber(value, key, whole)
    else if (key === 'preference') settings.preference = readPreference(value, whole)
    else if (key === 'slaac') settings.slaac = readSwitch(value, whole)
    else if (key === '' && value === 'managed') settings.managed = true
    else if (key === '' && value === 'other') settings.other = true
    else if (key === '' && value.includes('/')) lists.prefixes.push(value)
    else return false
    return true
  })
  return settings
}

function readPreference(text: string, whole: string): 'low' | 'medium' | 'high' {
  if (text === 'low' || text === 'medium' || text === 'high') return text
  throw new UsageError(`${JSON.stringify(whole)} has preference=${text}; write low, medium or high`)
}

function readSwitch(text: string, whole: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on'
  throw new UsageError(`${JSON.stringify(whole)} has slaac=${text}; write slaac=on or slaac=off`)
}

/** Tells the hosts of the link how it is, until it is closed. `dhcp6`: what is served of that; `dns`: whether that is served too. */
export class RaService {
  readonly prefixes: readonly string[]
  readonly #advertiser: RouterAdvertiser
  readonly #over: Promise<void>
  #end: () => void = () => {}

  constructor(host: Host, settings: RaSettings, dhcp6: 'addresses' | 'information' | null, dns: boolean) {
    const { stack, where } = host
    if (stack === null || where === null) {
      throw new UsageError('ra is of a stack of its own: write --on tap:jf0,2001:db8:1::1/64')
    }
    const own = where.addresses.filter((address) => address.includes(':'))
    const link = stack.interfaceNamed(where.name)
    if (link === null || link.ipv6 === null) {
      throw new UsageError(`ra needs IPv6 on ${where.name}: give it an address, such as 2001:db8:1::1/64`)
    }
    const { prefixes, routes, nameServers, managed, other, slaac, ...rest } = settings
    this.prefixes = prefixes.length > 0 ? prefixes : own
    if (this.prefixes.length === 0) {
      throw new UsageError(
        `ra has no prefix to tell of: write ra=2001:db8:1::/64, or give ${where.name} an address with it`,
      )
    }
    const servers = nameServers.length > 0 || !dns ? nameServers : own.map((address) => address.split('/')[0] as string)
    const options: AdvertiseOptions = {
      ...rest,
      prefixes: this.prefixes.map((prefix) => ({ prefix, autonomous: slaac })),
      routes: routes.map((prefix) => ({ prefix })),
      nameServers: servers,
      managed: managed || dhcp6 === 'addresses',
      other: other || dhcp6 !== null,
    }
    // Who tells hosts of a way by himself goes it for them (RFC 4861 section 6.2.5).
    stack.forwarding = true
    try {
      this.#advertiser = link.advertise(options)
    } catch (error) {
      throw error instanceof RangeError || error instanceof TypeError ? new UsageError(`ra: ${error.message}`) : error
    }
    this.#over = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  run(): Promise<void> {
    return this.#over
  }

  /** The hosts are told that there is no router any more. */
  async close(): Promise<void> {
    this.#advertiser.close()
    this.#end()
  }
}
