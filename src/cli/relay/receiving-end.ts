import type { Socket } from '../../socket/socket.ts'
import { plainAddress } from '../own-address.ts'
import type { CallerRange } from './caller-range.ts'
import type { End } from './end.ts'

/** Takes datagrams of everybody, and has nobody to answer. */
export class ReceivingEnd implements End {
  readonly name: string
  readonly bordered = true
  readonly tellsEnd = false
  readonly #socket: Socket
  readonly #range: CallerRange
  readonly #left: () => void
  readonly #buffer = new Uint8Array(1 << 18)

  constructor(name: string, socket: Socket, range: CallerRange, left: () => void) {
    this.name = name
    this.#socket = socket
    this.#range = range
    this.#left = left
  }

  async read(_: number, signal: AbortSignal): Promise<Uint8Array | null> {
    for (;;) {
      const { address, length } = await this.#socket.recvfrom(this.#buffer, 0, { signal })
      if (this.#range(address === null ? null : plainAddress(address))) return this.#buffer.subarray(0, length)
    }
  }

  async write(): Promise<void> {
    throw new Error(`${this.name} has nobody to send to: relay one direction alone, with -u or -U`)
  }

  endWriting(): void {}

  async close(): Promise<void> {
    await this.#socket.close()
    this.#left()
  }
}
