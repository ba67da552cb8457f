import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import type { Host, HostOptions } from '../host.ts'
import { checkNames, HostNames, type NamesFlags } from '../names-option.ts'
import { chosenWhere, openHost } from '../open-host.ts'
import { UsageError } from '../usage-error.ts'
import { parseWhere, type Where } from '../where.ts'
import type { RelayAddress } from './relay-address.ts'

/** Whose sockets the sides of a relay are: the operating system's, or those of stacks; of one where both name the same. */
export class RelayHosts {
  readonly #flags: HostOptions & NamesFlags
  /** By the text of --on or on=. */
  readonly #wheres = new Map<string, Where | null>()
  readonly #hosts = new Map<string, Host>()

  /** Throws a UsageError for what can be told to be wrong before anything is opened. */
  constructor(addresses: readonly RelayAddress[], flags: HostOptions & NamesFlags) {
    this.#flags = flags
    for (const address of addresses) this.#check(address)
    const stacks = [...this.#wheres.values()].filter((where) => where !== null)
    for (const [i, { name }] of stacks.entries()) {
      if (stacks.findIndex((one) => one.name === name) < i) {
        throw new UsageError(
          `both sides are at ${name}, and say different things of it; write the same, which is one stack`,
        )
      }
    }
    if (stacks.length > 1 && flags.capture !== undefined) {
      throw new UsageError(`--capture ${JSON.stringify(flags.capture)} is for one stack, and there are two`)
    }
  }

  #check(address: RelayAddress): void {
    const { medium } = address.kind
    if (medium === 'stdio' || medium === 'program') return
    if (medium === 'unix' && (address.options.on ?? 'os') !== 'os') {
      throw new UsageError(
        `${address.name} has on=${address.options.on}: Unix sockets are the operating system's; leave it out`,
      )
    }
    const text = this.#textOf(address)
    let where = this.#wheres.get(text)
    if (where === undefined) {
      where = this.#whereOf(address, text)
      this.#wheres.set(text, where)
    }
    if (medium === 'internet') checkNames(address.host ?? '::', this.#namesFlags(address), where)
  }

  #whereOf({ name, options }: RelayAddress, text: string): Where | null {
    if (options.on !== undefined && text !== 'os') return parseWhere(text, { name: `${name} on=`, besides: 'os' })
    // --impair and --capture are for the stacks, be it one side alone that has one: `checkLinks` asks for one.
    const on = text === '' && this.#flags.on === undefined ? {} : { on: text }
    return chosenWhere(on, 'relay')
  }

  /** Throws a UsageError where --impair or --capture was given and there is no stack that they could be for. */
  checkLinks(): void {
    if ([...this.#wheres.values()].some((where) => where !== null)) return
    const { on: _, ...flags } = this.#flags
    chosenWhere(flags, 'relay')
  }

  #textOf({ kind, options }: RelayAddress): string {
    return kind.medium === 'unix' ? 'os' : (options.on ?? this.#flags.on ?? '').trim()
  }

  #namesFlags({ kind: { family } }: RelayAddress): NamesFlags {
    if (family === AF_INET) return { ...this.#flags, ipv4: true, ipv6: false }
    return family === AF_INET6 ? { ...this.#flags, ipv4: false, ipv6: true } : this.#flags
  }

  /** Opens all, and waits until they are ready. */
  async open(): Promise<void> {
    for (const [text, where] of this.#wheres) this.#hosts.set(text, await openHost(where, this.#flags))
    await Promise.race([Promise.all([...this.#hosts.values()].map((host) => host.readyOrTold())), this.lost])
  }

  /** Rejects when one of them cannot go on. */
  get lost(): Promise<never> {
    return Promise.race([...[...this.#hosts.values()].map((host) => host.lost), new Promise<never>(() => {})])
  }

  host(address: RelayAddress): Host {
    return this.#hosts.get(this.#textOf(address)) as Host // #check has seen each address that is a socket
  }

  names(address: RelayAddress): HostNames {
    return new HostNames(this.host(address), this.#namesFlags(address))
  }

  close(): void {
    for (const host of this.#hosts.values()) host.close()
  }
}
