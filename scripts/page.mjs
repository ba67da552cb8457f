// A program for browsers as one file: what a page's own bundler would make of it and of the package.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const PROGRAM = 'program.mjs'

/**
 * The text of an ES module that runs the program `text`, which imports 'jackfield' and its like, on dist/ (npm run build). Minified as
 * bundlers do by themselves: no names of properties change.
 */
export async function bundlePage(text, { minify = true } = {}) {
  const [{ code }] = await chunksOf(text, join(root, 'dist/index.js'), minify, true)
  return code
}

/** The same of src/, a file for each room: `roomOf` says it of a module's path in src/. */
export async function bundleRooms(text, roomOf) {
  const src = join(root, 'src')
  const name = (id) => (id.startsWith(src) ? roomOf(id.slice(src.length + 1)) : null)
  return chunksOf(text, join(src, 'index.ts'), true, {
    groups: [{ name, debugName: 'room', includeDependenciesRecursively: false }],
  })
}

async function chunksOf(text, entry, minify, codeSplitting) {
  const folder = dirname(entry)
  const build = await rolldown({
    input: PROGRAM,
    platform: 'browser',
    cwd: root,
    resolve: {
      alias: {
        'jackfield/web': join(folder, `adapters/web${entry.slice(-3)}`),
        'jackfield/names': join(folder, `services/names/index${entry.slice(-3)}`),
        jackfield: entry,
      },
    },
    preserveEntrySignatures: false,
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === PROGRAM ? join(root, PROGRAM) : null),
        load: (id) => (id === join(root, PROGRAM) ? { code: text, moduleSideEffects: true } : null),
      },
    ],
  })
  const { output } = await build.generate({
    format: 'esm',
    minify,
    comments: false,
    codeSplitting,
    strictExecutionOrder: codeSplitting !== true,
  })
  await build.close()
  return output
}
