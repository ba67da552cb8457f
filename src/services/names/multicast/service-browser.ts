// Read first: RFC 6763 sections 4, 5 and 6.

import type { IpAddress } from '../../../base/ip-address.ts'
import { canonicalName, isWithin } from '../domain-name.ts'
import type { ResourceRecord } from '../message.ts'
import type { MulticastCache } from './multicast-cache.ts'
import type { MulticastQuestions } from './multicast-questions.ts'
import { decodeServiceText, type ServiceText } from './service-text.ts'

/** Instances of one type that are followed; further ones are not looked at. */
const MOST_INSTANCES = 500

/** A service that was found. */
export interface FoundService {
  /** What people call it: "Files". */
  readonly instance: string
  readonly type: string
  readonly host: string
  readonly port: number
  readonly addresses: readonly IpAddress[]
  readonly text: ServiceText
}

export interface BrowseCallbacks {
  /** A service is there, with all that is needed to reach it. */
  readonly added: (service: FoundService) => void
  /** It says something else, or is somewhere else. */
  readonly changed?: (service: FoundService) => void
  /** It has said goodbye, or was not heard of any more. */
  readonly removed?: (service: FoundService) => void
}

interface Instance {
  readonly name: string
  readonly forget: (() => void)[]
  host: string | null
  forgetHost: (() => void)[]
  told: FoundService | null
}

/**
 * Follows the services of one type, until it is closed. `MulticastNames.browse` makes it.
 *
 * ```ts
 * const local = new MulticastNames(stack, { ifindex: 2, random })
 * const browser = local.browse('_http._tcp', { added: ({ instance }) => console.log(instance) })
 * for (const { host, port } of browser.services) console.log(host, port)
 * browser.close()
 * ```
 */
export class ServiceBrowser {
  readonly #type: string
  readonly #domain: string
  readonly #cache: MulticastCache
  readonly #questions: MulticastQuestions
  readonly #callbacks: BrowseCallbacks
  readonly #instances = new Map<string, Instance>()
  readonly #forget: () => void
  readonly #over: (browser: ServiceBrowser) => void

  constructor(
    type: string,
    cache: MulticastCache,
    questions: MulticastQuestions,
    callbacks: BrowseCallbacks,
    over: (browser: ServiceBrowser) => void,
  ) {
    this.#type = type
    this.#domain = `${type}.local`
    this.#cache = cache
    this.#questions = questions
    this.#callbacks = callbacks
    this.#over = over
    this.#forget = questions.ask(this.#domain, 'PTR', false)
  }

  /** The services that are there now. */
  get services(): FoundService[] {
    return [...this.#instances.values()].flatMap(({ told }) => told ?? [])
  }

  /** Looks at what is known, and tells what is different. */
  look(): void {
    const pointers = this.#cache.records(this.#domain, 'PTR').map(({ record }) => record)
    const names = pointers.flatMap((record) => (record.kind === 'name' ? record.data : []))
    const current = new Set(names.map(canonicalName))
    for (const [key, instance] of this.#instances) if (!current.has(key)) this.#lose(key, instance)
    for (const name of names) {
      const key = canonicalName(name)
      if (this.#instances.has(key) || this.#instances.size >= MOST_INSTANCES || !isWithin(name, this.#domain)) continue
      if (key === canonicalName(this.#domain)) continue
      const forget = ['SRV', 'TXT'].map((type) => this.#questions.ask(name, type, true))
      this.#instances.set(key, { name, forget, host: null, forgetHost: [], told: null })
    }
    for (const instance of this.#instances.values()) this.#resolve(instance)
  }

  close(): void {
    this.#forget()
    for (const { forget, forgetHost } of this.#instances.values()) for (const one of [...forget, ...forgetHost]) one()
    this.#instances.clear()
    this.#over(this)
  }

  #lose(key: string, instance: Instance): void {
    this.#instances.delete(key)
    for (const one of [...instance.forget, ...instance.forgetHost]) one()
    if (instance.told !== null) this.#callbacks.removed?.(instance.told)
  }

  #resolve(instance: Instance): void {
    const server = this.#first(instance.name, 'SRV')
    const text = this.#first(instance.name, 'TXT')
    if (server?.kind !== 'srv') return
    const { target, port } = server.data
    if (instance.host !== target) {
      for (const one of instance.forgetHost) one()
      instance.host = target
      instance.forgetHost = ['A', 'AAAA'].map((type) => this.#questions.ask(target, type, true))
    }
    if (text?.kind !== 'text') return
    const addresses = ['A', 'AAAA'].flatMap((type) =>
      this.#cache.records(target, type).flatMap(({ record }) => (record.kind === 'address' ? record.data : [])),
    )
    if (addresses.length === 0) return
    const found = {
      instance: instance.name.slice(0, instance.name.length - this.#domain.length - 1),
      type: this.#type,
      host: target,
      port,
      addresses,
      text: decodeServiceText(text.data),
    }
    const before = instance.told
    instance.told = found
    if (before === null) this.#callbacks.added(found)
    else if (fingerprint(before) !== fingerprint(found)) this.#callbacks.changed?.(found)
  }

  // What came last is what holds.
  #first(name: string, type: string): ResourceRecord | undefined {
    return this.#cache.records(name, type).at(-1)?.record
  }
}

function fingerprint({ host, port, addresses, text }: FoundService): string {
  return JSON.stringify([host, port, addresses.map(String).sort(), text])
}
