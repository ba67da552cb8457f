// Takes out each guard that test/rfcs and test/attack/guards name, one after the other, in a copy of the sources, and runs the test of
// its row: one that still passes proves nothing. `npm run proof` for all rows, `npm run proof -- MUST-23 5961-3 syn-cookies` for some,
// `npm run proof -- attack` for all guards against attacks.
import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const copies = mkdtempSync(join(tmpdir(), 'jackfield-proof-'))
process.on('exit', () => rmSync(copies, { recursive: true, force: true }))

/** A module of the tests, which Node 20 cannot import as it is, with all that is in its folder. */
function importCompiled(folder, module) {
  const compiled = join(copies, folder)
  mkdirSync(compiled, { recursive: true })
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    rewriteRelativeImportExtensions: true,
  }
  for (const name of readdirSync(join(root, folder)).filter((name) => !name.endsWith('.test.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, folder, name), 'utf8'), { compilerOptions })
    writeFileSync(join(compiled, name.replace(/ts$/, 'js')), outputText)
  }
  writeFileSync(join(compiled, 'package.json'), '{"type":"module"}')
  return import(join(compiled, module))
}

const asked = new Set(process.argv.slice(2))
const { documents } = await importCompiled('test/rfcs', 'documents.js')
const { classes } = await importCompiled('test/attack/guards', 'classes.js')
const requirements = documents
  .flatMap(({ rows }) => rows)
  .filter(({ without }) => without !== undefined)
  .map(({ id, code, without, tests }) => ({ id, edits: [[code[0], ...without]], test: tests[0] }))
const guards = classes
  .flatMap(({ guards }) => guards)
  .map(({ id, file, without, and = [], test }) => ({ id, edits: [[file, ...without], ...and], test }))
const chosen = (id, kind) => asked.size === 0 || asked.has(id) || asked.has(kind)
const rows = [
  ...requirements.filter(({ id }) => chosen(id, 'rfcs')),
  ...guards.filter(({ id }) => chosen(id, 'attack')),
]
if (rows.length === 0) {
  process.stderr.write(`nothing with a guard is called ${[...asked].join(', ')}\n`)
  process.exit(2)
}

function makeCopy(number) {
  const copy = join(copies, String(number))
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** The file that a test is in, and the pattern of its title. */
function target(copy, reference) {
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  if (!reference.endsWith('.pkt')) {
    const [file, title] = reference.split(/: (.*)/)
    return [file, escaped(title)]
  }
  const [first] = readFileSync(join(copy, 'test/drill/scripts', reference), 'utf8').split('\n')
  return ['test/drill/drill.test.ts', escaped(first.slice(3))]
}

/** Whether the test fails in the copy. Throws where it cannot be run at all. */
function fails(copy, reference) {
  const [file, pattern] = target(copy, reference)
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--project',
        'source',
        '--root',
        copy,
        // A third less than a process: these tests have none of the machine's.
        '--pool',
        'threads',
        // What was compiled for the row before, by its path and text: half of the time.
        '--experimental.fsModuleCache',
        '--experimental.fsModuleCachePath',
        join(copies, 'compiled'),
        '--reporter',
        'json',
        file,
        '-t',
        pattern,
      ],
      { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000, killSignal: 'SIGKILL' },
    )
    let text = ''
    child.stdout.on('data', (data) => {
      text += data
    })
    child.on('error', reject)
    child.on('close', (status, signal) => {
      // An endless loop is a failure, too.
      if (signal !== null) return resolve(true)
      const report = JSON.parse(text.slice(text.indexOf('{')))
      if (report.numFailedTests > 0) return resolve(true)
      if (report.numPassedTests > 0) return resolve(false)
      // The file cannot even be read, or takes its process with it.
      if (status !== 0) return resolve(true)
      reject(new Error(`${reference} is no test`))
    })
  })
}

/** Takes the guard out of the copy; returns what puts everything back. */
function takeOut(copy, { id, edits }) {
  const texts = new Map()
  for (const [file, guard, gone] of edits) {
    const path = join(copy, file)
    const text = readFileSync(path, 'utf8')
    if (text.split(guard).length !== 2) throw new Error(`${id}: ${file} has not once: ${guard}`)
    if (!texts.has(path)) texts.set(path, text)
    unlinkSync(path)
    writeFileSync(
      path,
      text.replace(guard, () => gone),
    )
  }
  return () => {
    for (const [path, text] of texts) writeFileSync(path, text)
  }
}

let done = 0
const unproven = []
async function work(number) {
  const copy = makeCopy(number)
  for (let row = rows.shift(); row !== undefined; row = rows.shift()) {
    const putBack = takeOut(copy, row)
    if (!(await fails(copy, row.test)))
      unproven.push(`${row.id}: ${row.test} passes without the guard in ${row.edits[0][0]}`)
    putBack()
    done++
    if (process.stderr.isTTY) process.stderr.write(`\r${done} proven, ${rows.length} to go `)
  }
}

const total = rows.length
await Promise.all(Array.from({ length: Math.min(availableParallelism(), total) }, (_, i) => work(i)))
for (const line of unproven) process.stdout.write(`${line}\n`)
process.stdout.write(`${total - unproven.length} of ${total} guards proven: their tests fail when they are taken out\n`)
process.exit(unproven.length === 0 ? 0 : 1)
