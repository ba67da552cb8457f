// A log of what a program sees, in which two runs of it can be compared.

import { inspect } from 'node:util'

/** The least port that a system chooses by itself: net.ipv4.ip_local_port_range. */
const EPHEMERAL = 32768

const FORGOTTEN = 3

export class PlainLog {
  readonly lines: string[] = []
  readonly #ports = new Map<number, number>()
  #count = 0

  add(what: string, ...values: unknown[]): void {
    this.lines.push([what, ...values.map((value) => this.#plain(value))].join(' '))
  }

  /** What was told of is over: a port that comes back, as the system may choose it at once, is another. */
  forgetPorts(): void {
    this.#ports.clear()
  }

  #plain(value: unknown): string {
    return inspect(this.#comparable(value, 0), { depth: 6, breakLength: Number.POSITIVE_INFINITY, sorted: false })
  }

  #comparable(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#withoutPorts(value)
    // Any number may be one: events tell ports among their arguments.
    if (typeof value === 'number') return this.#port(value)
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof Error) return this.#error(value as Error & Record<string, unknown>, depth)
    if (ArrayBuffer.isView(value)) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      return bytes.length > 64 ? `<${bytes.length} octets>` : `<${value.constructor.name} ${bytes.toString('latin1')}>`
    }
    if (Array.isArray(value)) return depth > 4 ? '[…]' : value.map((one) => this.#comparable(one, depth + 1))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) {
      return `<${(value as object).constructor?.name ?? 'object'}>`
    }
    const fields: Record<string, unknown> = {}
    for (const [key, one] of Object.entries(value)) fields[key] = this.#field(key, one, depth)
    return fields
  }

  #error(error: Error & Record<string, unknown>, depth: number): unknown {
    const { name, message } = error
    const fields: Record<string, unknown> = { error: `${name}: ${this.#withoutPorts(message)}` }
    const shown = String(error)
    if (shown !== `${name}: ${message}`) fields.shown = this.#withoutPorts(shown)
    fields.kind = error.constructor?.name
    for (const key of Object.keys(error)) fields[key] = this.#field(key, error[key], depth)
    if (error instanceof AggregateError) fields.errors = error.errors.map((one) => this.#comparable(one, depth + 1))
    if (error.cause !== undefined) fields.cause = this.#comparable(error.cause, depth + 1)
    return fields
  }

  #field(key: string, value: unknown, depth: number): unknown {
    if (/port$/i.test(key) && typeof value === 'number') return this.#port(value)
    return this.#comparable(value, depth + 1)
  }

  // A system chooses the same port again now and then: one that comes back behind this many others is another.
  #port(port: number): unknown {
    if (port < EPHEMERAL || port > 65535) return port
    let number = this.#ports.get(port)
    if (number === undefined || this.#count - number >= FORGOTTEN) {
      number = ++this.#count
      this.#ports.set(port, number)
    }
    return `port ${number}`
  }

  // "127.0.0.1:40001" in a text.
  #withoutPorts(text: string): string {
    return text.replace(/(?<=[\d.a-f\]:]:)\d{5}\b/g, (digits) => String(this.#port(Number(digits))))
  }
}
