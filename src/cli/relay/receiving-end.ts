import { plainAddress } from '../own-address.ts'
import type { End } from './end.ts'
import type { ListeningSocket } from './listening-socket.ts'

/** Takes datagrams of everybody, and has nobody to answer. */
export class ReceivingEnd implements End {
  readonly name: string
  readonly bordered = true
  readonly tellsEnd = false
  readonly #at: ListeningSocket
  readonly #buffer = new Uint8Array(1 << 18)

  constructor(at: ListeningSocket) {
    this.name = at.name
    this.#at = at
  }

  async read(_: number, signal: AbortSignal): Promise<Uint8Array | null> {
    for (;;) {
      const { address, length } = await this.#at.socket.recvfrom(this.#buffer, 0, { signal })
      if (this.#at.range(address === null ? null : plainAddress(address))) return this.#buffer.subarray(0, length)
    }
  }

  async write(): Promise<void> {
    throw new Error(`${this.name} has nobody to send to: relay one direction alone, with -u or -U`)
  }

  endWriting(): void {}

  async close(): Promise<void> {
    await this.#at.socket.close()
    this.#at.left()
  }
}
