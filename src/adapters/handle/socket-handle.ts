// Read first: uv_tcp_t and uv_pipe_t in libuv's manual, whose ways programs of Node know: a handle is made before its family is known, an
// address that is in use is told by what follows bind, and closing is told a turn later.

import { AsyncResource } from 'node:async_hooks'
import { chmodSync, statSync, unlinkSync } from 'node:fs'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { EACCES, EADDRINUSE, EAFNOSUPPORT, EBADF, EINVAL, ENOENT } from '../../base/errno.ts'
import { SocketAddress, SUN_PATH_LENGTH } from '../../base/socket-address.ts'
import { unixPathOctets, unixPathText } from '../../base/unix-path.ts'
import type { Endpoint, Provider, Watcher } from '../../socket/provider.ts'
import { nodeAtLeast } from '../node-version.ts'
import type { AddressInfo } from './address-texts.ts'
import { Hold } from './hold.ts'
import { inLastTurn } from './turns.ts'

export interface BindOptions {
  readonly ipv6Only?: boolean
  readonly reusePort?: boolean
}

const intOption = new Int32Array(1)
const intOctets = new Uint8Array(intOption.buffer)
const scratch = new SocketAddress()

const nowhere = new AsyncResource('JACKFIELD')

function makeResource(name: string): AsyncResource {
  return new AsyncResource(name, { requireManualDestroy: true })
}

/** What a listening and a connecting socket of Node's have in common, over an Endpoint of any provider. */
export abstract class SocketHandle implements Watcher {
  readonly provider: Provider
  /** 'pipe': a Unix socket. */
  readonly kind: 'tcp' | 'pipe'
  readonly resource: AsyncResource
  endpoint: Endpoint | null = null
  closed = false
  protected readonly hold = new Hold()
  /** Told by the next call only. */
  protected delayedError = 0
  /** The path that it has made, which goes with it. */
  #path = ''
  #referenced = true

  /** `accepted`: nobody has asked for it, and it belongs into no asynchronous context. */
  constructor(provider: Provider, kind: 'tcp' | 'pipe', resourceName: string, accepted: boolean) {
    this.provider = provider
    this.kind = kind
    this.resource = accepted
      ? nowhere.runInAsyncScope(makeResource, undefined, resourceName)
      : makeResource(resourceName)
  }

  /** Whether it has something to wait for, for which the process is to live on. */
  protected abstract get active(): boolean

  abstract ready(events: number): void

  /** The descriptor; −1 while there is none. */
  get fd(): number {
    return this.endpoint?.fd ?? -1
  }

  /** Takes over an endpoint that is open already. */
  adopt(endpoint: Endpoint): void {
    this.endpoint = endpoint
    endpoint.watch(this)
    this.hold.use(endpoint)
  }

  /**
   * 0, or a negated errno, but EADDRINUSE, which the next call tells. -EINVAL: the address is none of this version of IP; 0 is
   * whichever it has.
   */
  bind(address: string, port: number, version: number, options: BindOptions): number {
    // What is no port is one after all: its low sixteen bits, as C has it.
    const local = this.address(address, port & 0xffff)
    if (local === null || (version !== 0 && (version === 6) !== (local.family === AF_INET6))) return -EINVAL
    const opened = this.open(local.family)
    if (opened !== 0) return opened
    this.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
    if (options.reusePort === true) {
      const set = this.setOption(SOL_SOCKET, SO_REUSEPORT, 1)
      if (set < 0) return set
    }
    if (local.family === AF_INET6) {
      const set = this.setOption(IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6Only === true ? 1 : 0)
      if (set < 0) return set
    }
    const bound = (this.endpoint as Endpoint).bind(local)
    if (bound === -EAFNOSUPPORT) return -EINVAL
    if (bound < 0 && bound !== -EADDRINUSE) return bound
    this.delayedError = bound
    return 0
  }

  /** Binds to a path, or to an abstract name, which begins with "\0". */
  bindPath(path: string): number {
    const address = unixAddress(path)
    if (typeof address === 'number') return address
    const opened = this.open(AF_UNIX)
    if (opened !== 0) return opened
    const bound = (this.endpoint as Endpoint).bind(address)
    // As libuv has it: what a system without paths for sockets would say.
    if (bound < 0) return bound === -ENOENT ? -EACCES : bound
    if (!path.startsWith('\0')) this.#path = path
    return 0
  }

  /** The rights of others to the path: of a provider whose paths are files. */
  changeMode(readable: boolean, writable: boolean): number {
    if (this.#path === '' || this.provider.unlink !== undefined) return 0
    const added = (readable ? 0o444 : 0) | (writable ? 0o222 : 0)
    try {
      const before = KEEPS_MODE ? statSync(this.#path).mode & 0o7777 : 0
      chmodSync(this.#path, before | added)
      return 0
    } catch (error) {
      return (error as NodeJS.ErrnoException).errno ?? -EINVAL
    }
  }

  /** Where it is bound to; a negated errno where that is unknown. */
  localName(): AddressInfo | number {
    if (this.delayedError !== 0) return this.delayedError
    if (this.endpoint === null) return -EBADF
    const result = this.endpoint.localAddress(scratch)
    return result < 0 ? result : addressInfo(scratch)
  }

  peerName(): AddressInfo | number {
    if (this.endpoint === null) return -EBADF
    const result = this.endpoint.peerAddress(scratch)
    return result < 0 ? result : addressInfo(scratch)
  }

  setOption(level: number, name: number, value: number): number {
    if (this.endpoint === null) return -EBADF
    intOption[0] = value
    return this.endpoint.setOption(level, name, intOctets)
  }

  getOption(level: number, name: number): number {
    if (this.endpoint === null) return -EBADF
    intOption[0] = 0
    const result = this.endpoint.getOption(level, name, intOctets)
    return result < 0 ? result : (intOption[0] as number)
  }

  ref(): void {
    this.#referenced = true
    this.holdOn()
  }

  unref(): void {
    this.#referenced = false
    this.holdOn()
  }

  get referenced(): boolean {
    return this.#referenced
  }

  /** Closes it at once, and calls `done(subject)` in a later turn. */
  close<S>(done: (subject: S) => void, subject: S): void {
    if (this.closed) return
    this.letGo()
    inLastTurn<S, undefined>(this.resource, done, subject, undefined)
  }

  /** Closes it, and tells nobody. */
  discard(): void {
    this.close(nothing, undefined)
  }

  /** Gives its endpoint, with the path that goes with it, to another, and is closed. */
  moveTo(other: SocketHandle): void {
    const { endpoint } = this
    this.closed = true
    this.hold.use(null)
    this.endpoint = null
    other.#path = this.#path
    other.delayedError = this.delayedError
    if (endpoint !== null) other.adopt(endpoint)
  }

  protected letGo(): void {
    this.closed = true
    const { endpoint } = this
    this.hold.use(null)
    this.hold.set(false)
    if (endpoint !== null) {
      endpoint.watch(null)
      endpoint.close()
    }
    if (this.#path !== '') unlink(this.provider, this.#path)
  }

  /** To be called whenever `active` may have changed. */
  protected holdOn(): void {
    if (!this.closed) this.hold.set(this.#referenced && this.active)
  }

  /** Makes the socket, if there is none yet. */
  protected open(family: number): number {
    if (this.endpoint !== null) return 0
    const endpoint = this.provider.socket(family, SOCK_STREAM, 0)
    if (typeof endpoint === 'number') return endpoint
    this.adopt(endpoint)
    return 0
  }

  /** null for what is no address. */
  protected address(text: string, port: number): SocketAddress | null {
    try {
      return SocketAddress.internet(text, port, (name) => this.provider.interfaceIndex?.(name) ?? 0)
    } catch {
      return null
    }
  }
}

/** The address of a Unix socket, or a negated errno for what cannot be one. */
export function unixAddress(path: string): SocketAddress | number {
  let name = path
  const end = path.indexOf('\0')
  if (ENDS_AT_NUL && end > 0) name = path.slice(0, end)
  if (unixPathOctets(name).length > SUN_PATH_LENGTH) {
    if (!CUTS_PATHS) return -EINVAL
    name = unixPathText(unixPathOctets(name).subarray(0, SUN_PATH_LENGTH))
  }
  try {
    return name === '' ? -EINVAL : SocketAddress.unix(name)
  } catch {
    return -EINVAL
  }
}

/** Older Nodes leave the owner the rights that a path is made with. */
const KEEPS_MODE = !nodeAtLeast(22)
/** Older Nodes take what fits of a path that is too long. */
const CUTS_PATHS = !nodeAtLeast(24)
/** Still older ones read a path as C does, to its first NUL. */
const ENDS_AT_NUL = !nodeAtLeast(22)

function addressInfo(address: SocketAddress): AddressInfo | number {
  if (address.family !== AF_INET && address.family !== AF_INET6) return -EINVAL
  return { address: address.address, family: address.family === AF_INET6 ? 'IPv6' : 'IPv4', port: address.port }
}

function nothing(): void {}

function unlink(provider: Provider, path: string): void {
  if (provider.unlink !== undefined) {
    provider.unlink(path)
    return
  }
  try {
    unlinkSync(path)
  } catch {
    // Somebody else has removed it.
  }
}
