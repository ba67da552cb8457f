// jackfield lab as it is run: what it prints, serves and ends with.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { COMMAND } from '../interop/served.ts'
import { twoHosts } from '../lab/two-hosts.ts'

let folder: string
const running: Lab[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-lab-'))
})

afterEach(async () => {
  for (const lab of running.splice(0)) await lab.end('SIGKILL')
})

afterAll(() => rmSync(folder, { recursive: true }))

/** A command that runs. */
class Lab {
  stdout = ''
  stderr = ''
  readonly #process: ChildProcess
  readonly #ended: Promise<number | null>
  #heard = () => {}

  constructor(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(COMMAND, words, {
      cwd: folder,
      env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', ...env },
    })
    this.#process.stdout?.setEncoding('utf8').on('data', (part: string) => this.#hears('stdout', part))
    this.#process.stderr?.setEncoding('utf8').on('data', (part: string) => this.#hears('stderr', part))
    this.#ended = new Promise((resolve) => this.#process.once('close', (status) => resolve(status)))
    running.push(this)
  }

  #hears(stream: 'stdout' | 'stderr', part: string): void {
    this[stream] += part
    this.#heard()
  }

  /** What a stream says once it matches. */
  saying(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      this.#heard = () => {
        const match = pattern.exec(this[stream])
        if (match !== null) resolve(match)
      }
      this.#heard()
    })
  }

  async url(): Promise<string> {
    const [url] = await this.saying('stdout', /http:\S+/)
    return url
  }

  get ended(): Promise<number | null> {
    return this.#ended
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    this.#process.kill(signal)
    return this.#ended
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'it says where it serves the page, until %s, and ends quietly',
  async (signal) => {
    const lab = new Lab(['lab'])
    const url = await lab.url()
    expect(lab.stdout).toMatch(/^The lab is at http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/\nCtrl-C ends it\.\n$/)
    const page = await (await fetch(url)).text()
    expect(page).toContain('<title>Jackfield Lab</title>')
    const [, script = ''] = /<script[^>]* src="(\.\/[^"]+)"/.exec(page) ?? []
    const loaded = await fetch(new URL(script, url))
    expect([loaded.status, loaded.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(await lab.end(signal)).toBe(0)
    expect(lab.stderr).toBe('')
    await expect(fetch(url)).rejects.toThrow()
  },
)

test('a browser is opened, with an address that leads to the page once; none is with --no-open', async () => {
  const bin = join(folder, 'bin')
  const asked = join(folder, 'asked')
  // What opens addresses on a desktop, in place of the desktop: it says what it was asked to open.
  mkdirSync(bin)
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > ${asked}\nexit 3\n`)
  chmodSync(join(bin, 'xdg-open'), 0o755)
  const env = { DISPLAY: ':0', PATH: `${bin}${delimiter}${process.env['PATH']}` }
  const lab = new Lab(['lab'], env)
  const url = await lab.url()
  await lab.saying('stderr', /\n/)
  expect(lab.stderr).toBe(
    'jackfield: no browser was opened, since xdg-open has failed with status 3: open the address yourself\n',
  )
  const opened = readFileSync(asked, 'utf8').trim()
  expect(opened).not.toContain(new URL(url).pathname.slice(1, -1))
  expect((await fetch(opened)).url).toBe(url)
  rmSync(asked)
  const closed = new Lab(['lab', '--no-open'], env)
  await closed.url()
  await closed.end('SIGTERM')
  expect(closed.stderr).toBe('')
  expect(() => readFileSync(asked)).toThrow('ENOENT')
})

test('a scenario from a file is served beside the page, as it is when it is asked for', async () => {
  const path = join(folder, 'two.json')
  writeFileSync(path, JSON.stringify(twoHosts([])))
  const lab = new Lab(['lab', 'two.json'])
  const url = await lab.url()
  expect(url).toMatch(/\/#file$/)
  const asked = new URL('scenario.json', url)
  expect(await (await fetch(asked)).json()).toMatchObject({ name: 'two hosts' })
  writeFileSync(path, JSON.stringify({ ...twoHosts([]), name: 'others' }))
  expect(await (await fetch(asked)).json()).toMatchObject({ name: 'others' })
})

describe('what cannot be is told in one line', () => {
  test.each([
    [
      'a field that cannot be',
      JSON.stringify({ version: 1, links: [{ between: ['a', 'b'] }] }),
      'is no scenario of the lab: links[0].between[0] must be the name of a node, got "a"',
    ],
    ['no JSON', 'x', 'is no scenario of the lab: '],
    ['nothing', '', 'is no scenario of the lab: '],
  ])('a file with %s', async (_what, text, message) => {
    writeFileSync(join(folder, 'broken.json'), text)
    const lab = new Lab(['lab', 'broken.json'])
    expect(await lab.ended).toBe(2)
    expect(lab.stderr).toMatch(/^jackfield: .*\n$/)
    expect(lab.stderr).toContain(`jackfield: "broken.json" ${message}`)
    expect(lab.stdout).toBe('')
  })

  test.each([
    ['none.json', 'cannot be read: ENOENT: no such file or directory'],
    ['.', 'cannot be read: EISDIR: illegal operation on a directory'],
  ])('a file that is none: %s', async (path, message) => {
    const lab = new Lab(['lab', path])
    expect(await lab.ended).toBe(2)
    expect(lab.stderr).toBe(`jackfield: ${JSON.stringify(path)} ${message}\n`)
  })

  test('a port that somebody has', async () => {
    const first = new Lab(['lab'])
    const { port } = new URL(await first.url())
    const second = new Lab(['lab', '--port', port])
    expect(await second.ended).toBe(1)
    expect(second.stderr).toBe(`jackfield: --port ${port} is in use: name another, or 0 for one that is free\n`)
  })
})

describe('a program that cannot be watched is told in one line', () => {
  const own = process.geteuid?.() === 0
  test.each([
    ['is not there', '4194304', /^jackfield: there is no process 4194304: name one that runs\n$/, 1],
    [
      'shows nothing',
      String(process.pid),
      /^jackfield: process \d+ \(.*\) shows no stack: it has to call showSockets\(stack\).*\n$/,
      1,
    ],
    ['has no number', 'x', /^jackfield: option '--attach <pid>' argument 'x' is invalid\. .*\n$/, 2],
  ])('one that %s', async (_what, pid, message, status) => {
    const lab = new Lab(['lab', '--attach', pid])
    expect(await lab.ended).toBe(status)
    expect(lab.stderr).toMatch(message)
  })

  test('beside a file', async () => {
    const lab = new Lab(['lab', 'x.json', '--attach', '1'])
    expect(await lab.ended).toBe(2)
    expect(lab.stderr).toBe('jackfield: a file and --attach contradict each other: give one of the two\n')
  })

  test.runIf(own)("another user's", () => {
    const args = [
      '--reuid',
      '65534',
      '--clear-groups',
      process.execPath,
      COMMAND,
      'lab',
      '--attach',
      String(process.pid),
    ]
    const { stderr, status } = spawnSync('setpriv', args, { encoding: 'utf8' })
    expect(stderr).toBe(
      `jackfield: process ${process.pid} is user 0's, and shows its stack to that user alone: run this as that user\n`,
    )
    expect(status).toBe(1)
  })
})

test('demo --lab serves it when all is told', async () => {
  const lab = new Lab(['demo', 'E1', '--on', 'stack', '--lab', '--capture', '/dev/null'])
  expect(await (await fetch(await lab.url())).text()).toContain('<title>Jackfield Lab</title>')
  expect(lab.stdout).toContain('E1 ok')
  expect(await lab.end('SIGINT')).toBe(0)
})
