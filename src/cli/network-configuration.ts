// Read first: RFC 4861 section 4.2 (M and O), RFC 4862 section 5.5, RFC 8106 section 5.3.1, RFC 8415 section 6.

import { secureRandom } from '../platform/secure-random.ts'
import { InterfaceConfiguration } from '../stack/link/interface-configuration.ts'
import type { NetworkInterface } from '../stack/link/network-interface.ts'
import type { Stack } from '../stack/stack.ts'
import { dhcp6Identifier, dhcpIdentifier } from './dhcp-identifier.ts'
import type { HostOptions } from './host.ts'
import type { Where } from './where.ts'

/** Milliseconds: the first two messages may be lost. */
const PATIENCE = 15_000
/** How long one family is waited for when the other is there. */
const OTHER_FAMILY = 3000

/** What DHCP and routers say of the link of a stack, as `--on` wants it: they are heard for as long as the stack is there. */
export class NetworkConfiguration {
  /** Settled when what DHCP says is there, or has not come for too long. */
  readonly soon: Promise<void>
  /** The same of what routers say, and DHCPv6 where they say so. */
  readonly all: Promise<void>
  readonly #stack: Stack
  readonly #link: NetworkInterface
  readonly #where: Where
  /** Answers of DHCP that were of no use. */
  #useless: () => number = () => 0
  #servers4: readonly string[] = []
  #servers6: readonly string[] = []
  #search4: readonly string[] = []
  #search6: readonly string[] = []
  /** What DHCPv6 is asked for now; null: nothing. */
  #mode: 'addresses' | 'information' | null = null
  #close6: (() => Promise<void>) | null = null
  #told6: Promise<unknown> = Promise.resolve()

  /** `running` resolves when frames pass. */
  constructor(
    stack: Stack,
    link: NetworkInterface,
    where: Where,
    running: Promise<boolean>,
    { dhcp6 = true }: HostOptions,
  ) {
    this.#stack = stack
    this.#link = link
    this.#where = where
    const stop = new AbortController()
    const v4 = where.dhcp ? running.then(() => this.#dhcp(stop.signal)) : null
    const v6 = where.ipv6 === 'auto' && dhcp6 ? running.then(() => this.#routers(stop.signal)) : null
    const all = where.either && v4 !== null && v6 !== null ? this.#either(v4, v6, stop) : this.#both(v4, v6, stop)
    this.all = all
    this.soon = where.either ? all : where.dhcp ? this.#both(v4, null, stop) : Promise.resolve()
    for (const promise of [v4, v6, this.all, this.soon]) promise?.catch(() => {})
  }

  /** DHCP's first (RFC 8106 section 5.3.1). */
  get nameServers(): readonly string[] {
    const { ipv6, name } = this.#link
    const routers = (ipv6?.nameServers ?? []).map((server) => `${server}${server.isLinkLocal ? `%${name}` : ''}`)
    return [...new Set([...this.#servers4, ...this.#servers6, ...routers])]
  }

  get searchDomains(): readonly string[] {
    return [...new Set([...this.#search4, ...this.#search6, ...(this.#link.ipv6?.searchDomains ?? [])])]
  }

  async #dhcp(signal: AbortSignal): Promise<boolean> {
    const { DhcpClient } = await import('../services/dhcp/dhcp-client.ts')
    const client = new DhcpClient(this.#stack, new InterfaceConfiguration(this.#link), {
      random: secureRandom,
      identifier: dhcpIdentifier(this.#where.name),
      // On most such links is nobody but the kernel, and a command is not to take five seconds longer.
      conflictDetection: false,
      onLease: ({ nameServers, search, domain }) => {
        this.#servers4 = nameServers
        this.#search4 = search.length > 0 || domain === null ? search : [domain]
      },
    })
    this.#useless = () => client.counters.others
    return client.bound({ signal }).then(() => true)
  }

  /** Whether there is an address beyond the link, when routers and, where they say so, DHCPv6 have been heard. */
  async #routers(signal: AbortSignal): Promise<boolean> {
    const { ipv6 } = this.#link
    if (ipv6 === null) return false
    // Before there is a link-local address nothing can be asked (RFC 8415 section 17.1).
    await this.#link.settled()
    ipv6.onManaged = () => this.#follow()
    this.#follow()
    // Where there is an address already, what else there is to be known is not worth a long wait.
    await Promise.race([this.#told6, aborted(signal), ...(this.#hasIpv6 ? [after(OTHER_FAMILY, signal)] : [])])
    return this.#hasIpv6
  }

  get #hasIpv6(): boolean {
    return this.#link.addresses.some(({ address, tentative }) => !address.isV4 && !address.isLinkLocal && !tentative)
  }

  /** Does what routers say of DHCPv6. Once there are addresses by it, they are kept, whatever is said later. */
  #follow(): void {
    const { ipv6 } = this.#link
    const mode = ipv6?.managed ? 'addresses' : ipv6?.other ? 'information' : null
    if (mode === null || mode === this.#mode || this.#mode === 'addresses') return
    this.#mode = mode
    this.#told6 = this.#dhcp6(mode)
    this.#told6.catch(() => {})
  }

  async #dhcp6(mode: 'addresses' | 'information'): Promise<void> {
    const { Dhcp6Client } = await import('../services/dhcp/dhcp6-client.ts')
    await this.#close6?.()
    const client = new Dhcp6Client(this.#stack, new InterfaceConfiguration(this.#link), {
      random: secureRandom,
      mode,
      ...dhcp6Identifier(this.#where.name),
      compareOffers: false,
      conflictDetection: this.#where.dad,
      onLease: ({ nameServers, search }) => {
        this.#servers6 = nameServers
        this.#search6 = search
      },
    })
    this.#close6 = () => client.close()
    await client.bound()
  }

  /** What there was in place of an address, for people. */
  get #heard(): string {
    const useless = this.#useless()
    if (useless === 0) return ''
    return `; ${useless === 1 ? 'an answer came that was' : `${useless} answers came that were`} for others, or no lease that a host can have`
  }

  /** Rejects where DHCP says nothing; routers need not. */
  async #both(v4: Promise<boolean> | null, v6: Promise<boolean> | null, stop: AbortController): Promise<void> {
    const { name } = this.#where
    const late = () =>
      new Error(`${name}: no DHCP server has given an address within ${PATIENCE / 1000} seconds${this.#heard}`)
    const over = alarm(stop, late)
    await Promise.all([v4, v6]).finally(() => clearTimeout(over))
  }

  /** Rejects where neither family has anything to say. */
  async #either(v4: Promise<boolean>, v6: Promise<boolean>, stop: AbortController): Promise<void> {
    const { name } = this.#where
    const late = () =>
      new Error(
        `${name}: neither a DHCP server nor a router has given an address within ${PATIENCE / 1000} seconds${this.#heard}`,
      )
    const over = alarm(stop, late)
    try {
      const first = await Promise.race([v4, v6])
      // A link without routers is known to have none sooner than one without DHCP.
      if (!first) await v4
      else await Promise.race([Promise.all([v4, v6]), after(OTHER_FAMILY, stop.signal)])
    } finally {
      clearTimeout(over)
    }
  }
}

/** The stack keeps the process alive, not this. */
function alarm(stop: AbortController, why: () => Error): NodeJS.Timeout {
  return setTimeout(() => stop.abort(why()), PATIENCE).unref()
}

/** Resolves after so many milliseconds, or with the signal; it keeps no process alive. */
function after(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    timer.unref()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
