import { readdirSync, readFileSync } from 'node:fs'
import { read16, write16 } from '../../src/base/bytes.ts'
import { type Random, randomBelow } from '../../src/base/random.ts'
import { describeLayers } from '../../src/wire/describe.ts'
import { octets } from '../device/recorder.ts'

const FOLDER = new URL('./corpus/', import.meta.url)

export interface CorpusPacket {
  readonly file: string
  /** The line that describeLine gives. */
  readonly line: string
  readonly bytes: Uint8Array
}

/** The packets in corpus/*.hex: real traffic, Ethernet frames; each file says whose. */
export function readCorpus(): CorpusPacket[] {
  const packets: CorpusPacket[] = []
  for (const file of readdirSync(FOLDER).sort()) {
    const text = readFileSync(new URL(file, FOLDER), 'utf8')
    for (const block of text.split('\n\n').slice(1)) {
      const lines = block.trim().split('\n')
      const hex = lines.filter((line) => !line.startsWith('= ') && !line.startsWith('~ '))
      packets.push({ file, line: lines[0]?.slice(2) ?? '', bytes: octets(hex.join(' ')) })
    }
  }
  return packets
}

/** `bytes` with one to four octets of it changed and, every other time, cut short. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice(0, randomBelow(random, 2) === 0 ? bytes.length : randomBelow(random, bytes.length + 1))
  if (copy.length === 0) return copy
  for (let left = 1 + randomBelow(random, 4); left > 0; left--) {
    // The headers rather than the data.
    copy[randomBelow(random, Math.min(copy.length, 120))] = randomBelow(random, 256)
  }
  return copy
}

/** `bytes[start, end)` inside a larger buffer of other octets; it begins at POISON_LENGTH. */
export function poisoned(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const around = new Uint8Array(end - start + 2 * POISON_LENGTH).fill(0xa5)
  around.set(bytes.subarray(start, end), POISON_LENGTH)
  return around
}

export const POISON_LENGTH = 23

/** `frame` with an IP header that says its length: a stack that would drop what is cut short at its first look reads on. */
export function lengthened(frame: Uint8Array): Uint8Array {
  const copy = frame.slice()
  const type = copy.length < 34 ? 0 : read16(copy, 12)
  if (type === 0x0800) write16(copy, 16, copy.length - 14)
  if (type === 0x86dd && copy.length >= 54) write16(copy, 18, copy.length - 54)
  return copy
}

/** `frame` with all lengths and checksums that make a whole packet of it. */
export function mended(frame: Uint8Array): Uint8Array {
  const copy = lengthened(frame)
  mendFields(copy, 'length', () => copy.length)
  // One behind the other: UDP's length is covered by its checksum.
  mendFields(copy, 'checksum', (value) => Number(/should be (0x[0-9a-f]+)/.exec(value)?.[1] ?? Number.NaN))
  return copy
}

function mendFields(frame: Uint8Array, name: string, right: (value: string) => number): void {
  for (const { layer, fields, start } of describeLayers(frame, 0, frame.length, 'ethernet')) {
    if (name === 'length' && layer !== 'UDP') continue
    for (const field of fields) {
      if (field.name !== name && field.name !== `header ${name}`) continue
      const value = right(field.value) - (name === 'length' ? start : 0)
      if (!Number.isNaN(value)) write16(frame, field.start, value)
    }
  }
}
