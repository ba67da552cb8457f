// Read first: curl(1) on --connect-to and --connect-timeout.

import { UsageError } from '../usage-error.ts'
import { FETCH_TIMED_OUT, FetchFailure } from './fetch-failure.ts'

/** Who asks for this host and port connects to those instead; '': any, or the same. */
export interface ConnectTo {
  readonly host: string
  readonly port: string
  readonly toHost: string
  readonly toPort: string
}

/** Reads what --connect-to was given: "HOST1:PORT1:HOST2:PORT2", each of which may be left out. */
export function parseConnectTo(text: string): ConnectTo {
  const match = /^(\[[^\]]*\]|[^:[]*):(\d*):(\[[^\]]*\]|[^:[]*):(\d*)$/.exec(text)
  const [, host = '', port = '', toHost = '', toPort = ''] = match ?? []
  if (match === null || Number(port) > 65535 || Number(toPort) > 65535 || /[\s\0]/.test(text)) {
    throw new UsageError(`--connect-to ${JSON.stringify(text)} must be HOST1:PORT1:HOST2:PORT2`)
  }
  return { host: host.toLowerCase(), port, toHost: toHost.replace(/^\[(.*)\]$/, '$1'), toPort }
}

/** The host and the port to connect to for `url`. */
export function placeOf(url: URL, rules: readonly ConnectTo[]): readonly [string, number] {
  const usual = url.protocol === 'https:' ? 443 : 80
  const port = url.port === '' ? usual : Number(url.port)
  const rule = ruleOf(url, port, rules)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (rule === undefined) return [host, port]
  return [rule.toHost || host, rule.toPort === '' ? port : Number(rule.toPort)]
}

/** Whether a rule leads to another place. */
export function isLed(url: URL, rules: readonly ConnectTo[]): boolean {
  return String(placeOf(url, rules)) !== String(placeOf(url, []))
}

function ruleOf(url: URL, port: number, rules: readonly ConnectTo[]): ConnectTo | undefined {
  return rules.find((one) => {
    return (one.host === '' || one.host === url.hostname) && (one.port === '' || Number(one.port) === port)
  })
}

/** The time for a connection: for finding the address, connecting, and TLS. */
export class ConnectTimer {
  readonly #over = new AbortController()
  readonly #outer: AbortSignal
  readonly #timer: NodeJS.Timeout | null
  readonly #abort: () => void

  constructor({
    signal,
    connectTimeout,
  }: { readonly signal: AbortSignal; readonly connectTimeout?: number | undefined }) {
    this.#outer = signal
    this.#abort = () => this.#over.abort(signal.reason)
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort)
    const late = () => {
      const error = new FetchFailure(FETCH_TIMED_OUT, `Connection timed out after ${connectTimeout} milliseconds`)
      this.#over.abort(error)
    }
    this.#timer = connectTimeout === undefined ? null : setTimeout(late, connectTimeout)
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** `work` on a stream, which is destroyed when the time is over. */
  async within<T>(stream: { destroy(error: Error): unknown }, work: Promise<T>): Promise<T> {
    const late = () => stream.destroy(this.#over.signal.reason as Error)
    this.#over.signal.addEventListener('abort', late)
    return work.finally(() => this.#over.signal.removeEventListener('abort', late))
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#outer.removeEventListener('abort', this.#abort)
  }
}
