// What a caller can get wrong before any system call: a TypeError or RangeError that names the argument and what was given.

import { checkInteger, checkOptions, given, isBytes } from '../base/argument.ts'
import { AF_INET6, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../base/constants.ts'
import { IpAddress } from '../base/ip-address.ts'
import type { NetlinkAddress, PacketAddress, VsockAddress } from '../base/other-address.ts'
import { type AddressText, SocketAddress } from '../base/socket-address.ts'
import type { Provider } from './provider.ts'

/** What waiting calls take besides their own arguments. */
export interface WaitOptions {
  /** Gives up when it aborts: the promise is rejected with `signal.reason`, unless part of the work was done. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds to wait at most, in place of SO_RCVTIMEO or SO_SNDTIMEO: EAGAIN when they are over. */
  readonly timeout?: number | undefined
}

const WAIT_KEYS = ['signal', 'timeout']

export function checkBytes(bytes: Uint8Array): void {
  if (!isBytes(bytes)) throw new TypeError(`bytes must be a Uint8Array, got ${given(bytes)}`)
}

/** The type that a caller meant: without the flags that socket(2) takes with it, for every socket here has them. */
export function toSocketType(type: number): number {
  checkInteger('type', type)
  return type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)
}

export function checkWaitOptions(options: WaitOptions): void {
  checkOptions('options', options, WAIT_KEYS)
  const { signal, timeout } = options
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new TypeError(`options.signal must be an AbortSignal, got ${given(signal)}`)
  }
  if (timeout !== undefined) checkTimeout(timeout)
}

/** Throws for what are no milliseconds to wait. */
export function checkTimeout(timeout: unknown): void {
  if (typeof timeout !== 'number') throw new TypeError(`options.timeout must be a number, got ${given(timeout)}`)
  if (!(timeout >= 0)) throw new RangeError(`options.timeout must be 0 or more milliseconds, got ${timeout}`)
}

/** For flags that are no int32. It is asked for by one comparison, `(flags | 0) !== flags`: every transfer makes it. */
export function wrongFlags(flags: unknown): TypeError | RangeError {
  const wanted = 'flags must be an integer of MSG_… bits'
  if (typeof flags === 'number') return new RangeError(`${wanted}, got ${flags}`)
  const hint = flags !== null && typeof flags === 'object' ? '; options come behind them' : ''
  return new TypeError(`${wanted}, got ${given(flags)}${hint}`)
}

/** What people write for a Unix address: `{ path: '/run/echo' }`; an abstract name begins with "\0", one that is no UTF-8 is octets. */
export interface UnixPath {
  readonly path: string | Uint8Array
}

/** What calls take for an address of AF_PACKET, AF_NETLINK and AF_VSOCK. */
export type LinkAddress = PacketAddress | NetlinkAddress | VsockAddress

/** What calls take for an address. The text is that of an address; names are a resolver's matter. */
export type AddressLike = SocketAddress | AddressText | UnixPath | LinkAddress

/**
 * The socket address that a caller meant. '' is the wildcard address of the socket's own family, and the text of an IPv4 address
 * means the mapped one to an AF_INET6 socket. A zone in it ("fe80::1%eth0") is an interface of the provider.
 */
export function toSocketAddress(address: AddressLike, family: number, provider?: Provider): SocketAddress {
  if (address instanceof SocketAddress) return address
  if (address === null || typeof address !== 'object') {
    throw new TypeError(`address must be a SocketAddress or { address, port }, got ${given(address)}`)
  }
  if ('path' in address) return SocketAddress.unix(address.path)
  if ('cid' in address) return SocketAddress.vsock(address.cid, address.port)
  if ('pid' in address) return SocketAddress.netlink(address.pid, address.groups)
  if ('ifindex' in address) return SocketAddress.packet(address)
  const { address: text, port } = address
  if (typeof text !== 'string') throw new TypeError(`address.address must be a string, got ${given(text)}`)
  if (typeof port !== 'number') throw new TypeError(`address.port must be a number, got ${given(port)}`)
  const parsed = SocketAddress.internet(text, port, (name) => provider?.interfaceIndex?.(name) ?? 0)
  if (family !== AF_INET6) return parsed
  if (text === '') return new SocketAddress(AF_INET6, new IpAddress(), port)
  parsed.family = AF_INET6
  return parsed
}
