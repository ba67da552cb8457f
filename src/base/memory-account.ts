/** What the buffers of one host hold together, and what they may: strangers can open many connections, each within its bounds. */
export class MemoryAccount {
  /** Octets of memory held. */
  used = 0
  readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  /** No buffer shall grow but to what it needs to go on at all. */
  get full(): boolean {
    return this.used >= this.limit
  }
}
