// Read first: net.BoundSocket in the manual of the newest Node.

import { isIP } from 'node:net'
import type { Provider } from '../../socket/provider.ts'
import type { AddressInfo } from '../handle/address-texts.ts'
import { StreamHandle } from '../handle/stream-handle.ts'
import { UNOWNED } from '../handle/unowned.ts'
import { validateBoolean, validateObject, validatePort, validateString } from '../node-argument.ts'
import { errnoException, exceptionWithHostPort, invalidArgValue, otherNodeError } from '../node-error.ts'
import { WORLD } from './net-world.ts'

export interface BoundSocketOptions {
  host?: string | null
  port?: number | string
  ipv6Only?: boolean
  reusePort?: boolean
  path?: string
}

interface World {
  readonly provider: Provider
}

/**
 * A socket that is bound and not yet more: a server that listens on it, or a Socket that connects it, takes it over. Until then its
 * maker has to close it. Errors of bind(2) are thrown.
 */
export class BoundSocket {
  declare readonly [WORLD]: World
  #handle: StreamHandle | null
  readonly #address: AddressInfo | string

  constructor(options: BoundSocketOptions = {}) {
    validateObject(options, 'options')
    const bound = options.path === undefined ? bindAddress(this, options) : bindPath(this, options)
    ;[this.#handle, this.#address] = bound
  }

  /** Where it is bound to: of a Unix socket its path. */
  address(): AddressInfo | string {
    this.#open()
    return this.#address
  }

  /** The descriptor, which stays this socket's. */
  fd(): number {
    return this.#open().fd
  }

  close(): void {
    this.#open().discard()
    this.#handle = null
  }

  get isPipe(): boolean {
    return typeof this.#address === 'string'
  }

  [Symbol.dispose](): void {
    if (this.#handle !== null) this.close()
  }

  /** Gives its handle away, and is nothing more. */
  static take(bound: BoundSocket): StreamHandle {
    const handle = bound.#open()
    bound.#handle = null
    return handle
  }

  static path(bound: BoundSocket): string | undefined {
    return typeof bound.#address === 'string' ? bound.#address : undefined
  }

  #open(): StreamHandle {
    if (this.#handle === null) {
      throw otherNodeError('ERR_SOCKET_HANDLE_ADOPTED', 'Socket handle has already been adopted or closed')
    }
    return this.#handle
  }
}

/** net.BoundSocket of one provider. */
export function boundSocketOf(world: World): typeof BoundSocket {
  const Bound = class extends BoundSocket {}
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(BoundSocket.prototype)
  Object.defineProperties(Bound.prototype, { ...methods, [WORLD]: { value: world } })
  Object.defineProperty(Bound, 'name', { value: 'BoundSocket' })
  return Bound
}

function bindAddress(bound: BoundSocket, options: BoundSocketOptions): [StreamHandle, AddressInfo] {
  const port = validatePort(options.port ?? 0, 'options.port')
  const ipv6Only = options.ipv6Only ?? false
  validateBoolean(ipv6Only, 'options.ipv6Only')
  const reusePort = options.reusePort ?? false
  validateBoolean(reusePort, 'options.reusePort')
  const host = options.host ?? (ipv6Only ? '::' : '0.0.0.0')
  validateString(host, 'options.host')
  const version = isIP(host)
  if (version === 0) {
    const reason = 'must be a numeric IP address; net.BoundSocket does not perform DNS resolution'
    throw invalidArgValue('options.host', host, reason)
  }
  const handle = new StreamHandle(bound[WORLD].provider, 'tcp', UNOWNED)
  const status = handle.bind(host, port, version, { ipv6Only, reusePort })
  const name = status < 0 ? status : handle.localName()
  if (typeof name !== 'number') return [handle, name]
  handle.discard()
  throw exceptionWithHostPort(name, 'bind', host, port)
}

function bindPath(bound: BoundSocket, options: BoundSocketOptions): [StreamHandle, string] {
  const { path, host, port, ipv6Only, reusePort } = options
  if (host !== undefined || port !== undefined || ipv6Only !== undefined || reusePort !== undefined) {
    const reason = 'path is mutually exclusive with host, port, ipv6Only, and reusePort'
    throw invalidArgValue('options', options, reason)
  }
  validateString(path, 'options.path')
  const handle = new StreamHandle(bound[WORLD].provider, 'pipe', UNOWNED)
  const status = handle.bindPath(path)
  if (status >= 0) return [handle, path]
  handle.discard()
  throw errnoException(status, 'bind')
}
