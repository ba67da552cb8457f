import { SOCK_DGRAM } from '../../base/constants.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { FAILURE } from '../report.ts'
import { StandardInput } from '../standard-input.ts'
import { connect } from './connecting.ts'
import { Conversation, type ConversationSettings, type Direction } from './conversation.ts'
import type { End, EndSource } from './end.ts'
import { listenAt, MANY } from './listening.ts'
import { ProgramEnd, StandardEnd } from './program-end.ts'
import type { RelayAddress } from './relay-address.ts'
import type { RelayHosts } from './relay-hosts.ts'

/** Milliseconds without a datagram after which a caller of udp-listen with fork has gone. */
const CALLER_IDLE = 60_000

export interface Told {
  /** -d */
  readonly notices?: boolean
  readonly json?: boolean
}

/** Has conversations between two addresses: one, or with fork one for each who calls. */
export class Relaying {
  readonly #hosts: RelayHosts
  readonly #first: RelayAddress
  readonly #second: RelayAddress
  readonly #settings: ConversationSettings
  readonly #told: Told
  #input: StandardInput | null = null

  constructor(
    hosts: RelayHosts,
    first: RelayAddress,
    second: RelayAddress,
    settings: ConversationSettings,
    told: Told,
  ) {
    this.#hosts = hosts
    this.#first = first
    this.#second = second
    this.#settings = settings
    this.#told = told
  }

  /** Resolves with the exit status when all is over, or `signal` has said so. */
  async run(signal: AbortSignal): Promise<number> {
    const source = await this.#sourceOf(this.#first, signal)
    try {
      if (this.#first.options.fork === true) return await this.#many(source, signal)
      const first = await source.next(signal)
      // Whoever else calls is refused.
      await source.close()
      return await this.#converse(first, signal)
    } finally {
      await source.close()
    }
  }

  async #many(source: EndSource, signal: AbortSignal): Promise<number> {
    const { max = MANY } = this.#first.options
    const running = new Set<Promise<unknown>>()
    try {
      for (;;) {
        if (running.size >= max) await Promise.race(running)
        const first = await this.#next(source, running, signal)
        const conversation = this.#converse(first, signal).catch((error: unknown) => {
          if (!signal.aborted) this.#say(error instanceof Error ? error.message : String(error))
        })
        running.add(conversation)
        void conversation.then(() => running.delete(conversation))
      }
    } finally {
      await Promise.all(running)
    }
  }

  /** Without a descriptor for it the next one waits until a conversation is over. */
  async #next(source: EndSource, running: ReadonlySet<Promise<unknown>>, signal: AbortSignal): Promise<End> {
    for (;;) {
      try {
        return await source.next(signal)
      } catch (error) {
        const full = error instanceof SocketError && (error.code === 'EMFILE' || error.code === 'ENFILE')
        if (!full || running.size === 0) throw error
        this.#say(`${this.#first.name}: accept: ${error.text}: the next waits until a conversation is over`)
        await Promise.race(running)
      }
    }
  }

  async #converse(first: End, signal: AbortSignal): Promise<number> {
    let second: End
    try {
      second = await this.#open(this.#second, signal)
    } catch (error) {
      await first.close(true)
      throw error
    }
    const conversation = new Conversation(first, second, this.#settingsOf())
    await conversation.run(signal)
    this.#count(conversation)
    if (conversation.failure === null) return 0
    this.#say(conversation.failure.message)
    return FAILURE
  }

  #settingsOf(): ConversationSettings {
    const { kind, options } = this.#first
    if (options.fork !== true || kind.type !== SOCK_DGRAM || this.#settings.idle !== null) return this.#settings
    return { ...this.#settings, idle: CALLER_IDLE }
  }

  async #sourceOf(address: RelayAddress, signal: AbortSignal): Promise<EndSource> {
    if (address.kind.role !== 'connect') return listenAt(this.#hosts, address, this.#notice)
    return { next: () => this.#open(address, signal), close: async () => {} }
  }

  async #open(address: RelayAddress, signal: AbortSignal): Promise<End> {
    const { kind, name, words } = address
    if (kind.medium === 'stdio') {
      this.#input ??= new StandardInput(process.stdin)
      return new StandardEnd(this.#input)
    }
    if (kind.medium === 'program') return ProgramEnd.start(name, words)
    if (kind.role !== 'connect') {
      const source = await listenAt(this.#hosts, address, this.#notice)
      try {
        return await source.next(signal)
      } finally {
        await source.close()
      }
    }
    const end = await connect(this.#hosts, address, signal)
    this.#notice(`${name}: connected`)
    return end
  }

  readonly #notice = (text: string): void => {
    if (this.#told.notices) this.#say(text)
  }

  #say(text: string): void {
    process.stderr.write(`jackfield: ${text}\n`)
  }

  #count({ forward, backward, failure }: Conversation): void {
    const { notices, json } = this.#told
    if (json) {
      const of = ({ octets, pieces }: Direction) => ({ octets, pieces })
      const counts = { forward: of(forward), backward: of(backward), error: failure?.message ?? null }
      process.stderr.write(`${JSON.stringify({ first: forward.from.name, second: forward.to.name, ...counts })}\n`)
    } else if (notices || this.#settings.dump !== null) {
      const of = ({ mark, octets, pieces }: Direction) => `${mark} ${octets} octets in ${pieces}`
      this.#say(`${forward.from.name} and ${forward.to.name} are done: ${of(forward)}, ${of(backward)}`)
    }
  }
}
