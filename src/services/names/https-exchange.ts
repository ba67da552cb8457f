// Read first: RFC 8484.
//
// Questions by HTTPS. Who makes the connection is handed in: here is only what is asked and what an answer must look like.

import type { Clock } from '../../base/clock.ts'
import { AF_UNSPEC } from '../../base/constants.ts'
import type { Random } from '../../base/random.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Answer, ExchangeCounters } from './exchange.ts'
import { aged } from './forwarded-answers.ts'
import { decodeMessage, LONGEST_MESSAGE, type Message, MessageError, type Question } from './message.ts'
import { Query, type QueryFlags } from './query.ts'
import { ResolverError } from './resolver-error.ts'

const MEDIA_TYPE = 'application/dns-message'

/** What is needed of the web's fetch. */
export type HttpsFetch = (
  url: string,
  init: {
    readonly method: 'GET' | 'POST'
    readonly headers: Record<string, string>
    readonly body?: Uint8Array<ArrayBuffer>
    readonly signal: AbortSignal
  },
) => Promise<{
  readonly status: number
  readonly headers: { get(name: string): string | null }
  arrayBuffer(): Promise<ArrayBuffer>
}>

/** How a resolver asks by HTTPS. */
export interface HttpsOptions {
  /** Where: "https://dns.example/dns-query". */
  readonly url: string
  /** Who makes the request: the web's fetch, or one over a stack. */
  readonly fetch: HttpsFetch
  /** Default POST; answers to GET may be kept by caches on the way. */
  readonly method?: 'GET' | 'POST'
}

export interface HttpsAsking {
  readonly flags?: QueryFlags
  /** Milliseconds. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** Asks one server by HTTPS. */
export class HttpsExchange {
  readonly #options: HttpsOptions
  readonly #clock: Clock
  readonly #random: Random
  readonly #counters: ExchangeCounters

  constructor(options: HttpsOptions, clock: Clock, random: Random, counters: ExchangeCounters) {
    this.#options = options
    this.#clock = clock
    this.#random = random
    this.#counters = counters
  }

  /** Rejects with a ResolverError (ETIMEOUT, ENOSERVER with its cause), or the signal's reason. */
  async ask(question: Question, { flags = {}, timeout, signal }: HttpsAsking): Promise<Answer> {
    // Section 4.1: an id of 0, so that the same question is the same request.
    const query = new Query(question, flags, LONGEST_MESSAGE, this.#random, false)
    query.renumber(0)
    const stop = new AbortController()
    const late = new ResolverError('ETIMEOUT', question.name)
    const alarm = this.#clock.alarm(() => stop.abort(late))
    const aborted = () => stop.abort(signal?.reason)
    signal?.addEventListener('abort', aborted)
    alarm.set(this.#clock.now() + timeout)
    this.#counters.queries++
    try {
      // Whoever makes the request may not hear the signal: then nobody waits for him.
      const bytes = await Promise.race([this.#fetch(query, stop.signal), whenAborted(stop.signal)])
      return { message: bytes.message, bytes: bytes.octets, server: new SocketAddress(AF_UNSPEC), transport: 'https' }
    } catch (error) {
      if (stop.signal.aborted) {
        if (stop.signal.reason === late) this.#counters.timeouts++
        throw stop.signal.reason
      }
      throw error instanceof ResolverError ? error : new ResolverError('ENOSERVER', question.name, error)
    } finally {
      alarm.clear()
      signal?.removeEventListener('abort', aborted)
    }
  }

  async #fetch(query: Query, signal: AbortSignal): Promise<{ message: Message; octets: Uint8Array }> {
    const { url, fetch, method = 'POST' } = this.#options
    const { name } = query.question
    const response = await (method === 'GET'
      ? fetch(`${url}${url.includes('?') ? '&' : '?'}dns=${base64url(query.bytes)}`, {
          method,
          headers: { accept: MEDIA_TYPE },
          signal,
        })
      : fetch(url, {
          method,
          headers: { accept: MEDIA_TYPE, 'content-type': MEDIA_TYPE },
          body: query.bytes.slice(),
          signal,
        }))
    const { status, headers } = response
    if (status < 200 || status > 299) throw wrong(name, `the server answered ${status}`)
    const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
    if (type !== MEDIA_TYPE) throw wrong(name, `the server answered with ${JSON.stringify(type)}`)
    const length = Number(headers.get('content-length') ?? 0)
    if (length > LONGEST_MESSAGE) throw wrong(name, `the server answered with ${length} octets`)
    let octets: Uint8Array<ArrayBuffer> = new Uint8Array(await response.arrayBuffer())
    let message: Message
    try {
      octets = aged(octets, ageOf(headers))
      message = decodeMessage(octets)
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
      this.#counters.wrongAnswers++
      throw wrong(name, error.message)
    }
    if (!query.isAnsweredBy(message)) {
      this.#counters.wrongAnswers++
      throw wrong(name, 'the server answered another question')
    }
    return { message, octets }
  }
}

function wrong(name: string, why: string): ResolverError {
  return new ResolverError('ENOSERVER', name, new Error(why))
}

// Section 5.1: what a cache on the way has kept has so much less time to live.
function ageOf(headers: { get(name: string): string | null }): number {
  const age = headers.get('age')
  return age !== null && /^\d{1,9}$/.test(age) ? Number(age) : 0
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** RFC 4648 section 5, without padding. */
function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const word = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const letters = Math.min(4, bytes.length - at + 1)
    for (let i = 0; i < letters; i++) text += LETTERS[(word >>> (18 - 6 * i)) & 63]
  }
  return text
}
