import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { COMMAND } from '../interop/served.ts'

const NO_KOFFI = `--require ${fileURLToPath(new URL('./programs/no-koffi.cjs', import.meta.url))}`

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-demo-os-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function demo(args: readonly string[], env: NodeJS.ProcessEnv = {}, prefix: readonly string[] = []) {
  const [program, ...words] = [...prefix, COMMAND, 'demo', ...args] as [string, ...string[]]
  const options = { encoding: 'utf8', timeout: 55_000, cwd: folder, env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(program, words, options)
  return { status, stdout, stderr }
}

const VERDICTS = [
  'E1 ok upper-case over UDP, on the operating system: 3 of 3 lines',
  'E2 ok upper-case over TCP, on the operating system: 5 of 5 lines',
  'E3 ok a web page, traced, on the operating system: HTTP/1.1 200 OK, 6 calls',
  'E4 ok ping, on the operating system: 3 of 3 answered, 1 hop',
  'E5 ok a DNS lookup, on the operating system: 2 addresses of server.example',
  'E6 ok a server for many clients, on the operating system: 16 of 16 lines',
  'E7 ok position updates over UDP, on the operating system: 20 received + 0 lost = 20 sent, 0 late',
  expect.stringMatching(
    /^E8 ok netstat, on the operating system: \d+ sockets, \d+ ends of connections, then 2 in TIME-WAIT$/,
  ),
]

describe("jackfield demo on the operating system's sockets", () => {
  test('every program does what it must', () => {
    const { status, stdout, stderr } = demo(['--on', 'os', '--check'])
    expect(stdout.trimEnd().split('\n')).toEqual(VERDICTS)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('without an option both providers are shown, one after the other', () => {
    const { status, stdout } = demo(['E1', 'e5', '--check'])
    expect(stdout.split('\n').map((line) => line.replace(/:.*/, ''))).toEqual([
      'E1 ok upper-case over UDP',
      'E5 ok a DNS lookup',
      'E1 ok upper-case over UDP, on the operating system',
      'E5 ok a DNS lookup, on the operating system',
      '',
    ])
    expect(status).toBe(0)
  })

  test('what it tells has calls as strace has them, and no line wider than 100 columns', () => {
    const { stdout } = demo(['--on', 'os'])
    expect(stdout).toMatch(/client ┃ socket\(AF_INET, SOCK_STREAM, IPPROTO_TCP\) = \d+$/m)
    expect(stdout).toMatch(/client ┃ \+\+\+ exited with 0 \+\+\+$/m)
    expect(stdout).toMatch(/server ┃ 127\.0\.0\.1:\d+ is given to thread \d+$/m)
    expect(stdout).toMatch(/server ┃ 127\.0\.0\.1:\d+ is given to process \d+$/m)
    expect(stdout).toMatch(/client ┃ sendto\(\d+, "GET [^\n]* MSG_NOSIGNAL, NULL, 0\)\s+=\s+\d+$/m)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('without the right to raw sockets ping is left out, which is no failure', () => {
    const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { status, stdout } = demo(['E4', '--on', 'os', '--check'], {}, prefix)
    expect(stdout).toMatch(/^E4 left out ping, on the operating system: a raw socket is not for this user \(EPERM\)/)
    expect(status).toBe(0)
  })

  test('without koffi the stacks are shown, and it says why nothing else is', () => {
    const { status, stdout, stderr } = demo(['E1'], { NODE_OPTIONS: NO_KOFFI })
    expect(stdout).toMatch(/^E1 ok upper-case over UDP: /m)
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /own sockets are left out: jackfield\/os needs the optional package koffi/,
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const asked = demo(['E1', '--on', 'os'], { NODE_OPTIONS: NO_KOFFI })
    expect(asked.stderr).toMatch(/^jackfield: --on os: jackfield\/os needs the optional package koffi[^\n]*\n$/)
    expect(asked.status).toBe(2)
  })
})
