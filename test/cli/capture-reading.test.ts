// `capture -r`: of a file with several interfaces, which of them each packet passed, and which way.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseFilter } from '../../src/cli/capture/capture-filter.ts'
import { type ReadingOptions, showFile } from '../../src/cli/capture/capture-reading.ts'
import { captureToFile } from '../../src/os/capture-file.ts'

let folder: string
let path: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-reading-'))
  path = join(folder, 'x.pcapng')
  const file = captureToFile(path, { epoch: 0 })
  const links = [
    { name: 'server.eth0', medium: 'ethernet', hardwareAddress: null },
    { name: 'server.\x1b[2J', medium: 'ip', hardwareAddress: null },
  ] as const
  const [ethernet, raw] = links.map((link) => file.sink(link))
  ethernet?.frame(new Uint8Array(60), 0, 60, 'out', 1)
  raw?.frame(new Uint8Array(40), 0, 40, 'in', 2)
  await file.close()
})

afterAll(() => rmSync(folder, { recursive: true }))

function places(options: ReadingOptions): string[] {
  const found: string[] = []
  showFile(path, parseFilter(''), options, (_bytes, _start, _end, medium, length, _at, place) => {
    found.push(`${place}${medium} ${length}`)
  })
  return found
}

test('lines say where a packet passed, in words that no terminal obeys', () => {
  expect(places({})).toEqual(['server.eth0 Out ethernet 60', 'server.?[2J In  ip 40'])
  expect(places({ interface: 'any', count: 1 })).toEqual(['server.eth0 Out ethernet 60'])
})

test.each(['server.eth0', 'eth0'])('-i %s: that one alone', (wanted) => {
  expect(places({ interface: wanted })).toEqual(['ethernet 60'])
})

test('-i: one that the file does not have', () => {
  expect(() => places({ interface: 'eth7' })).toThrow(
    `-i eth7: -r ${JSON.stringify(path)} has no such interface; there is server.eth0, server.?[2J, any`,
  )
})
