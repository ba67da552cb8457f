// Read first: Deno's documentation of Deno.serve.

import { checkBoolean, checkInteger, checkOptions, given } from '../../base/argument.ts'
import type { NetAddr } from '../deno/deno-address.ts'

/** What a handler is told of a request besides the request. */
export interface ServeHandlerInfo {
  /** Who asks. */
  readonly remoteAddr: NetAddr
  /** Resolves when the answer was sent; rejects where that failed. */
  readonly completed: Promise<void>
}

/** Answers a request. */
export type ServeHandler = (request: Request, info: ServeHandlerInfo) => Response | Promise<Response>

export interface ServeOptions {
  /** 0: any that is free. Left out: 8000. */
  readonly port?: number | undefined
  /** An address, or 'localhost'. Left out: 0.0.0.0. */
  readonly hostname?: string | undefined
  readonly reusePort?: boolean | undefined
  /** Connections that may wait to be accepted. */
  readonly tcpBacklog?: number | undefined
  /** Ends the server at once, and all its connections. */
  readonly signal?: AbortSignal | undefined
  /** Called when the server listens. */
  readonly onListen?: ((address: NetAddr) => void) | undefined
  /** Answers where the handler has thrown. Left out: with a 500 of few words. */
  readonly onError?: ((error: unknown) => Response | Promise<Response>) | undefined
  /** Certificate and key, as PEM: the server speaks TLS, by an engine that can. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly limits?: Partial<ServeLimits> | undefined
}

/** What a server bears of one peer, and of all. */
export interface ServeLimits {
  /** Octets of a head; more is answered with 431, or 414. Left out: 16,384. */
  readonly headOctets: number
  /** Fields of a head. Left out: 100. */
  readonly headFields: number
  /** Milliseconds from the first octet of a request to the end of its head, and from the connection to that octet. Left out: 15,000. */
  readonly headTimeout: number
  /** Milliseconds for which a connection is kept between requests. Left out: 5000. */
  readonly idleTimeout: number
  /** Milliseconds in which a peer has to send an octet of a body that is being read, or to take one of an answer. Left out: 120,000. */
  readonly stallTimeout: number
  /** Octets of a request's body that are read though the handler did not, so that the connection can be kept. Left out: 262,144. */
  readonly unreadOctets: number
  /** Connections at a time; others wait to be accepted. Left out: 10,000. */
  readonly connections: number
}

const LIMITS: ServeLimits = {
  headOctets: 16_384,
  headFields: 100,
  headTimeout: 15_000,
  idleTimeout: 5000,
  stallTimeout: 120_000,
  unreadOctets: 262_144,
  connections: 10_000,
}

const KEYS = ['port', 'hostname', 'reusePort', 'tcpBacklog', 'signal', 'onListen', 'onError', 'cert', 'key', 'limits']

export interface CheckedServeOptions extends Omit<ServeOptions, 'limits'> {
  readonly port: number
  readonly hostname: string
  readonly limits: ServeLimits
}

/** Throws a TypeError or RangeError for an option that is wrong. */
export function checkServeOptions(options: ServeOptions): CheckedServeOptions {
  checkOptions('options', options, KEYS)
  const { port = 8000, hostname = '0.0.0.0', reusePort, tcpBacklog, signal, limits = {} } = options
  checkInteger('options.port', port, 0, 65_535)
  if (typeof hostname !== 'string') throw new TypeError(`options.hostname must be a string, got ${given(hostname)}`)
  checkBoolean('options.reusePort', reusePort)
  if (tcpBacklog !== undefined) checkInteger('options.tcpBacklog', tcpBacklog, 0)
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new TypeError(`options.signal must be an AbortSignal, got ${given(signal)}`)
  }
  checkCallback('options.onListen', options.onListen)
  checkCallback('options.onError', options.onError)
  for (const name of ['cert', 'key'] as const) {
    const value = options[name]
    if (value !== undefined && typeof value !== 'string') {
      throw new TypeError(`options.${name} must be text, as PEM, got ${given(value)}`)
    }
  }
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new TypeError('options.cert and options.key go together: one of them is left out')
  }
  return { ...options, port, hostname, limits: checkLimits(limits) }
}

function checkLimits(limits: Partial<ServeLimits>): ServeLimits {
  checkOptions('options.limits', limits, Object.keys(LIMITS))
  const all: Record<string, number> = { ...LIMITS }
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue
    // A head is read as one text.
    checkInteger(
      `options.limits.${name}`,
      value,
      name === 'unreadOctets' ? 0 : 1,
      name === 'headOctets' ? 65_536 : 0x7fffffff,
    )
    all[name] = value
  }
  return all as unknown as ServeLimits
}

function checkCallback(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(`${name} must be a function, got ${given(value)}`)
}
