// Master files: whatever a text holds, it is refused with a line, or is records that can be written and read again as the same; and a
// zone of them has an answer to every question.

import { readMasterFile } from '../../src/services/names/master-file.ts'
import { MasterFileError } from '../../src/services/names/master-lines.ts'
import { decodeMessage, encodeMessage } from '../../src/services/names/message.ts'
import { Zone } from '../../src/services/names/zone.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { damaged, octetsTarget } from '../octets.ts'
import type { Target } from '../target.ts'

const NAMES = [
  '@',
  'a',
  'b.a',
  '*',
  '*.b',
  'x.*',
  'c.example.',
  'sub',
  'deep.er.sub',
  '\\@',
  '\\066',
  'old',
  'x.old',
  '.',
  'é',
]
const LINES = [
  'TXT "a b" c "" \\200',
  'A 192.0.2.1',
  'AAAA 2001:db8::1',
  'MX 10 b',
  'SRV 1 2 3 c',
  'CAA 0 issue "ca"',
  'TYPE65280 \\# 3 0a 0b0c',
  'A \\# 4 0a000001',
]
const ALIASES = [
  'CNAME a',
  'CNAME x.old',
  'CNAME far.test.',
  'DNAME sub',
  'NS ns.sub',
  'NS far.test.',
  'SOA a b 1 2 3 4 5',
]
const PARTS = [
  '(',
  ')',
  '"',
  ';',
  '\\',
  '\n',
  ' ',
  '$ORIGIN ',
  '$TTL ',
  '$INCLUDE x',
  '\\#',
  '1h',
  '99999999999',
  'IN',
  'CH',
  'x'.repeat(64),
]

function make(chance: Chance): Uint8Array {
  let text = chance.oneIn(10) ? '' : '$ORIGIN example.\n$TTL 60\n@ SOA ns h ( 1 2 3\n 4 5 )\n NS ns\n'
  for (let i = chance.below(12); i > 0; i--) {
    const owner = chance.oneIn(4) ? '' : chance.pick(...NAMES)
    const time = chance.pick('', '', '5 ', 'IN ', 'IN 1h ', '7 IN ')
    text += `${owner} ${time}${chance.oneIn(4) ? chance.pick(...ALIASES) : chance.pick(...LINES)}\n`
    if (chance.oneIn(10)) text += chance.pick(...PARTS)
  }
  const bytes = new TextEncoder().encode(text)
  return chance.oneIn(2) ? damaged(bytes, chance) : bytes
}

/** Reads a master file, and asks the zone that it is about its own names and about others. */
function take(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes)
  try {
    for (const { record } of readMasterFile(text)) {
      const again = decodeMessage(encodeMessage({ id: 1, answers: [record] })).answers[0]
      if (JSON.stringify(again) !== JSON.stringify({ ...again, ...record })) {
        throw new Error(`read as ${JSON.stringify(record)}, written and read as ${JSON.stringify(again)}`)
      }
    }
    const zone = Zone.parse(text)
    for (const { name } of zone.records) {
      for (const asked of [name, `x.${name}`, `y.x.${name}`])
        for (const type of ['A', 'ANY', 'CNAME']) zone.find(asked, type)
    }
  } catch (error) {
    if (!(error instanceof MasterFileError)) throw error
  }
}

export const ZONE: Target = octetsTarget('zone', 2000, make, take)
