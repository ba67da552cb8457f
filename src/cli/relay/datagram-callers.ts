// Datagrams of many at one socket: each of them is a conversation of its own.

import { AF_UNIX } from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Socket } from '../../socket/socket.ts'
import { plainAddress } from '../own-address.ts'
import type { End, EndSource } from './end.ts'
import type { ListeningSocket } from './listening-socket.ts'

/** Datagrams of one caller that wait; what comes then is dropped, as a socket whose buffer is full does. */
const WAITING = 256

export class DatagramCallers implements EndSource {
  readonly #at: ListeningSocket
  readonly #max: number
  readonly #callers = new Map<string, DatagramCaller>()
  readonly #new: DatagramCaller[] = []
  readonly #over = new AbortController()
  #wake: (() => void) | null = null
  #failure: unknown = null
  #receiving = false

  constructor(at: ListeningSocket, max: number) {
    this.#at = at
    this.#max = max
  }

  async next(signal: AbortSignal): Promise<End> {
    if (!this.#receiving) {
      this.#receiving = true
      this.#receive().catch((error: unknown) => {
        this.#failure = error
        this.#wake?.()
      })
    }
    signal.addEventListener('abort', () => this.#wake?.(), { once: true })
    for (;;) {
      signal.throwIfAborted()
      if (this.#failure !== null) throw this.#failure
      const caller = this.#new.shift()
      if (caller !== undefined) return caller
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async #receive(): Promise<void> {
    const bytes = new Uint8Array(1 << 18)
    const { signal } = this.#over
    while (!signal.aborted) {
      const { address, length } = await this.#at.socket.recvfrom(bytes, 0, { signal })
      // Who has no name gets no answer.
      if (address === null || (address.family === AF_UNIX && address.path === '')) continue
      const peer = plainAddress(address)
      const key = peer.toString()
      let caller = this.#callers.get(key)
      if (caller === undefined) {
        if (this.#callers.size >= this.#max || !this.#at.range(peer)) continue
        this.#at.say(`${this.#at.name}: datagram from ${peer}`)
        caller = new DatagramCaller(`${this.#at.name} (${peer})`, this.#at.socket, address.copy(), () => {
          this.#callers.delete(key)
        })
        this.#callers.set(key, caller)
        this.#new.push(caller)
        this.#wake?.()
      }
      caller.take(bytes.slice(0, length))
    }
  }

  async close(): Promise<void> {
    this.#over.abort()
    await this.#at.socket.close()
    this.#at.left()
  }
}

class DatagramCaller implements End {
  readonly name: string
  readonly bordered = true
  readonly tellsEnd = false
  readonly #socket: Socket
  readonly #peer: SocketAddress
  readonly #left: () => void
  readonly #waiting: Uint8Array[] = []
  #wake: (() => void) | null = null

  constructor(name: string, socket: Socket, peer: SocketAddress, left: () => void) {
    this.name = name
    this.#socket = socket
    this.#peer = peer
    this.#left = left
  }

  take(bytes: Uint8Array): void {
    if (this.#waiting.length >= WAITING) return
    this.#waiting.push(bytes)
    this.#wake?.()
  }

  async read(_: number, signal: AbortSignal): Promise<Uint8Array> {
    const wake = () => this.#wake?.()
    signal.addEventListener('abort', wake, { once: true })
    try {
      for (;;) {
        signal.throwIfAborted()
        const bytes = this.#waiting.shift()
        if (bytes !== undefined) return bytes
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#socket.sendto(bytes, this.#peer, 0, { signal })
  }

  endWriting(): void {}

  async close(): Promise<void> {
    this.#left()
  }
}
