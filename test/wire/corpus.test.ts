import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/random.ts'
import { describeLayers, describeLine } from '../../src/wire/describe.ts'
import { amount } from '../soak.ts'
import { damaged, POISON_LENGTH, poisoned, readCorpus } from './corpus.ts'
import { READERS } from './readers.ts'

const corpus = readCorpus()

/** What a reading found, as something to compare; '' for nothing. */
function outcome(read: () => readonly unknown[] | null): string {
  const found = read()
  return found === null ? '' : found.join()
}

/** Every reader on `bytes[start, end)`: alone in its buffer, and with others around it. Both find the same, and no NaN. */
function readAll(bytes: Uint8Array, start: number, end: number): number {
  const alone = bytes.slice(start, end)
  const around = poisoned(bytes, start, end)
  let cases = 0
  for (const [name, read] of Object.entries(READERS)) {
    const one = outcome(() => read(alone, 0, alone.length))
    const other = outcome(() => read(around, POISON_LENGTH, POISON_LENGTH + alone.length))
    if (one !== other || /NaN|undefined/.test(one)) {
      throw new Error(`${name} from ${start} to ${end} of ${Buffer.from(bytes).toString('hex')}: ${one}; ${other}`)
    }
    cases++
  }
  return cases
}

function layersText(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip'): string {
  const texts: string[] = []
  for (const layer of describeLayers(bytes, start, end, medium)) {
    for (const field of [{ ...layer, name: layer.layer, value: '' }, ...layer.fields]) {
      if (field.start < start || field.end < field.start || field.end > end) {
        throw new Error(`${layer.layer}, ${field.name} lies at ${field.start}-${field.end} of ${start}-${end}`)
      }
      texts.push(`${field.name}=${field.value}@${field.start - start}-${field.end - start}`)
    }
  }
  return texts.join('\n')
}

/** Both descriptions of `bytes[0, end)`, with and without its Ethernet header. */
function describeBoth(bytes: Uint8Array, end: number): number {
  let cases = 0
  for (const [medium, start] of [
    ['ethernet', 0],
    ['ip', 14],
  ] as const) {
    if (start > end) continue
    const alone = bytes.slice(start, end)
    const around = poisoned(bytes, start, end)
    const aroundEnd = POISON_LENGTH + alone.length
    const one = `${describeLine(alone, 0, alone.length, medium)}\n${layersText(alone, 0, alone.length, medium)}`
    const other = `${describeLine(around, POISON_LENGTH, aroundEnd, medium)}\n${layersText(around, POISON_LENGTH, aroundEnd, medium)}`
    expect(other).toBe(one)
    expect(one).not.toMatch(/NaN|undefined/)
    cases++
  }
  return cases
}

/** Where the headers of a packet begin, its data too. */
function layerStarts(bytes: Uint8Array): number[] {
  return [...new Set(describeLayers(bytes, 0, bytes.length, 'ethernet').map(({ start }) => start))]
}

test('the corpus: 194 packets in 16 files, 25,551 octets', () => {
  expect(corpus.length).toBe(194)
  expect(new Set(corpus.map(({ file }) => file)).size).toBe(16)
  expect(corpus.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(25_551)
})

test.each([...new Set(corpus.map(({ file }) => file))])('%s: each packet in one line', (name) => {
  for (const { file, line, bytes } of corpus) {
    if (file === name) expect(describeLine(bytes, 0, bytes.length, 'ethernet')).toBe(line)
  }
})

// Every packet is cut at every octet, and damaged often, in a soak; else at every third, from another one on for each packet.
const STEP = amount(3, 1)
const DAMAGED = amount(15, 40)
const COUNT = Object.keys(READERS).length

describe(`every packet, cut at every octet or at every third (${STEP})`, () => {
  test('from each of its headers on, to every reader: nothing is thrown, and nothing outside is read', () => {
    let cases = 0
    for (const [i, { bytes }] of corpus.entries()) {
      for (const start of layerStarts(bytes)) {
        for (let end = start + (i % STEP); end <= bytes.length; end += STEP) cases += readAll(bytes, start, end)
      }
    }
    expect(cases).toBe(COUNT * amount(29_875, 89_617))
  })

  test('to both descriptions: nothing is thrown, no field lies outside, and nothing outside is read', () => {
    let cases = 0
    for (const [i, { bytes }] of corpus.entries()) {
      for (let end = i % STEP; end <= bytes.length; end += STEP) cases += describeBoth(bytes, end)
    }
    expect(cases).toBe(amount(16_278, 48_774))
  })
})

describe(`every packet with some octets changed, ${DAMAGED} times`, () => {
  test('to every reader', () => {
    const random = new SeededRandom(1)
    let cases = 0
    for (const { bytes } of corpus) {
      const starts = layerStarts(bytes)
      for (let i = 0; i < DAMAGED; i++) {
        const changed = damaged(bytes, random)
        for (const start of starts) if (start <= changed.length) cases += readAll(changed, start, changed.length)
      }
    }
    expect(cases).toBe(COUNT * amount(9531, 25_363))
  })

  test('to both descriptions', () => {
    const random = new SeededRandom(2)
    let cases = 0
    for (const { bytes } of corpus) {
      for (let i = 0; i < DAMAGED; i++) {
        const changed = damaged(bytes, random)
        cases += describeBoth(changed, changed.length)
      }
    }
    expect(cases).toBe(amount(5593, 14_919))
  })
})
