// Read first: strace(1).

import { checkMethods, given } from '../../base/argument.ts'
import type { Clock } from '../../base/clock.ts'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import {
  AF_NETLINK,
  AF_PACKET,
  NETLINK_AUDIT,
  NETLINK_CRYPTO,
  NETLINK_GENERIC,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_NETFILTER,
  NETLINK_NFLOG,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NETLINK_USERSOCK,
  NETLINK_XFRM,
} from '../../base/constants-link.ts'
import { type OptionFormat, SIMPLE_OPTIONS } from '../option-format.ts'
import type { BlockingProvider, Endpoint, PolledEntry, Provider, WaitEntry } from '../provider.ts'
import { etherTypeText } from './address-text.ts'
import { CallLog, type TraceOptions, type TraceSink } from './call-log.ts'
import { nameText, resultText, unknown } from './notation.ts'
import { logPoll, TracedEndpoint } from './traced-endpoint.ts'

/**
 * A provider whose sockets work as those of `provider` do, and that writes a line for each call to them, as strace(1) would:
 * the names are those of system calls (`send` is `sendto(…, NULL, 0)`), constants have their names, and results their errno.
 * `sink` gets each line without its end. Call `exit` for the last one.
 *
 * TypeError and RangeError name the option that cannot be. Source: strace(1).
 *
 * ```ts
 * const traced = trace(stack, console.log, { calls: 'network' })
 * const socket = new Socket(traced, AF_INET, SOCK_STREAM, IPPROTO_TCP)
 * // socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3
 * ```
 */
export function trace(provider: Provider, sink: TraceSink, options: TraceOptions = {}): TracingProvider {
  checkMethods('provider', provider, 'a Provider', 'socket')
  if (typeof sink !== 'function') throw new TypeError(`sink must be a function of a line, got ${given(sink)}`)
  return new TracingProvider(provider, new CallLog(provider.clock, (line) => sink(line), options))
}

/** What `trace` gives. */
export class TracingProvider implements Provider {
  readonly inner: Provider
  readonly log: CallLog
  // One for each endpoint, however often it is asked for.
  readonly #wrapped = new WeakMap<Endpoint, TracedEndpoint>()

  constructor(inner: Provider, log: CallLog) {
    this.inner = inner
    this.log = log
  }

  get name(): string {
    return this.inner.name
  }

  get optionFormat(): OptionFormat {
    return this.inner.optionFormat ?? SIMPLE_OPTIONS
  }

  get clock(): Clock {
    return this.inner.clock
  }

  socket(family: number, type: number, protocol: number): Endpoint | number {
    const at = this.log.begin()
    const endpoint = this.inner.socket(family, type, protocol)
    const result = typeof endpoint === 'number' ? endpoint : endpoint.fd
    if (this.log.wants('socket')) this.log.call(at, 'socket', kindText(family, type, protocol), resultText(result))
    return typeof endpoint === 'number' ? endpoint : this.wrap(endpoint)
  }

  socketpair(family: number, type: number, protocol: number): readonly [Endpoint, Endpoint] | number {
    const at = this.log.begin()
    const pair = this.inner.socketpair(family, type, protocol)
    const failed = typeof pair === 'number'
    if (this.log.wants('socketpair')) {
      const fds = failed ? this.log.memory.ofObject(this, 8) : `[${pair[0].fd}, ${pair[1].fd}]`
      this.log.call(at, 'socketpair', `${kindText(family, type, protocol)}, ${fds}`, resultText(failed ? pair : 0))
    }
    return failed ? pair : [this.wrap(pair[0]), this.wrap(pair[1])]
  }

  dup(fd: number): Endpoint | number {
    const at = this.log.begin()
    const endpoint = this.inner.dup(fd)
    const result = typeof endpoint === 'number' ? endpoint : endpoint.fd
    if (this.log.wants('dup')) this.log.call(at, 'dup', String(fd), resultText(result))
    return typeof endpoint === 'number' ? endpoint : this.wrap(endpoint)
  }

  /** No system call, so it shows nothing: what came with a message is looked up here. */
  endpoint(fd: number): Endpoint | null {
    const endpoint = this.inner.endpoint(fd)
    return endpoint === null ? null : this.wrap(endpoint)
  }

  interfaceIndex(name: string): number {
    return this.inner.interfaceIndex?.(name) ?? 0
  }

  interfaceName(index: number): string | null {
    return this.inner.interfaceName?.(index) ?? null
  }

  /** Called by poll. */
  polled(entries: readonly PolledEntry[], timeout: number): void {
    this.inner.polled?.(entries, timeout)
    logPoll(this.log, entries, timeout)
  }

  /** poll(2) of a thread that blocks; only where the provider can. */
  wait(entries: readonly WaitEntry[], timeout: number): number {
    const inner = entries.map(({ endpoint, events }) => ({ endpoint: unwrap(endpoint), events, revents: 0 }))
    const result = (this.inner as BlockingProvider).wait(inner, timeout)
    for (const [i, entry] of entries.entries()) entry.revents = inner[i]?.revents ?? 0
    const told = entries.map(({ endpoint, events, revents }) => ({ fd: endpoint.fd, events, revents }))
    logPoll(this.log, told, timeout)
    return result
  }

  /** The program has ended with this status: `+++ exited with 0 +++`. */
  exit(code: number): void {
    this.log.exit(code)
  }

  /** The endpoint, its calls written down. */
  wrap(endpoint: Endpoint): TracedEndpoint {
    let traced = this.#wrapped.get(endpoint)
    if (traced === undefined) {
      traced = new TracedEndpoint(this, endpoint)
      this.#wrapped.set(endpoint, traced)
    }
    return traced
  }
}

function unwrap(endpoint: Endpoint): Endpoint {
  return endpoint instanceof TracedEndpoint ? endpoint.inner : endpoint
}

/** The three arguments of socket(2). */
function kindText(family: number, type: number, protocol: number): string {
  return `${nameText('AF_', family)}, ${nameText('SOCK_', type)}, ${protocolText(family, protocol)}`
}

const netlinkNames: ReadonlyMap<number, string> = new Map([
  [NETLINK_ROUTE, 'NETLINK_ROUTE'],
  [NETLINK_USERSOCK, 'NETLINK_USERSOCK'],
  [NETLINK_SOCK_DIAG, 'NETLINK_SOCK_DIAG'],
  [NETLINK_NFLOG, 'NETLINK_NFLOG'],
  [NETLINK_XFRM, 'NETLINK_XFRM'],
  [NETLINK_AUDIT, 'NETLINK_AUDIT'],
  [NETLINK_NETFILTER, 'NETLINK_NETFILTER'],
  [NETLINK_KOBJECT_UEVENT, 'NETLINK_KOBJECT_UEVENT'],
  [NETLINK_GENERIC, 'NETLINK_GENERIC'],
  [NETLINK_CRYPTO, 'NETLINK_CRYPTO'],
])

function protocolText(family: number, protocol: number): string {
  if (family === AF_INET || family === AF_INET6) return nameText('IPPROTO_', protocol)
  if (family === AF_NETLINK) return netlinkNames.get(protocol) ?? unknown(protocol, 'NETLINK_')
  // Given in network order: packet(7).
  if (family === AF_PACKET) return etherTypeText(((protocol & 0xff) << 8) | ((protocol >> 8) & 0xff))
  return String(protocol)
}
