// A page in Chromium without a window, driven by its own protocol over a pipe: messages are JSON that a zero octet ends.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where it is: where CHROMIUM says, else where it mostly lies; or null. */
export function findChromium() {
  const { CHROMIUM } = process.env
  return (CHROMIUM === undefined ? PROGRAMS : [CHROMIUM]).find((path) => existsSync(path)) ?? null
}

const FLAGS = [
  '--headless',
  // Chromium's own sandbox refuses to run as root, as CI does; the only page it sees is ours.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
]

export class Page {
  #child
  #profile
  #session = null
  #next = 1
  #waiting = new Map()
  #text = ''

  constructor(path) {
    this.#profile = mkdtempSync(join(tmpdir(), 'jackfield-chromium-'))
    process.once('exit', () => rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 }))
    const words = [...FLAGS, `--user-data-dir=${this.#profile}`, 'about:blank']
    this.#child = spawn(path, words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
    this.#child.stdio[3].on('error', () => {})
    this.#child.stdio[4].setEncoding('utf8').on('data', (text) => this.#hear(text))
    const fail = (why) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${path}: ${why}`))
      this.#waiting.clear()
    }
    this.#child.once('error', (error) => fail(error.message))
    this.#child.once('exit', (status, signal) => fail(`ended with ${signal ?? `status ${status}`}`))
  }

  static async open(path) {
    const page = new Page(path)
    const { targetId } = await page.#send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await page.#send('Target.attachToTarget', { targetId, flatten: true })
    page.#session = sessionId
    return page
  }

  /** The value of an expression; of its promise, where it has one. */
  async evaluate(expression) {
    const order = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', order)
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  #send(method, params) {
    const id = this.#next++
    const message = { id, method, params, ...(this.#session && { sessionId: this.#session }) }
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.stdio[3].write(`${JSON.stringify(message)}\0`)
    })
  }

  #hear(text) {
    const messages = (this.#text + text).split('\0')
    this.#text = messages.pop()
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message)
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error) waiting?.reject(new Error(error.message))
      else waiting?.resolve(result)
    }
  }

  async close() {
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    if (this.#child.exitCode === null) {
      this.#child.kill()
      await ended
    }
  }
}
