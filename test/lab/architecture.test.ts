import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { importsOf } from '../imports-of.ts'

const LAB = fileURLToPath(new URL('../../lab', import.meta.url))

/** The most lines a file may have, as in src. */
const LONGEST = 500

const files = readdirSync(LAB, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map(({ parentPath, name }) => join(parentPath, name))
  .map((path) => ({ path: relative(LAB, path), text: readFileSync(path, 'utf8') }))

/** By folder, the other folders of the lab that its files import from. */
function foldersOf(all: readonly { readonly path: string; readonly text: string }[]): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>()
  for (const { path, text } of all) {
    const folder = dirname(path)
    const from = folders.get(folder) ?? new Set()
    folders.set(folder, from)
    for (const specifier of importsOf(text)) {
      const other = dirname(join(folder, specifier))
      if (specifier.startsWith('.') && !other.startsWith('..') && other !== folder) from.add(other)
    }
  }
  return folders
}

/** A way from a folder back to itself; null where there is none. */
function circle(folders: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const done = new Set<string>()
  const walk = (folder: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder]
    if (done.has(folder)) return null
    for (const other of folders.get(folder) ?? []) {
      const found = walk(other, [...way, folder])
      if (found !== null) return found
    }
    done.add(folder)
    return null
  }
  for (const folder of folders.keys()) {
    const found = walk(folder, [])
    if (found !== null) return found
  }
  return null
}

const folders = foldersOf(files)

test('no two folders of the lab need each other', () => {
  expect(folders.size).toBeGreaterThan(15)
  expect(circle(folders)).toBe(null)
})

test('the engine runs without a page', () => {
  expect([...(folders.get('engine') ?? ['none'])]).toEqual([])
})

test(`no file of the lab is longer than ${LONGEST} lines`, () => {
  const long = files.map(({ path, text }) => [path, text.split('\n').length - 1] as const)
  expect(long.filter(([, lines]) => lines > LONGEST)).toEqual([])
})

test('a circle is found, whatever lies on the way', () => {
  const file = (path: string, ...names: string[]) => ({
    path,
    text: names.map((name) => `import '${name}'`).join('\n'),
  })
  const straight = [file('a/x.ts', '../b/y.ts', './z.ts'), file('b/y.ts', '../c/d/z.ts'), file('c/d/z.ts')]
  expect(circle(foldersOf(straight))).toBe(null)
  expect(circle(foldersOf([...straight, file('c/d/w.ts', '../../b/v.ts')]))).toEqual(['b', 'c/d', 'b'])
})
