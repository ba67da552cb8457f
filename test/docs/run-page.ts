// Runs a page: every block of it, in order, in one folder, in a network of its own where that can be made.

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Namespace } from '../interop/namespace.ts'
import { readConsole, type Step } from './console.ts'
import { isExpected } from './expected.ts'
import type { Block, Page } from './page.ts'
import { type Place, Terminal } from './terminal.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ECOSYSTEM = join(root, 'test/ecosystem/node_modules')
const FILE = /^file=([\w./-]+)$/
const NAMED = /^\/\/ ([\w./-]+\.[cm]?[jt]s)\n/

/** The name of the file that a block is, if it is one. */
function fileOf({ language, info, code }: Block): string | undefined {
  return FILE.exec(info)?.[1] ?? (language === 'js' || language === 'ts' ? NAMED.exec(code)?.[1] : undefined)
}

/** What runs a page; `name` is for its folder and for messages. */
export class PageRun {
  readonly #name: string
  /** The page's folder lies in it, beside what programs of the page import. */
  readonly #whole: string
  /** Where stacks show their sockets: those of other pages are none of this one's. The path of a checkout may be too long for theirs. */
  readonly #runtime = mkdtempSync(join(tmpdir(), 'jackfield-page-'))
  readonly #terminals = new Map<string, Terminal>()
  readonly #namespace: Namespace | null
  readonly #place: Place
  #programs = 0
  /** Whether the block before was a program, and so what stands here is what it prints. */
  #told = false

  /** `own`: whether the page gets a network of its own, for which one must be root. */
  constructor(name: string, own: boolean) {
    this.#name = name
    // Below the checkout, where 'jackfield' is this package.
    mkdirSync(join(root, 'tmp'), { recursive: true })
    this.#whole = mkdtempSync(join(root, 'tmp', `${basename(name, '.md')}-`))
    const folder = join(this.#whole, 'page')
    mkdirSync(folder)
    // Packages that programs of others need: the drivers that test/ecosystem runs.
    if (existsSync(ECOSYSTEM)) symlinkSync(ECOSYSTEM, join(this.#whole, 'node_modules'))
    this.#namespace = own ? new Namespace() : null
    const path = [join(root, 'bin'), join(root, 'test/docs/bin'), dirname(process.execPath), process.env['PATH']]
    const { JACKFIELD_ON: _, NODE_OPTIONS: __, ...environment } = process.env
    for (const variable of Object.keys(environment)) if (variable.startsWith('VITEST')) delete environment[variable]
    this.#place = {
      folder,
      environment: {
        ...environment,
        PATH: path.join(delimiter),
        TZ: 'UTC',
        LC_ALL: 'C.UTF-8',
        NODE_ENV: '',
        XDG_RUNTIME_DIR: this.#runtime,
      },
      within: this.#namespace === null ? [] : ['ip', 'netns', 'exec', this.#namespace.name],
    }
  }

  /** `used`: pages whose files are there before. */
  async run({ blocks }: Page, used: readonly Page[] = []): Promise<void> {
    for (const block of used.flatMap((page) => page.blocks)) {
      const file = fileOf(block)
      if (file !== undefined) this.#write(file, block.code)
    }
    for (const [i, block] of blocks.entries()) {
      const next = blocks[i + 1]
      try {
        await this.#block(block, next?.language === 'text' && next.info === '' && next.adjacent ? next.code : null)
      } catch (error) {
        throw new Error(`${this.#name}:${block.line}: ${(error as Error).message}${this.#others()}`)
      }
    }
  }

  /** Ends what still runs, and takes the folder and the network away. */
  async close(): Promise<void> {
    for (const terminal of this.#terminals.values()) terminal.signal('SIGKILL')
    await Promise.all([...this.#terminals.values()].map((terminal) => terminal.end()))
    await this.#namespace?.close()
    for (const path of [this.#whole, this.#runtime]) rmSync(path, { recursive: true })
  }

  async #block(block: Block, prints: string | null): Promise<void> {
    const { language, info, code } = block
    const file = fileOf(block)
    if (file !== undefined) return this.#write(file, code)
    if (info !== '') throw new Error(`"${info}" behind ${language}: what a block is told is file=NAME alone`)
    if (language === 'js' || language === 'ts') {
      this.#told = prints !== null
      return this.#program(language, code, prints)
    }
    if (language === 'sh') return this.#shell(code)
    if (language === 'text' && this.#told) {
      this.#told = false
      return
    }
    if (language !== 'console') throw new Error(`nobody runs a block of kind "${language}" here`)
    for (const step of readConsole(code, block.line)) {
      await this.#step(step).catch((error: Error) => {
        const told = step.expected === '' ? '' : `\nthe page says:\n${step.expected}`
        throw new Error(`line ${step.line}, ${step.terminal}$ ${step.text}: ${error.message}${told}`)
      })
    }
  }

  /** What terminals have printed that nobody has looked at: the reason may be there. */
  #others(): string {
    const said = [...this.#terminals].filter(([, { unseen }]) => unseen.trim() !== '')
    return said.map(([name, { unseen }]) => `\nin ${name} there is:\n${unseen}`).join('')
  }

  #write(file: string, code: string): void {
    const path = join(this.#place.folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, code)
  }

  async #program(language: string, code: string, prints: string | null): Promise<void> {
    const file = `program-${++this.#programs}.mjs`
    this.#write(file, language === 'ts' ? await javascript(code) : code)
    await this.#toItsEnd(`exec node ${file}`, prints, true)
  }

  /** What it starts in the background goes on, and must not be waited for: its output goes to nobody. */
  #shell(code: string): Promise<void> {
    this.#write('.block.sh', code)
    return this.#toItsEnd(
      'bash -e -o pipefail .block.sh > .block.out 2>&1 || { s=$?; cat .block.out; exit $s; }',
      null,
      true,
    )
  }

  async #toItsEnd(script: string, prints: string | null, well: boolean): Promise<void> {
    const terminal = new Terminal(this.#place, script)
    terminal.closeInput()
    const status = await terminal.end()
    if (well && status !== 0) throw new Error(`it ended with ${status}, and had printed:\n${terminal.unseen}`)
    if (prints !== null && !isExpected(prints, terminal.unseen)) {
      throw new Error(`it printed:\n${terminal.unseen}the page says:\n${prints}`)
    }
  }

  async #step({ terminal: name, does, text, expected }: Step): Promise<void> {
    if (name === '') return this.#toItsEnd(text, expected, expected.trim() === '')
    let terminal = this.#terminals.get(name)
    if (does === 'run') {
      if (terminal !== undefined && !(await terminal.leaves())) {
        throw new Error('what was started there before is still running')
      }
      terminal = new Terminal(this.#place, text)
      this.#terminals.set(name, terminal)
    }
    if (terminal === undefined) throw new Error('nothing was started there')
    if (does === 'type') terminal.type(text)
    if (does === 'end') terminal.closeInput()
    if (does !== 'interrupt') return terminal.shows(expected)
    terminal.signal('SIGINT')
    await terminal.end()
    await terminal.shows(expected)
    if (terminal.unseen.trim() !== '') throw new Error(`it printed as well:\n${terminal.unseen}`)
  }
}

/** Node 20 runs no TypeScript. */
async function javascript(code: string): Promise<string> {
  const { default: ts } = await import('typescript')
  const { ESNext } = ts.ScriptTarget
  return ts.transpileModule(code, { compilerOptions: { target: ESNext, module: ts.ModuleKind.ESNext } }).outputText
}
