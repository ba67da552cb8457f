import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Parser } from 'acorn'
import { expect, test } from 'vitest'
import { compile } from '../../lab/engine/compile.ts'
import { ProgramSyntaxError } from '../../lab/engine/syntax-tree.ts'
import { amount } from '../soak.ts'

/** What a body gives, run with these names in its scope. */
async function run(
  source: string,
  tick: (line: number) => void = () => {},
  made: (line: number, value: unknown) => void = () => {},
): Promise<unknown> {
  const code = compile(source, ['jackfield', 'other'])
  expect(code.split('\n').length).toBe(source.split('\n').length)
  const AsyncFunction = (async () => {}).constructor as new (
    ...texts: string[]
  ) => (...args: unknown[]) => Promise<unknown>
  const results: unknown[] = []
  const modules = (name: string) => ({ name, default: `default of ${name}`, a: 1, b: 2 })
  const body = new AsyncFunction('__tick', '__made', '__module', '__later', 'result', code)
  await body(
    tick,
    (line: number, value: unknown) => {
      made(line, value)
      return value
    },
    modules,
    async (name: string) => modules(name),
    (value: unknown) => results.push(value),
  )
  return results.length === 1 ? results[0] : results
}

const programs: readonly (readonly [string, string, unknown])[] = [
  ['annotations', 'const a: number = 3; let b!: string; b = "x"; result(a + b)', '3x'],
  [
    'an optional parameter',
    'function f(a?: number, b: string = "q"): string { return a + b }\nresult(f())',
    'undefinedq',
  ],
  [
    'this as a parameter',
    'function f(this: { x: number }, y: number) { return this.x + y }\nresult(f.call({ x: 1 }, 2))',
    3,
  ],
  ['this as the only parameter', 'function f(this: { x: number }) { return this.x }\nresult(f.call({ x: 1 }))', 1],
  ['generics', 'const f = async <T,>(x: T): Promise<T> => x\nresult(await f<number>(4))', 4],
  [
    'as, satisfies and !',
    'const o = { p: 1 } as unknown as { p: number } | null\nresult(o!.p + (2 satisfies number))',
    3,
  ],
  ['an old cast', 'result(<number>(<unknown>5))', 5],
  ['interfaces and aliases', 'interface A { x: number }\ntype B = A\n  | null\nresult(1)', 1],
  ['declarations', 'declare const q: number\ndeclare function g(): void\nresult(typeof q)', 'undefined'],
  ['overloads', 'function f(a: string): string\nfunction f(a: unknown) { return a + "!" }\nresult(f("a"))', 'a!'],
  [
    'classes',
    `abstract class D<T> { abstract m(): T; protected n?: number }
class C<T extends object> extends D<number> implements Iterable<number> {
  private readonly x: number = 3
  static y!: string
  declare z: number
  readonly #w = 1
  constructor(v: number) { super(); this.x += v }
  override m(): number { return this.x + this.#w }
  public static async go<U>(u: U): Promise<U> { return u }
  *[Symbol.iterator]() { yield this.m() }
}
result([...new C(2), await C.go('u'), 'z' in new C(1)])`,
    [6, 'u', false],
  ],
  [
    'members whose names are modifiers',
    'class C { readonly = 1; declare = 2; static override() { return 3 } }\nresult(new C().readonly + new C().declare + C.override())',
    6,
  ],
  ['a type predicate', 'const f = (x: unknown): x is string => typeof x === "string"\nresult(f("s"))', true],
  ['an instantiation', 'const M = Map<string, number>\nresult(new M([["a", 1]]).get("a"))', 1],
  [
    'a question mark that is not a type',
    'const a = true ? 1 : 2\nconst o: { p?: { q: number } } = {}\nresult([a, o?.p?.q ?? 7])',
    [1, 7],
  ],
  ['catch and arrow with types', 'try { throw 1 } catch (e: unknown) { result(e) }', 1],
  [
    'imports',
    "import { a, b as c, type D } from 'jackfield'\nimport all, * as o from 'other'\nimport type { E } from 'nowhere'\nresult([a, c, all, o.name])",
    [1, 2, 'default of other', 'other'],
  ],
  ['an import over lines', "import {\n  a,\n} from 'jackfield'\nresult(a)", 1],
  ['an import at run time', "result((await import('other')).name)", 'other'],
  ['exports', 'export const x = 1\nexport async function f() { return x }\nresult(await f())', 1],
  ['using', 'let closed = 0\n{ const x = 1 }\nresult(closed)', 0],
  [
    'types within what goes',
    'const f = (a: (b: number) => Array<{ c: string }>): ReturnType<typeof a> => a(1)\nresult(f(() => [{ c: "d" }])[0]!.c)',
    'd',
  ],
]

test.each(programs)('%s', async (_what, source, expected) => {
  expect(await run(source)).toEqual(expected)
})

test('each loop and each function tells its line before it goes on', async () => {
  const lines: number[] = []
  const source = `let n = 0
for (let i = 0; i < 2; i++) n++
for (const x of [1])
  n += x
while (n < 5) {
  n++ }
do n++; while (n < 7)
for (const k in { a: 1 }) if (k) n++
const f = (x: number) => ({ x })
f(1)
async function g() { return 1 }
await g()
class C { m() { return 1 } get p() { return 2 } static { n++ } }
result([n, new C().m(), new C().p])`
  expect(await run(source, (line) => lines.push(line))).toEqual([9, 1, 2])
  expect(lines).toEqual([2, 2, 3, 5, 5, 7, 7, 8, 9, 11, 13, 13])
})

test('what may be large is shown with its line once it is made, wherever it stands', async () => {
  const seen: [number, unknown][] = []
  const source = `class Point { constructor(x) { this.x = x } }
const space = { Point, of: (x) => x }
const a = [1, 2]
const b = [...a, ...a].map((x) => x + 1)
  .slice(1)
const point = new space.Point(new Array(3))
const made = () => new Array(1)
const none = undefined
for (const _ of [1]) new Point(0)
if (b) [...b]
const c = \`\${new Point(2).x}\`, d: string = 'x'.repeat(2) as string
result([a.concat(b).length, none?.list.map(a).length, point.x.length, made().length, Array(2).length, c + d, new (class { y = [...a] })().y.length])`
  const expected = [5, undefined, 3, 1, 2, '2xx', 2]
  expect(await run(source, undefined, (line, value) => seen.push([line, value]))).toEqual(expected)
  const kind = (value: unknown) => (Array.isArray(value) ? value.length : typeof value === 'string' ? value : 'object')
  expect(seen.map(([line, value]) => `${line} ${kind(value)}`)).toEqual(
    [
      '4 4',
      '4 4',
      '4 3',
      '6 3',
      '6 object',
      '9 object',
      '10 3',
      '11 object',
      '11 xx',
      '12 5',
      '7 1',
      '12 2',
      '12 2',
    ].concat('12 object'),
  )
})

const wrong: readonly (readonly [string, number, RegExp])[] = [
  ['const a = 1\nconst b = ;\n', 2, /Unexpected token/],
  ["import { x } from 'node:fs'", 1, /there is no module "node:fs" in the lab: there are jackfield, other/],
  ['\nenum E { A }', 2, /enums are not erasable: use a const object/],
  ['namespace N { export const x = 1 }', 1, /namespaces are not erasable/],
  ['class C {\n  constructor(private x: number) {}\n}', 2, /parameter properties are not erasable/],
  ["export * from 'jackfield'", 1, /exports nothing/],
  ['const x = 1\nexport { x }', 2, /exports nothing/],
  ['result(import.meta.url)', 1, /import\.meta is not here/],
  ['const x = 1\nconst x = 2', 2, /already been declared/],
  ['`', 1, /Unterminated/],
]

test.each(wrong)('%j is told of by its line', (source, line, message) => {
  let thrown: unknown
  try {
    compile(source, ['jackfield', 'other'])
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ProgramSyntaxError)
  expect((thrown as ProgramSyntaxError).message).toMatch(message)
  expect((thrown as ProgramSyntaxError).line).toBe(line)
})

// A body of TypeScript that we know to be right, and that has whatever people write: ours. (The soak takes all of it.)
test('what is left of files of this project is JavaScript, line by line', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url))
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.d)\.ts$/.test(name))
  const files = all.filter((_name, i) => i % amount(10, 1) === 0)
  expect(files.length).toBeGreaterThan(40)
  const failed: string[] = []
  for (const name of files) {
    const source = readFileSync(join(root, name), 'utf8')
    // What is for others alone is refused, as a test above says.
    if (/^export (type )?[{*]|^export default|import\.meta|export as/m.test(source)) continue
    const modules = [...source.matchAll(/(?:from|import) '([^']+)'/g)].map((match) => match[1] as string)
    try {
      const code = compile(source, modules)
      Parser.parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
      if (code.split('\n').length !== source.split('\n').length) failed.push(`${name}: lines`)
    } catch (error) {
      failed.push(`${name}: ${(error as Error).message}`)
    }
  }
  expect(failed).toEqual([])
})
