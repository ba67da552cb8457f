// What the inspector of packets knows: notes of all fields, checksums as they are computed, sequence numbers from the first on.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import { checksumWork, hasChecksum } from '../../lab/page/packets/checksum-work.ts'
import { bitsOf, FIELD_NOTES, noteOf } from '../../lab/page/packets/field-notes.ts'
import { relative, sequenceBase } from '../../lab/page/state/sequence-base.ts'
import { describeLayers } from '../../src/wire/describe.ts'
import type { DescribedLayer } from '../../src/wire/describe-layer.ts'
import { readCorpus } from '../wire/corpus.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

const WIRE = fileURLToPath(new URL('../../src/wire/', import.meta.url))
const corpus = readCorpus()

function layersOf(bytes: Uint8Array): DescribedLayer[] {
  return describeLayers(bytes, 0, bytes.length, 'ethernet')
}

test('each name that is given to a field in src/wire has a note', () => {
  const all = new Set(Object.values(FIELD_NOTES).flatMap((notes) => Object.keys(notes)))
  const names = readdirSync(WIRE)
    .filter((file) => file.startsWith('describe'))
    .flatMap((file) => [...readFileSync(WIRE + file, 'utf8').matchAll(/\.field\(\s*'([^']+)'/g)])
    .map(([, name]) => name as string)
  expect(names.length).toBeGreaterThan(80)
  expect(names.filter((name) => name !== 'cut off' && !all.has(name))).toEqual([])
})

test('each field of each packet of the corpus has a note for its layer', () => {
  const without = new Set<string>()
  for (const { bytes } of corpus) {
    for (const { layer, fields } of layersOf(bytes)) {
      for (const { name, value } of fields) if (noteOf(layer, name, value) === null) without.add(`${layer}: ${name}`)
    }
  }
  expect([...without]).toEqual([])
})

test('a note names a section, and a kind of option of TCP has one of its own', () => {
  for (const notes of Object.values(FIELD_NOTES)) {
    for (const [note, source] of Object.values(notes)) {
      expect(note).toMatch(/\.$/)
      expect(source).toMatch(/^(RFC \d+|IEEE 802)/)
    }
  }
  expect(noteOf('TCP', 'option', 'wscale 7')?.[1]).toBe('RFC 7323 2')
  expect(noteOf('quoted TCP', 'option', 'sack 1 {1:2}')?.[1]).toBe('RFC 2018 3')
})

test('fields that are part of their octets are shown by their bits', () => {
  expect(bitsOf('IPv4', 'version', Uint8Array.of(0x45))).toBe('0100 ····')
  expect(bitsOf('IPv4', 'flags', Uint8Array.of(0x40))).toBe('010· ····')
  expect(bitsOf('TCP', 'flags', Uint8Array.of(0xa0, 0x12))).toBe('···· ···0 0001 0010')
  expect(bitsOf('TCP', 'window', Uint8Array.of(1, 2))).toBe('')
})

// What describeLayers says of the same checksum was computed by other code.
test('checksums of all packets of the corpus, damaged ones too, come out as the stack says', () => {
  const seen = new Map<string, number>()
  const wrong: string[] = []
  for (const { bytes } of corpus) {
    for (const damage of [false, true]) {
      const frame = bytes.slice()
      if (damage) frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 0x10
      const layers = layersOf(frame)
      layers.forEach((layer, place) => {
        const said = layer.fields.find(({ name }) => name.endsWith('checksum'))?.value ?? ''
        if (!hasChecksum(layer) || said === '') return
        const work = checksumWork(frame, layers, place)
        const mine = typeof work === 'string' ? 'unknown' : work.verdict
        const told = said.includes('(correct)')
          ? 'right'
          : said.includes('(incorrect')
            ? 'wrong'
            : said.includes('none')
              ? 'none'
              : 'unknown'
        seen.set(`${layer.layer} ${mine}`, (seen.get(`${layer.layer} ${mine}`) ?? 0) + 1)
        if (mine !== told) wrong.push(`${layer.layer}: ${mine}, but ${said}`)
        if (typeof work !== 'string' && told === 'wrong')
          expect(said).toContain(`should be 0x${work.complement.toString(16).padStart(4, '0')}`)
      })
    }
  }
  expect(wrong).toEqual([])
  for (const layer of ['IPv4', 'TCP', 'UDP', 'ICMP', 'ICMPv6']) expect(seen.get(`${layer} right`)).toBeGreaterThan(0)
  for (const layer of ['TCP', 'UDP', 'ICMP']) expect(seen.get(`${layer} wrong`)).toBeGreaterThan(0)
})

test('the words of RFC 1071’s own example add up to its sum, carries put back', () => {
  // Its four words as the data of a UDP datagram from nowhere to nowhere, so that they alone matter.
  const frame = Uint8Array.from([
    ...[0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00],
    ...[0x45, 0, 0, 36, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 16, 0, 1],
    ...[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7],
  ])
  const layers = layersOf(frame)
  const work = checksumWork(
    frame,
    layers,
    layers.findIndex(({ layer }) => layer === 'UDP'),
  )
  if (typeof work === 'string') throw new Error(work)
  const data = work.words.slice(-4)
  expect(data.map(({ value }) => value)).toEqual([0x0001, 0xf203, 0xf4f5, 0xf6f7])
  expect(data.map(({ carried }) => carried)).toEqual([false, false, true, true])
  // ddf2 is the sum of the four; protocol and the two lengths, 17 + 16 + 16, come to it.
  expect(work.sum).toBe(0xddf2 + 17 + 16 + 16)
  expect(work.words.filter(({ at }) => at < 0).map(({ what }) => what)).toEqual([
    'source address',
    'source address',
    'destination address',
    'destination address',
    'zero and protocol',
    'length',
  ])
  expect(work.verdict).toBe('wrong')
})

test('sequence numbers of a run count from the SYN of their direction', async () => {
  const run = new LabRun(
    twoHosts([
      ['bob', 'server', upperServer],
      ['alice', 'client', upperClient],
    ]),
  )
  await run.advance(100)
  const { frames } = run.take()
  const syn = frames.find(({ text }) => text.includes('[S]'))
  const data = frames.findIndex(({ text }) => /seq \d+:\d+/.test(text))
  if (syn === undefined || data < 0) throw new Error('there is no such frame')
  const { flow, text } = frames[data] as (typeof frames)[number]
  const base = sequenceBase(frames, flow, data)
  expect(syn.text).toContain(`seq ${base},`)
  expect(relative(Number(/seq (\d+)/.exec(text)?.[1]), base)).toBe(1)
  expect(relative(3, 0xfffffffe)).toBe(5)
  expect(sequenceBase(frames, 'nobody:1 nobody:2', data)).toBe(-1)
  expect(relative(1, -1)).toBe(null)
  run.close()
})
