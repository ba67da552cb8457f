// Takes out each guard that test/rfcs and test/attack/guards name, one after the other, in a copy of the sources, and runs the test of
// its row: one that still passes proves nothing. `npm run proof` for all rows, `npm run proof -- MUST-23 5961-3 syn-cookies` for some,
// `npm run proof -- attack` for all guards against attacks.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const copies = mkdtempSync(join(tmpdir(), 'jackfield-proof-'))
process.on('exit', () => rmSync(copies, { recursive: true, force: true }))

/** Milliseconds for a run of tests, of which none takes five seconds where all is well: what takes longer does not end. */
const LONGEST = 45_000
/** The same where all is well, on whatever machine, with whatever else to do. */
const PATIENCE = 600_000

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
function target(reference) {
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  if (!reference.endsWith('.pkt')) {
    const [file, title] = reference.split(/: (.*)/)
    return { file, pattern: escaped(title) }
  }
  const [first] = readFileSync(join(root, 'test/drill/scripts', reference), 'utf8').split('\n')
  return { file: 'test/drill/drill.test.ts', pattern: escaped(first.slice(3)) }
}

/** What runs the tests of a copy, and is begun anew when it does not come back. */
class Prover {
  #copy
  #child
  #at = 'the tests'

  constructor(copy) {
    this.#copy = copy
  }

  /** What it says next, or undefined where that takes too long. */
  async #answer(longest) {
    const waiting = new AbortController()
    const { signal } = waiting
    const timer = setTimeout(() => waiting.abort(), longest)
    const said = once(this.#child, 'message', { signal }).then(([answer]) => answer)
    const ended = once(this.#child, 'exit', { signal }).then(([status, killedBy]) => {
      throw new Error(`what runs ${this.#at} has ended with ${status ?? killedBy}`)
    })
    try {
      return await Promise.race([said, ended])
    } catch (error) {
      if (error.name === 'AbortError') return undefined
      throw error
    } finally {
      clearTimeout(timer)
      waiting.abort()
    }
  }

  /** How the tests of a file ended whose titles match, after what was changed; undefined where they do not end in `longest` milliseconds. */
  async run(file, pattern, changed, longest) {
    if (this.#child === undefined) {
      const stdio = ['ignore', 'ignore', 'ignore', 'ipc']
      this.#child = fork(join(root, 'scripts/prover.mjs'), [this.#copy], {
        cwd: this.#copy,
        env: { ...process.env, TMPDIR: copies },
        stdio,
      })
      if ((await this.#answer(PATIENCE)) === undefined) throw new Error(`no tests run in ${this.#copy}`)
    }
    this.#at = `${file}: ${pattern}`
    this.#child.send({ file, pattern, changed })
    const answer = await this.#answer(longest)
    if (answer === undefined) await this.end()
    return answer
  }

  async end() {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

/** Takes the guard out of the copy; returns the files it was in, and what puts everything back. */
function takeOut(copy, { id, edits }) {
  const texts = new Map()
  for (const [file, guard, gone] of edits) {
    const path = join(copy, file)
    const text = readFileSync(path, 'utf8')
    if (text.split(guard).length !== 2) throw new Error(`${id}: ${file} has not once: ${guard}`)
    if (!texts.has(path)) texts.set(path, text)
    const without = text.replace(guard, () => gone)
    const { diagnostics } = ts.transpileModule(without, { reportDiagnostics: true })
    if (diagnostics.length > 0) throw new Error(`${id}: ${file} is no program without: ${guard}`)
    writeFileSync(path, without)
  }
  const putBack = () => {
    for (const [path, text] of texts) writeFileSync(path, text)
  }
  return { changed: [...texts.keys()], putBack }
}

/** Errors of a program that is none any more: what a test says that fails for want of the guard is another. */
const NO_PROGRAM = /^(SyntaxError|ReferenceError): /

/** What is wrong with the proof, or undefined: the test fails without the guard, and for no other reason. */
function fault({ id, test, edits }, answer) {
  // To come to no end is a failure, too.
  if (answer === undefined || answer.outOfMemory) return undefined
  const { tests, broken } = answer
  if (broken.length > 0) return `${id}: ${test} cannot be read without the guard in ${edits[0][0]}: ${broken[0]}`
  if (tests.length === 0) return `${id}: ${test} is no test`
  const failed = tests.filter(({ state }) => state === 'failed')
  if (failed.length === 0) return `${id}: ${test} passes without the guard in ${edits[0][0]}`
  const errors = failed.flatMap(({ errors }) => errors)
  if (errors.every((error) => NO_PROGRAM.test(error))) return `${id}: ${test} fails for another reason: ${errors[0]}`
  return undefined
}

/**
 * What fails with every guard in its place proves nothing, nor does what ran while a guard of a row before was still out: after its
 * rows a file's tests must pass.
 */
async function passAgain(prover, file, part, changed) {
  const answer = await prover.run(file, part.map(({ pattern }) => pattern).join('|'), changed, PATIENCE)
  const passed = (pattern) => {
    const named = (answer?.tests ?? []).filter(({ name }) => new RegExp(pattern).test(name))
    return named.length > 0 && named.every(({ state }) => state === 'passed')
  }
  return part
    .filter(({ pattern }) => !passed(pattern))
    .map(({ id, test }) => `${id}: ${test} fails with its guard, too`)
}

let done = 0
const unproven = []
async function work(number) {
  const copy = makeCopy(number)
  const prover = new Prover(copy)
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    let before = []
    for (const row of part) {
      const { changed, putBack } = takeOut(copy, row)
      const found = fault(row, await prover.run(row.file, row.pattern, [...before, ...changed], LONGEST))
      putBack()
      before = changed
      if (found !== undefined) unproven.push(found)
      done++
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${rows.length} `)
    }
    unproven.push(...(await passAgain(prover, part[0].file, part, before)))
  }
  await prover.end()
}

// Rows that share a file are one part of the work, but no more than keeps everybody busy to the end.
const parts = []
for (const row of rows.map((row) => ({ ...row, ...target(row.test) }))) {
  const open = parts.find((part) => part[0].file === row.file && part.length < 16)
  if (open === undefined) parts.push([row])
  else open.push(row)
}
parts.sort((one, other) => other.length - one.length)

await Promise.all(Array.from({ length: Math.min(availableParallelism(), parts.length) }, (_, i) => work(i)))
for (const line of unproven) process.stdout.write(`${line}\n`)
process.stdout.write(
  `${rows.length - unproven.length} of ${rows.length} guards proven: their tests fail when they are taken out\n`,
)
process.exit(unproven.length === 0 ? 0 : 1)
