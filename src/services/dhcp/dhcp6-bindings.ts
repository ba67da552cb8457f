// Read first: RFC 8415 sections 18.3.1 to 18.3.9.
//
// Which associations of clients have which addresses. However many a client says it has, of one message four are looked at, and all
// that is kept is in the table of leases, which has one entry for an address at the most.

import { prefixMatches } from '../../base/prefix.ts'
import { searchListOf, uint32Octets } from '../../wire/dhcp-values.ts'
import * as OPTION from '../../wire/dhcp6-options.ts'
import {
  type AssociatedAddress,
  associationOctets,
  associationOf,
  DHCP6_INFINITE,
  type IdentityAssociation,
  iaidOf,
  STATUS_NO_ADDRS_AVAIL,
  STATUS_NO_BINDING,
  STATUS_NO_PREFIX_AVAIL,
  STATUS_NOT_ON_LINK,
  STATUS_SUCCESS,
  statusOctets,
} from '../../wire/dhcp6-values.ts'
import type { Dhcp6Scope } from './dhcp6-scope.ts'
import type { Dhcp6Binding } from './dhcp6-server.ts'
import { duidKey, hardwareKeyOf } from './duid.ts'
import { type Lease, OFFER_TIME } from './lease-table.ts'

/** Associations of one message that are looked at. */
const ASSOCIATIONS_MAX = 4
/** How long nobody is given what a client has found to be another's. */
const DECLINED_TIME = 600_000
/** T1 and T2: section 14.2. */
const RENEWAL_SHARE = 0.5
const REBINDING_SHARE = 0.8
const HOST_NAME_MAX = 255

const WHY: ReadonlyMap<number, string> = new Map([
  [STATUS_NO_ADDRS_AVAIL, 'no address is left'],
  [STATUS_NO_BINDING, 'nothing is known of it'],
  [STATUS_NOT_ON_LINK, 'not of this link'],
])

export class Dhcp6Bindings {
  readonly #scope: Dhcp6Scope
  readonly #counters: { exhausted: number }
  readonly #authoritative: boolean

  constructor(scope: Dhcp6Scope, counters: { exhausted: number }, authoritative: boolean) {
    this.#scope = scope
    this.#counters = counters
    this.#authoritative = authoritative
  }

  list(now: number): Dhcp6Binding[] {
    const found: Dhcp6Binding[] = []
    for (const { address, key, state, hostName, until } of this.#scope.leases) {
      if (state !== 'bound' || until <= now) continue
      const [client = '', iaid] = key.split(' ')
      found.push({
        address: this.#scope.pool.addressOf(address).toString(),
        client,
        iaid: Number(iaid),
        hostName,
        until,
      })
    }
    return found
  }

  /** An address for each association: offered (section 18.3.9), or given (sections 18.3.1 and 18.3.2). */
  assign(
    client: Uint8Array,
    options: readonly OPTION.Dhcp6Option[],
    state: 'offered' | 'bound',
    now: number,
  ): OPTION.Dhcp6Option[] {
    return this.#each(options, (ia) => {
      // Section 18.3.2: who asks for what cannot be of this link is told so. A Solicit's wish is only a wish.
      if (state === 'bound' && ia.addresses.some(({ address }) => !this.#isOnLink(address))) {
        return refused(ia, STATUS_NOT_ON_LINK)
      }
      const key = keyOf(client, ia)
      const number = this.#choose(client, key, ia, now)
      if (number === null) {
        this.#counters.exhausted++
        return refused(ia, STATUS_NO_ADDRS_AVAIL)
      }
      const known = this.#scope.leases.of(key)
      // Who asks anew while he has one keeps it until he has said that he takes it again.
      const holds = known?.address === number && known.state === 'bound' && known.until > now
      if (state === 'bound' || !holds) this.#give(key, number, state, options, now)
      return this.#granted(ia, number, [])
    })
  }

  /** What they have, for longer: sections 18.3.4 and 18.3.5. What is not of the link is over at once. */
  extend(client: Uint8Array, options: readonly OPTION.Dhcp6Option[], now: number): OPTION.Dhcp6Option[] {
    return this.#each(options, (ia) => {
      const key = keyOf(client, ia)
      const wrong = ia.addresses.filter(({ address }) => !this.#isOnLink(address))
      const number = this.#renewable(client, key, ia, now)
      if (number === null) {
        return wrong.length > 0 ? this.#granted(ia, null, wrong) : refused(ia, STATUS_NO_BINDING)
      }
      this.#give(key, number, 'bound', options, now)
      const others = ia.addresses.filter(({ address }) => this.#scope.pool.numberOf(address) !== number)
      return this.#granted(ia, number, others)
    })
  }

  release(client: Uint8Array, options: readonly OPTION.Dhcp6Option[], now: number): OPTION.Dhcp6Option[] {
    return this.#end(client, options, (lease) => this.#scope.leases.release(lease, now))
  }

  decline(client: Uint8Array, options: readonly OPTION.Dhcp6Option[], now: number): OPTION.Dhcp6Option[] {
    return this.#end(client, options, (lease) => this.#scope.leases.decline(lease, now + DECLINED_TIME, now))
  }

  /** The client has taken another server's offer. */
  unoffer(client: Uint8Array, options: readonly OPTION.Dhcp6Option[], now: number): void {
    this.#each(options, (ia) => {
      const lease = this.#scope.leases.of(keyOf(client, ia))
      if (lease?.state === 'offered') this.#scope.leases.release(lease, now)
      return ia
    })
  }

  // Sections 18.3.7 and 18.3.8: only what of it nothing is known is said.
  #end(client: Uint8Array, options: readonly OPTION.Dhcp6Option[], over: (lease: Lease) => void): OPTION.Dhcp6Option[] {
    const unknown: OPTION.Dhcp6Option[] = []
    this.#each(options, (ia) => {
      const lease = this.#scope.leases.of(keyOf(client, ia))
      const numbers = ia.addresses.map(({ address }) => this.#scope.pool.numberOf(address))
      if (lease !== null && numbers.includes(lease.address)) over(lease)
      else unknown.push({ code: OPTION.DHCP6_IA_NA, value: octets(refused(ia, STATUS_NO_BINDING)) })
      return ia
    })
    return unknown
  }

  /** What becomes of each association; those for which there is nothing here are refused. */
  #each(
    options: readonly OPTION.Dhcp6Option[],
    answer: (ia: IdentityAssociation) => IdentityAssociation,
  ): OPTION.Dhcp6Option[] {
    const answers: OPTION.Dhcp6Option[] = []
    const seen = new Set<number>()
    for (const { code, value } of options) {
      if (answers.length === ASSOCIATIONS_MAX) break
      if (code === OPTION.DHCP6_IA_NA) {
        const ia = associationOf(value)
        if (ia === null || seen.has(ia.iaid)) continue
        seen.add(ia.iaid)
        answers.push({ code, value: octets(answer(ia)) })
      } else if (code === OPTION.DHCP6_IA_TA || code === OPTION.DHCP6_IA_PD) {
        const iaid = iaidOf(value)
        if (iaid !== null) answers.push({ code, value: nothing(code, iaid) })
      }
    }
    return answers
  }

  // What is kept for it, what it has or had, what it wishes for, or any.
  #choose(client: Uint8Array, key: string, ia: IdentityAssociation, now: number): number | null {
    const { leases, pool } = this.#scope
    const reserved = this.#reservedFor(client)
    const wished = ia.addresses.map(({ address }) => pool.numberOf(address))
    for (const number of [reserved, leases.of(key)?.address ?? null, ...wished]) {
      if (number === null || !leases.available(number, key, now)) continue
      if (number === reserved || !leases.isReserved(number)) return number
    }
    return leases.unused(now)
  }

  #renewable(client: Uint8Array, key: string, ia: IdentityAssociation, now: number): number | null {
    const { leases, pool } = this.#scope
    const lease = leases.of(key)
    for (const { address } of ia.addresses) {
      const number = pool.numberOf(address)
      if (number < 0 || !leases.available(number, key, now)) continue
      if (leases.isReserved(number) && number !== this.#reservedFor(client)) continue
      // Of whom nothing is known: it may have been ours before we began.
      if (lease?.address === number || (lease === null && this.#authoritative)) return number
    }
    return null
  }

  #reservedFor(client: Uint8Array): number | null {
    const hardware = hardwareKeyOf(client)
    return this.#scope.leases.reservedFor(duidKey(client), ...(hardware === null ? [] : [hardware]))
  }

  #give(
    key: string,
    number: number,
    state: 'offered' | 'bound',
    options: readonly OPTION.Dhcp6Option[],
    now: number,
  ): void {
    const { valid, leases } = this.#scope
    const bound = valid === DHCP6_INFINITE ? Number.POSITIVE_INFINITY : now + valid * 1000
    leases.give(number, key, state, state === 'offered' ? now + OFFER_TIME : bound, hostNameOf(options))
  }

  #granted(
    { iaid }: IdentityAssociation,
    number: number | null,
    over: readonly AssociatedAddress[],
  ): IdentityAssociation {
    const { preferred, valid, pool } = this.#scope
    const share = (part: number) => (preferred === DHCP6_INFINITE ? DHCP6_INFINITE : Math.floor(preferred * part))
    const addresses = over.slice(0, ASSOCIATIONS_MAX).map(({ address }) => ({ address, preferred: 0, valid: 0 }))
    if (number !== null) addresses.unshift({ address: pool.addressOf(number), preferred, valid })
    const [t1, t2] = number === null ? [0, 0] : [share(RENEWAL_SHARE), share(REBINDING_SHARE)]
    return { iaid, t1, t2, addresses, status: STATUS_SUCCESS }
  }

  #isOnLink(address: AssociatedAddress['address']): boolean {
    const { link } = this.#scope
    return link !== null && prefixMatches(address, link.address, link.length)
  }
}

function keyOf(client: Uint8Array, { iaid }: IdentityAssociation): string {
  return `${duidKey(client)} ${iaid}`
}

function refused({ iaid }: IdentityAssociation, status: number): IdentityAssociation {
  return { iaid, t1: 0, t2: 0, addresses: [], status }
}

function octets(ia: IdentityAssociation): Uint8Array<ArrayBuffer> {
  return associationOctets(ia, WHY.get(ia.status) ?? '')
}

/** An association of temporary addresses, or of prefixes, none of which there are. */
function nothing(code: number, iaid: number): Uint8Array<ArrayBuffer> {
  const isPrefix = code === OPTION.DHCP6_IA_PD
  const status = statusOctets(isPrefix ? STATUS_NO_PREFIX_AVAIL : STATUS_NO_ADDRS_AVAIL, 'there are none')
  const inner = OPTION.dhcp6OptionsOctets([{ code: OPTION.DHCP6_STATUS_CODE, value: status }])
  return Uint8Array.of(...uint32Octets(iaid), ...new Uint8Array(isPrefix ? 8 : 0), ...inner)
}

// RFC 4704 section 4: flags, and a name, which has no end where it is only begun.
function hostNameOf(options: readonly OPTION.Dhcp6Option[]): string {
  const value = OPTION.dhcp6Value(options, OPTION.DHCP6_CLIENT_FQDN)
  if (value === null || value.length < 2) return ''
  const name = value.subarray(1)
  const names = searchListOf(name) ?? searchListOf(Uint8Array.of(...name, 0))
  return (names?.[0] ?? '').slice(0, HOST_NAME_MAX)
}
