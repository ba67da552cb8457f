import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('..', import.meta.url))

/** How long a lane may be silent beyond the seconds that it measures. */
const PATIENCE = 180_000

/**
 * A lane in its process: `program` below bench/, `args`, `pins` to the processors of which it is bound, `flags` of Node,
 * the command that it runs `under`, `patience` where it takes longer. It learns of `dist`, the build that it measures, and of its pins by its environment.
 */
export class Lane {
  #child
  #patience
  #words
  #errors = ''
  #ended

  constructor({ program, args = [], pins = null, flags = [], under = [], patience = PATIENCE }, dist) {
    const words = [...under, process.execPath, ...flags, join(bench, program), ...args]
    if (pins !== null) words.unshift('taskset', '-c', [...new Set(pins)].join(','))
    const [command, ...rest] = words
    const env = { ...process.env, JACKFIELD_DIST: dist, BENCH_PINS: pins?.join(',') ?? '' }
    this.#child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'], env })
    this.#patience = patience
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-4000)
    })
    this.#child.stdin.on('error', () => {})
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message))
      this.#child.once('close', (status, signal) => resolve(`ended with ${signal ?? `status ${status}`}`))
    })
    this.#words = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async ready() {
    await this.#word(this.#patience)
  }

  /** The value of one round. */
  async measure(order) {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`)
    const { value } = await this.#word(order.seconds * 10_000 + this.#patience)
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new Error(`answered ${JSON.stringify(value)}, not a number`)
    return value
  }

  async #word(patience) {
    let timer = null
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ late: true }), patience)
    })
    const { value: line, done, late: isLate } = await Promise.race([this.#words.next(), late])
    clearTimeout(timer)
    if (isLate) throw new Error(`no answer in ${patience / 1000} s${this.#said()}`)
    if (done) throw new Error(`${await this.#ended}${this.#said()}`)
    const word = JSON.parse(line)
    if (word.error !== undefined) throw new Error(word.error + this.#said())
    return word
  }

  /** The last lines of its standard error, which say more than a status. */
  #said() {
    const lines = this.#errors.trim().split('\n').filter(Boolean)
    return lines.length > 0 ? `: ${lines.slice(-3).join(' | ')}` : ''
  }

  kill() {
    this.#child.kill('SIGKILL')
  }

  /** Lets it end by itself; kills it where it does not. */
  async close() {
    this.#child.stdin.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await this.#ended
    clearTimeout(timer)
  }
}
