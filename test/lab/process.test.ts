import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import { SOAKING } from '../soak.ts'
import { twoHosts } from './two-hosts.ts'

/** What a program on alice prints and how it ends, in a network where nobody else does anything. */
async function output(source: string, until = 1000): Promise<{ lines: string[]; run: LabRun }> {
  const run = new LabRun(twoHosts([['alice', 'program', source]]))
  await run.advance(until)
  const lines = run
    .take()
    .output.map(({ at, kind, text, line }) => `${at} ${kind} ${text}${line === 0 ? '' : ` line ${line}`}`.trim())
  return { lines: lines.slice(1), run }
}

const socket = "import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'\nimport { os } from 'jackfield/os'\n"

const ends: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing', '', ['0 ended']],
  [
    'texts and values',
    "console.log('a', 1, { b: [1n, null] }, new Uint8Array(2))\nconsole.error(new Error('x'))",
    ['0 out a 1 { b: [ 1n, null ] } Uint8Array(2) [ 0, 0 ]', '0 error Error: x', '0 ended'],
  ],
  ['a timer, which keeps it alive', "setTimeout(() => console.log('later'), 300)", ['300 out later', '300 ended']],
  [
    'an interval that is cleared',
    'let n = 0\nconst timer = setInterval(() => { if (++n === 3) clearInterval(timer) }, 10)',
    ['30 ended'],
  ],
  ['an immediate', "setImmediate(() => console.log('now'))", ['0 out now', '0 ended']],
  [
    'time and chance of its own',
    'console.log(Date.now() - Date.UTC(2025, 0, 1), performance.now(), Math.random() === Math.random())',
    ['0 out 0 0 false', '0 ended'],
  ],
  [
    'an error, by its line',
    "const a = 1\nfunction f() {\n  throw new TypeError('no')\n}\nf()",
    ['0 failed TypeError: no line 3'],
  ],
  [
    'an error behind an await',
    'await new Promise((done) => setTimeout(done, 5))\nnull!.x',
    ["5 failed TypeError: Cannot read properties of null (reading 'x') line 2"],
  ],
  ['what is no error', 'throw 3', ['0 failed 3']],
  ['a wrong word, by its line', 'const a = 1\nconst = 2', ['0 failed SyntaxError: Unexpected token line 2']],
  [
    'a module that is not there',
    "\nimport fs from 'node:fs'",
    [
      '0 failed SyntaxError: there is no module "node:fs" in the lab: there are jackfield, jackfield/os, jackfield/node line 2',
    ],
  ],
  [
    'a name that its module has not',
    "import { AF_INET } from 'jackfield'\nimport {\n  Sockett } from 'jackfield'",
    [
      "0 failed SyntaxError: the module 'jackfield' has no export named Sockett; a type is imported by import type line 2",
    ],
  ],
  [
    'an end that is too early',
    'if (true) {\n  console.log(1)\n',
    ['0 failed SyntaxError: the program ends here, and a bracket is still open line 3'],
  ],
  [
    'more than is shown',
    'console.log(new Uint8Array(2 ** 24), new Set(Array.from({ length: 60 }, (_, i) => i)))',
    [
      `0 out Uint8Array(16777216) [ ${Array(50).fill(0).join(', ')}, … 16777166 more ] Set(60) { ${Array.from({ length: 50 }, (_, i) => i).join(', ')}, … 10 more }`,
      '0 ended',
    ],
  ],
  [
    'what would tell of the machine',
    'console.log(typeof Intl, typeof WebAssembly, typeof Blob, typeof CompressionStream)',
    ['0 out undefined undefined undefined undefined', '0 ended'],
  ],
  [
    'a module that is not there, later',
    "await import('node:fs')",
    [
      "0 failed TypeError: there is no module 'node:fs' in the lab: there are jackfield, jackfield/os, jackfield/node line 1",
    ],
  ],
  [
    'ways out of the lab',
    "console.log(typeof fetch, typeof self, typeof process, typeof postMessage, typeof globalThis.fetch, Object.keys(globalThis).includes('console'))",
    ['0 out undefined undefined undefined undefined undefined true', '0 ended'],
  ],
]

test.each(ends)('a program with %s', async (_what, source, expected) => {
  expect((await output(source)).lines).toEqual(expected)
})

const endless: readonly (readonly [string, string, number])[] = [
  ['a loop', 'let n = 0\nfor (;;)\n  n++', 2],
  ['a loop that catches', 'while (true) {\n  try { for (;;) {} } catch {}\n}', 2],
  ['microtasks', 'async function f(): Promise<void> {\n  await null\n  return f()\n}\nawait f()', 1],
  ['awaiting nothing', 'while (true) await null', 1],
  [
    'calls of each other',
    'const f = (n: number): number => n === 0 ? 0 : g(n - 1)\nconst g = (n: number): number => f(n)\nfor (const _ of [1]) while (f(9) === 0);',
    1,
  ],
]

// Each round of microtasks takes a microsecond: the soak has all.
test.each(endless.filter(([what]) => SOAKING || what !== 'microtasks'))(
  'a program that goes round without end is stopped, and where is told: %s',
  async (_what, source, line) => {
    const { lines, run } = await output(source)
    expect(lines.length).toBe(1)
    expect(lines[0]).toMatch(/^0 stopped went round \d+ times at one instant without waiting for anything line \d+$/)
    expect(Math.abs(Number(/line (\d+)$/.exec(lines[0] ?? '')?.[1]) - line)).toBeLessThanOrEqual(1)
    // Others go on.
    expect(run.now).toBe(1000)
  },
)

const hoards: readonly (readonly [string, string, RegExp])[] = [
  [
    'buffers, of which one is too large',
    '\nnew Uint8Array(600 * 2 ** 20)',
    /^0 stopped holds more memory .* 512 MiB line 2$/,
  ],
  [
    'buffers, one each millisecond',
    'const kept = []\nfor (;;) {\n  kept.push(new Uint8Array(2 ** 24))\n  await new Promise((done) => setTimeout(done, 1))\n}',
    /^32 stopped holds more memory .* line 3$/,
  ],
  [
    'a list that is doubled',
    'let list = [1]\nfor (;;) list = [...list, ...list]',
    /^0 stopped holds more memory .* line 2$/,
  ],
  ['lists', 'const kept = []\nfor (;;) kept.push(new Array(1e6))', /^0 stopped holds more memory .* line 2$/],
  [
    'a text that is doubled',
    "let text = 'x'\nfor (;;) text += text",
    /^0 failed RangeError: Invalid string length line 2$/,
  ],
  ['texts', "const kept = []\nfor (;;)\n  kept.push('x'.repeat(2 ** 20))", /^0 stopped holds more memory .* line 3$/],
  [
    'small things, and hardly waits',
    'let n = 0\nfor (;;) {\n  for (let i = 0; i < 1e6; i++)\n    n++\n  await new Promise((done) => setTimeout(done, 1))\n}',
    /^1\d stopped went round \d+ times and hardly waited for anything line [23]$/,
  ],
]

// Half a gigabyte of numbers takes a second or two.
test.each(hoards.filter(([what]) => SOAKING || (!what.startsWith('a list') && what !== 'lists')))(
  'a program that makes without end is stopped by its line: %s',
  async (_what, source, last) => {
    const { lines, run } = await output(source)
    expect(lines.length).toBe(1)
    expect(lines[0]).toMatch(last)
    expect(run.now).toBe(1000)
  },
)

test('a program that lets go of what it has made is left alone', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const source =
    'for (let i = 0; i < 300; i++) {\n  new Uint8Array(2 ** 22)\n  await new Promise((done) => setTimeout(done, 1))\n}'
  const run = new LabRun(twoHosts([['alice', 'program', source]]))
  // More than twice what a program may hold. What was collected is known when others have had their turn.
  for (let at = 0; at <= 400; at += 50) {
    await run.advance(at)
    collect()
    await setImmediate()
  }
  expect(run.take().output.map(({ at, kind }) => `${at} ${kind}`)).toEqual(['0 started', '300 ended'])
})

test('a program that sends without end at one instant is stopped', async () => {
  const { lines } = await output(
    `${socket}const a = new Socket(os, AF_INET, SOCK_DGRAM)\nconst bytes = new Uint8Array(1000)\nfor (;;)\n  void a.sendto(bytes, { address: '10.0.1.2', port: 7 })`,
  )
  expect(lines.length).toBe(1)
  expect(lines[0]).toMatch(/^0 stopped made 20001 calls at one instant without waiting for anything line [56]$/)
})

test('a program that prints without end is stopped', async () => {
  const { lines } = await output(
    "for (;;) {\n  console.log('x')\n  await new Promise((done) => setTimeout(done, 0.001))\n}",
    20_000,
  )
  expect(lines.at(-1)).toMatch(/stopped printed more than 10000 lines/)
  expect(lines.length).toBe(10_001)
})

test('a program that never ends but waits is left alone', async () => {
  const source =
    'for (let n = 0; ; n++) {\n  if (n % 500 === 0) console.log(n)\n  await new Promise((done) => setTimeout(done, 1))\n}'
  expect((await output(source)).lines).toEqual(['0 out 0', '500 out 500', '1000 out 1000'])
})

test('it lives as long as it has sockets, which are closed when it ends, however that is', async () => {
  const { lines, run } = await output(
    `${socket}const a = new Socket(os, AF_INET, SOCK_DGRAM)\na.bind({ address: '', port: 7 })`,
  )
  expect(lines).toEqual([])
  expect(run.sockets('alice').map(({ localPort }) => localPort)).toEqual([7])
  const failed = await output(
    `${socket}const a = new Socket(os, AF_INET, SOCK_DGRAM)\na.bind({ address: '', port: 7 })\nthrow new Error('out')`,
  )
  expect(failed.lines).toEqual(['0 failed Error: out line 5'])
  expect(failed.run.sockets('alice')).toEqual([])
})

test('what a timer throws ends the program, as what nobody has caught of a promise does', async () => {
  const { lines } = await output("setInterval(() => {}, 7)\nsetTimeout(() => {\n  throw new Error('at once') }, 9)")
  expect(lines).toEqual(['9 failed Error: at once line 3'])
  const { lines: none, run } = await output('globalThis.keep = 1')
  expect(none).toEqual(['0 failed TypeError: Cannot add property keep, object is not extensible line 1'])
  expect(run.rejected(new Error('of somebody else'))).toBe(false)
})
