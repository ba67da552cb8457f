// What a program is seen to hold. No page tells how much memory a thread has, and whoever takes all of it takes the whole process down: so
// what is large is counted where it is made, and is counted no more when it has been collected.

/** Smaller things are not counted: it takes more loops to make many of them than a program may have. */
const LEAST = 32 << 10
/** Octets that a program may hold. */
const MOST = 512 << 20

export class ProgramMemory {
  /** Octets that are held, as far as is known. */
  held = 0
  /** Octets of texts that were made at one instant: nothing tells when they are collected. */
  #texts = 0
  #textsAt = 0
  readonly #known = new WeakSet<object>()
  readonly #registry = new FinalizationRegistry<number>((octets) => {
    this.held -= octets
  })

  /** Something was made at an instant. False: it is more than a program may hold. */
  made(value: unknown, now: number): boolean {
    if (typeof value === 'string') return value.length < LEAST || this.#text(value.length, now)
    const [owner, octets] = sizeOf(value)
    if (octets < LEAST || owner === null || this.#known.has(owner)) return true
    this.#known.add(owner)
    this.#registry.register(owner, octets)
    this.held += octets
    return this.held <= MOST
  }

  #text(length: number, now: number): boolean {
    if (now !== this.#textsAt) this.#texts = 0
    this.#textsAt = now
    this.#texts += length
    return this.#texts <= MOST
  }
}

/** What holds the memory of a value, and how much, at least. */
function sizeOf(value: unknown): readonly [object | null, number] {
  if (typeof value !== 'object' || value === null) return [null, 0]
  if (Array.isArray(value)) return [value, 8 * value.length]
  if (ArrayBuffer.isView(value)) return [value.buffer, value.buffer.byteLength]
  if (value instanceof ArrayBuffer) return [value, value.byteLength]
  if (value instanceof Map || value instanceof Set) return [value, 32 * value.size]
  return [null, 0]
}
