// Read first: RFC 2131 sections 3.1, 4.3.1 and 4.3.3.
//
// Which address is whose. There is one entry for an address at the most, and addresses are those of the pool and of reservations: however
// many clients there seem to be, it does not grow beyond that.

/** offered: for a moment; bound: until its time is over; free: its last client gets it again if it can; declined: somebody else has it. */
export type LeaseState = 'offered' | 'bound' | 'free' | 'declined'

export interface Lease {
  readonly address: number
  key: string
  state: LeaseState
  /** Milliseconds of the clock; Infinity: for ever. */
  until: number
  hostName: string
}

/** How long an address is kept for who was offered it; and while there is no other, before somebody else is offered it. */
export const OFFER_TIME = 60_000
export const OFFER_TIME_LEAST = 2000

/** Part of the pool that declines may take from it at once: who declines all he is offered would empty it. */
const DECLINED_SHARE = 4

export class LeaseTable {
  /** Addresses that are handed out, each once. */
  readonly #pool: readonly number[]
  /** Addresses of their own, by key. */
  readonly #reserved: ReadonlyMap<string, number>
  readonly #kept: ReadonlySet<number>
  /** All of both. */
  readonly #addresses: ReadonlySet<number>
  readonly #byAddress = new Map<number, Lease>()
  readonly #byKey = new Map<string, Lease>()
  /** In the order in which they were declined. */
  readonly #declined = new Set<Lease>()
  #next = 0
  /** Before that nothing becomes free by itself. */
  #fullUntil = 0

  constructor(pool: readonly number[], reserved: ReadonlyMap<string, number>) {
    this.#reserved = reserved
    this.#addresses = new Set([...pool, ...reserved.values()])
    this.#kept = new Set(reserved.values())
    this.#pool = pool.filter((address) => !this.#kept.has(address))
  }

  /** The entry of a client that is offered an address, has one, or had one that nobody else got. */
  of(key: string): Lease | null {
    return this.#byKey.get(key) ?? null
  }

  at(address: number): Lease | null {
    return this.#byAddress.get(address) ?? null
  }

  get size(): number {
    return this.#byAddress.size
  }

  *[Symbol.iterator](): Generator<Lease> {
    yield* this.#byAddress.values()
  }

  /** The address that is kept for one of `keys`; null: none is. */
  reservedFor(...keys: readonly string[]): number | null {
    for (const key of keys) {
      const address = this.#reserved.get(key)
      if (address !== undefined) return address
    }
    return null
  }

  isReserved(address: number): boolean {
    return this.#kept.has(address)
  }

  /** Whether `key` may have `address`: it is one of ours, and nobody's else. */
  available(address: number, key: string, now: number): boolean {
    if (!this.#addresses.has(address)) return false
    const lease = this.#byAddress.get(address)
    return lease === undefined || lease.until <= now || (lease.key === key && lease.state !== 'declined')
  }

  /**
   * An address of the pool that nobody has: one that nobody had, or had longest ago. Where there is none, one that was offered a while
   * ago, since offers cost those nothing who ask for them. null: there is none at all.
   */
  unused(now: number): number | null {
    if (now < this.#fullUntil) return null
    const { length } = this.#pool
    let oldest: Lease | null = null
    let soonest = Number.POSITIVE_INFINITY
    for (let i = 0; i < length; i++) {
      const address = this.#pool[(this.#next + i) % length] as number
      const lease = this.#byAddress.get(address)
      if (lease === undefined) {
        this.#next = (this.#next + i + 1) % length
        return address
      }
      const spareAt = lease.state === 'offered' ? lease.until - OFFER_TIME + OFFER_TIME_LEAST : lease.until
      if (spareAt > now) soonest = Math.min(soonest, spareAt)
      else if (oldest === null || lease.until < oldest.until) oldest = lease
    }
    if (oldest === null) this.#fullUntil = soonest
    return oldest?.address ?? null
  }

  /** `address`, which is available, is the client's until then; what else the client had is free. */
  give(address: number, key: string, state: 'offered' | 'bound', until: number, hostName: string): Lease {
    const before = this.#byKey.get(key)
    if (before !== undefined && before.address !== address) this.#drop(before)
    const there = this.#byAddress.get(address)
    if (there !== undefined) this.#drop(there)
    const lease: Lease = { address, key, state, until, hostName }
    this.#byAddress.set(address, lease)
    this.#byKey.set(key, lease)
    return lease
  }

  /** Its client does not want it any more, and gets it again if it can. */
  release(lease: Lease, now: number): void {
    lease.state = 'free'
    lease.until = Math.min(lease.until, now)
    this.#fullUntil = 0
  }

  /** A host that we know nothing of has the address: nobody gets it until then. */
  decline(lease: Lease, until: number, now: number): void {
    this.#byKey.delete(lease.key)
    lease.key = ''
    lease.hostName = ''
    lease.state = 'declined'
    lease.until = until
    this.#declined.add(lease)
    if (this.#declined.size <= Math.max(1, this.#pool.length / DECLINED_SHARE)) return
    const [oldest] = this.#declined
    if (oldest === undefined) return
    this.#drop(oldest)
    this.#fullUntil = Math.min(this.#fullUntil, now)
  }

  #drop(lease: Lease): void {
    if (this.#byAddress.get(lease.address) === lease) this.#byAddress.delete(lease.address)
    if (this.#byKey.get(lease.key) === lease) this.#byKey.delete(lease.key)
    this.#declined.delete(lease)
    this.#fullUntil = 0
  }
}
