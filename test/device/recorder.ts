import { type Device, type FrameReceiver, Offload } from '../../src/device/device.ts'

/** Spaced hex of `bytes[start, end)`. */
export function hex(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return Array.from(bytes.slice(start, end), (octet) => octet.toString(16).padStart(2, '0')).join(' ')
}

/** The octets that spaced hex writes; one field group a line. */
export function octets(text: string): Uint8Array {
  const parts = text.split(/\s+/).filter((part) => part !== '')
  return Uint8Array.from(parts, (part) => {
    if (!/^[0-9a-f]{2}$/i.test(part)) throw new TypeError(`not an octet: ${part}`)
    return Number.parseInt(part, 16)
  })
}

export interface Recorded {
  readonly bytes: Uint8Array
  readonly offload: Offload
  readonly at: number
}

/** Keeps what a device delivers, and how: 'receive', 'flush', 'writable' in order. */
export class Recorder implements FrameReceiver {
  readonly frames: Recorded[] = []
  readonly calls: string[] = []
  readonly #now: () => number
  /** Runs inside each `receive`. */
  onReceive: (() => void) | null = null
  onWritable: (() => void) | null = null

  constructor(now: () => number = () => 0) {
    this.#now = now
  }

  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    const before = bytes.slice(start, end)
    const kept = new Offload()
    kept.set(offload)
    this.calls.push('receive')
    this.onReceive?.()
    // What was lent must not change before this returns, whatever is sent meanwhile.
    if (hex(before) !== hex(bytes, start, end)) throw new Error('a lent frame changed')
    this.frames.push({ bytes: before, offload: kept, at: this.#now() })
  }

  flush(): void {
    this.calls.push('flush')
  }

  writable(): void {
    this.calls.push('writable')
    this.onWritable?.()
  }
}

/** Sends a frame that lies `at` octets into a buffer, which is overwritten as soon as the device has returned it. */
export function lend(device: Device, frame: Uint8Array, offload: Offload = new Offload(), at = 64): boolean {
  const buffer = new Uint8Array(at + frame.length + 8)
  buffer.set(frame, at)
  const taken = device.transmit(buffer, at, at + frame.length, offload)
  buffer.fill(0xee)
  return taken
}

/** `length` octets that count from `first`. */
export function counting(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => first + i)
}
