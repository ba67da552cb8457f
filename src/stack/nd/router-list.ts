// Read first: RFC 4861 sections 5.1, 6.3.4 to 6.3.6, RFC 4191 section 3.

import type { IpAddress } from '../../base/ip-address.ts'
import type { RouterPreference } from '../../wire/ndp-preference.ts'

class DefaultRouter {
  readonly address: IpAddress
  preference: RouterPreference
  /** Milliseconds of the stack's clock. */
  until: number
  heardAt: number
  /** It did not answer when we last asked for it. */
  silent = false

  constructor(address: IpAddress, preference: RouterPreference, until: number, heardAt: number) {
    this.address = address.copy()
    this.preference = preference
    this.until = until
    this.heardAt = heardAt
  }
}

/** The default routers of one link. */
export class RouterList {
  readonly #limit: number
  #routers: DefaultRouter[] = []
  /** Where the turn is, while none of them answers. */
  #turn = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#routers.length
  }

  /** The addresses of all, for people and tests. */
  get addresses(): readonly IpAddress[] {
    return this.#routers.map((router) => router.address)
  }

  /**
   * A router advertised itself at `now`. Returns whether the choice may be another from now on. A full list gives up one that does
   * not answer, or the one heard of the longest ago.
   */
  update(address: IpAddress, preference: RouterPreference, until: number, now: number): boolean {
    const known = this.#routers.find((router) => router.address.equals(address))
    if (known !== undefined) {
      const news = known.silent || known.preference !== preference
      known.preference = preference
      known.until = until
      known.heardAt = now
      known.silent = false
      return news
    }
    if (this.#routers.length >= this.#limit) this.#giveUpOne()
    this.#routers.push(new DefaultRouter(address, preference, until, now))
    return true
  }

  /** Returns whether there was such a router. */
  remove(address: IpAddress): boolean {
    const index = this.#routers.findIndex((router) => router.address.equals(address))
    if (index >= 0) this.#routers.splice(index, 1)
    return index >= 0
  }

  /** Returns whether there is such a router, and this is news of it. */
  heard(address: IpAddress, answers: boolean): boolean {
    const router = this.#routers.find((other) => other.address.equals(address))
    if (router === undefined || router.silent !== answers) return false
    router.silent = !answers
    return true
  }

  /**
   * The router to use: of those that answer, or may, the most preferred. Where none does, one after the other, so that each is
   * asked for (RFC 4861 section 6.3.6). null: there is none.
   */
  choose(): IpAddress | null {
    let best: DefaultRouter | null = null
    for (const router of this.#routers) {
      if (!router.silent && (best === null || router.preference > best.preference)) best = router
    }
    if (best !== null) return best.address
    if (this.#routers.length === 0) return null
    this.#turn = (this.#turn + 1) % this.#routers.length
    return this.#routers[this.#turn]?.address ?? null
  }

  /** Takes out those whose time is over by `now`, and returns them. */
  expire(now: number): readonly IpAddress[] {
    const gone = this.#routers.filter((router) => router.until <= now).map((router) => router.address)
    if (gone.length > 0) this.#routers = this.#routers.filter((router) => router.until > now)
    return gone
  }

  /** When the next one's time is over. */
  get nextAt(): number {
    return Math.min(...this.#routers.map((router) => router.until))
  }

  #giveUpOne(): void {
    let worst = this.#routers[0] as DefaultRouter
    for (const router of this.#routers) {
      if (router.silent === worst.silent ? router.heardAt < worst.heardAt : router.silent) worst = router
    }
    this.#routers.splice(this.#routers.indexOf(worst), 1)
  }
}
