import type { OctetChannel } from './octet-channel.ts'

/** A channel that is not there yet: calls wait for it. */
export class OpeningChannel implements OctetChannel {
  readonly #opening: Promise<OctetChannel>
  readonly #giveUp: (reason: unknown) => void
  #channel: OctetChannel | null = null
  #lent = true

  /** `giveUp` ends the opening, which then rejects. */
  constructor(opening: Promise<OctetChannel>, giveUp: (reason: unknown) => void) {
    this.#opening = opening
    this.#giveUp = giveUp
    opening.then(
      (channel) => {
        this.#channel = channel
      },
      () => {},
    )
  }

  read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#channel === null ? this.#opening.then((channel) => channel.read(into)) : this.#channel.read(into)
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#channel === null ? this.#opening.then((channel) => channel.write(bytes)) : this.#channel.write(bytes)
  }

  async end(): Promise<void> {
    const channel = await this.#opening
    if (this.#lent) await channel.end()
  }

  mute(): void {
    if (!this.#lent) return
    if (this.#channel === null) this.#opening.then((channel) => channel.mute()).catch(() => {})
    else this.#channel.mute()
  }

  /** From now on the channel is somebody else's, who takes it where it lies: nothing here ends it any more. */
  letGo(): void {
    this.#lent = false
  }

  abort(reason: unknown): Promise<void> {
    return this.#stop(reason, (channel) => channel.abort(reason))
  }

  close(): Promise<void> {
    return this.#stop(undefined, (channel) => channel.close())
  }

  async #stop(reason: unknown, stop: (channel: OctetChannel) => Promise<void>): Promise<void> {
    if (!this.#lent) return
    if (this.#channel === null) this.#giveUp(reason)
    const channel = await this.#opening.catch(() => null)
    if (channel !== null) await stop(channel)
  }
}
