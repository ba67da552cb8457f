// Read first: unix(7) "Address format", bind(2), unlink(2).

import { EADDRINUSE, ECONNREFUSED, EINVAL, ENOENT, ENOSPC, EPROTOTYPE } from '../base/errno.ts'
import type { UnixEndpoint } from './unix-endpoint.ts'

/** Autobind has five hexadecimal digits to choose from. */
const AUTOBIND_NAMES = 1 << 20

/**
 * The names of one system. A path stays when its socket is closed, as a file does, until it is unlinked; an abstract name goes
 * with its socket, and each type of socket has its own, as in Linux. Paths are whole strings: there are no directories, and "a"
 * is another than "./a".
 */
export class UnixNames {
  /** null: its socket is closed. */
  readonly #paths = new Map<string, UnixEndpoint | null>()
  /** By type and name. */
  readonly #abstract = new Map<string, UnixEndpoint>()
  readonly #limit: number
  #nextAutobind = 0

  /** `limit`: how many paths there can be, with or without a socket. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Gives `endpoint` a name: '' for any free abstract one. 0, -EADDRINUSE, -EINVAL (it has one), -ENOSPC. */
  bind(endpoint: UnixEndpoint, name: string): number {
    if (name === '') return endpoint.name === '' ? this.#autobind(endpoint) : 0
    if (name.startsWith('\0')) {
      if (endpoint.name !== '') return -EINVAL
      const key = abstractKey(endpoint.type, name)
      if (this.#abstract.has(key)) return -EADDRINUSE
      this.#abstract.set(key, endpoint)
    } else {
      // In this order, as in Linux: the file is made first.
      if (this.#paths.has(name)) return -EADDRINUSE
      if (endpoint.name !== '') return -EINVAL
      if (this.#paths.size >= this.#limit) return -ENOSPC
      this.#paths.set(name, endpoint)
    }
    endpoint.name = name
    return 0
  }

  /**
   * The socket of this type with this name. -ENOENT: there is no such path; -ECONNREFUSED: nobody is behind it; -EPROTOTYPE: the
   * path is that of another type.
   */
  find(name: string, type: number): UnixEndpoint | number {
    if (name.startsWith('\0')) return this.#abstract.get(abstractKey(type, name)) ?? -ECONNREFUSED
    const endpoint = this.#paths.get(name)
    if (endpoint === undefined) return -ENOENT
    if (endpoint === null) return -ECONNREFUSED
    return endpoint.type === type ? endpoint : -EPROTOTYPE
  }

  /** Removes a path. Its socket keeps what it has, but nobody finds it any more. -ENOENT: there is none. */
  unlink(path: string): number {
    return this.#paths.delete(path) ? 0 : -ENOENT
  }

  /** `endpoint` is closed. */
  release(endpoint: UnixEndpoint): void {
    const { name } = endpoint
    const key = abstractKey(endpoint.type, name)
    // What it is called may be another's by now, or it inherited the name from a listener.
    if (this.#paths.get(name) === endpoint) this.#paths.set(name, null)
    else if (this.#abstract.get(key) === endpoint) this.#abstract.delete(key)
  }

  clear(): void {
    this.#paths.clear()
    this.#abstract.clear()
  }

  // We differ: names are given in order, from 00000 on (Linux begins anywhere). Nothing depends on their being unpredictable.
  #autobind(endpoint: UnixEndpoint): number {
    for (let tried = 0; tried < AUTOBIND_NAMES; tried++) {
      const name = `\0${this.#nextAutobind.toString(16).padStart(5, '0')}`
      this.#nextAutobind = (this.#nextAutobind + 1) % AUTOBIND_NAMES
      const key = abstractKey(endpoint.type, name)
      if (this.#abstract.has(key)) continue
      this.#abstract.set(key, endpoint)
      endpoint.name = name
      return 0
    }
    return -ENOSPC
  }
}

function abstractKey(type: number, name: string): string {
  return type + name
}
