// `jackfield trace` runs a program and shows the calls of its sockets. Read first: strace(1).

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { runsTypeScript } from '../../src/cli/trace/load-failure.ts'
import { os } from '../../src/os/operating-system.ts'
import { Socket } from '../../src/socket/socket.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'bin/jackfield')
const page = join(root, 'examples/page.mjs')
const folder = mkdtempSync(join(tmpdir(), 'jackfield-trace-'))
const listener = new Socket(os, AF_INET, SOCK_STREAM)
let port = 0

interface Outcome {
  status: number | null
  signal: string | null
  stdout: string
  stderr: string
}

function run(
  program: string,
  args: readonly string[],
  started?: (text: string, kill: (s: NodeJS.Signals) => void) => void,
) {
  return new Promise<Outcome>((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      started?.(stdout, (signal) => child.kill(signal))
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }))
  })
}

function trace(...args: string[]): Promise<Outcome> {
  return run(process.execPath, [bin, 'trace', ...args])
}

/** A program of this text in a file. */
function program(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const imports = `
import { AF_INET, AF_UNIX, BlockingSocket, MessageBatch, SOCK_DGRAM, SOCK_STREAM, Socket } from '${root}dist/index.js'
import { os } from '${root}dist/os/index.js'
`

beforeAll(() => {
  listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '127.0.0.1', port: 0 })
  listener.listen()
  port = listener.getsockname().port
  void (async () => {
    for await (const connection of listener.connections()) {
      await connection.recv(new Uint8Array(4096))
      await connection.send(new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
      await connection.close()
    }
  })().catch(() => {})
})
afterAll(async () => {
  await listener.close()
  rmSync(folder, { recursive: true })
})
afterEach(() => {
  for (const name of ['trace.txt']) if (existsSync(join(folder, name))) rmSync(join(folder, name))
})

/** A line as it would be in a text: numbers of descriptors and ports from 3 on, and without the padding. */
function plain(stderr: string): string[] {
  return stderr
    .replaceAll(String(port), '80')
    .replace(/^(\w+\()\d+/gm, (_, before) => `${before}3`)
    .replace(/^(socket.*= )\d+$/gm, (_, before) => `${before}3`)
    .replace(/ +=/g, ' =')
    .trim()
    .split('\n')
}

describe('jackfield trace', () => {
  test('-e socket,connect,sendto,recvfrom,close of a page that is fetched: the trace of the texts', async () => {
    const { status, stdout, stderr } = await trace(
      '-e',
      'socket,connect,sendto,recvfrom,close',
      page,
      '127.0.0.1',
      String(port),
      '/',
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'HTTP/1.1 200 OK\n' })
    expect(plain(stderr)).toEqual([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINPROGRESS (Operation now in progress)',
      'sendto(3, "GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r"..., 71, MSG_NOSIGNAL, NULL, 0) = 71',
      'recvfrom(3, "HTTP/1.1 200 OK\\r\\nContent-Length:"..., 102400, 0, NULL, NULL) = 40',
      'recvfrom(3, "", 102400, 0, NULL, NULL) = 0',
      'close(3) = 0',
      '+++ exited with 0 +++',
    ])
  })

  test('its lines are those of strace(1) of the same program: each call, its arguments and its result', async () => {
    const args = [page, '127.0.0.1', String(port), '/']
    const calls = 'socket,bind,connect,getsockopt,setsockopt,getsockname,getpeername,sendto,recvfrom,shutdown'
    const ours = await trace('-e', calls, ...args)
    const theirs = await run('strace', [
      '-f',
      '-qq',
      '-e',
      `trace=${calls}`,
      '-e',
      'signal=none',
      process.execPath,
      ...args,
    ])
    const lines = (text: string) =>
      text
        .replace(/^\[pid +\d+\] /gm, '')
        .replaceAll('SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK', 'SOCK_STREAM')
        .replace(/htons\((?!80\b)\d+\)/g, (all) => (all === `htons(${port})` ? all : 'htons(PORT)'))
        // A length that a system call fills: room, and what was taken of it.
        .replace(/\[\d+ => 16\]/g, '[16]')
        .split('\n')
        .filter((line) => /^\w+\(/.test(line) && !line.includes('AF_UNIX'))
        // Node's own, of its standard streams.
        .filter((line) => !/^getsockopt\([012],/.test(line))
        .map((line) => line.replace(/ +=/g, ' =').replace(/(\(|= )(1\d|2\d|3\d)\b/, '$1FD'))
    const here = lines(ours.stderr)
    expect(here.length).toBeGreaterThan(10)
    expect(lines(theirs.stderr)).toEqual(here)
  })

  test("a TypeScript program; its status is the command's", async () => {
    const path = program(
      'typed.ts',
      `${imports}const socket: Socket = new Socket(os, AF_INET, SOCK_DGRAM)\nsocket.close() as unknown\nprocess.exit(3)\n`,
    )
    const { status, stderr } = await trace('-e', 'close', path)
    expect(plain(stderr)).toEqual(['close(3) = 0', '+++ exited with 3 +++'])
    expect(status).toBe(3)
  })

  test("a stack of the program's own shows its calls in the same way", async () => {
    const path = program(
      'stack.mjs',
      `${imports}import { Stack } from '${root}dist/index.js'
const stack = new Stack()
const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
socket.bind({ address: '127.0.0.1', port: 53 })
await socket.close()\n`,
    )
    const { stderr } = await trace('-e', 'trace=bind,close', path)
    expect(plain(stderr)).toEqual([
      'bind(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
      'close(3) = 0',
      '+++ exited with 0 +++',
    ])
  })

  test('-f shows threads too, and calls that block in them', async () => {
    const path = program(
      'thread.mjs',
      `${imports}import { isMainThread, Worker } from 'node:worker_threads'
if (isMainThread) new Worker(new URL(import.meta.url))
else {
  const [left, right] = BlockingSocket.pair(os, AF_UNIX, SOCK_STREAM)
  setTimeout(() => {}, 0)
  try { left.recv(new Uint8Array(4), 0, { timeout: 10 }) } catch {}
  right.send(Uint8Array.of(104, 105))
  left.recv(new Uint8Array(4))
  left.close()
  right.close()
}\n`,
    )
    const { stderr } = await trace('-f', '-e', 'sendto,recvfrom,poll', path)
    const lines = stderr
      .replace(/^\[pid +\d+\] /gm, '')
      .replace(/ +=/g, ' =')
      .replace(/0x[0-9a-f]+/g, 'AT')
    expect(
      lines
        .replace(/(\(|fd=)\d+/g, '$1FD')
        .split('\n')
        .slice(0, 4),
    ).toEqual([
      'recvfrom(FD, AT, 4, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)',
      'poll([{fd=FD, events=POLLIN|POLLPRI|POLLRDHUP}], 1, 10) = 0 (Timeout)',
      'recvfrom(FD, AT, 4, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)',
      'sendto(FD, "hi", 2, 0, NULL, 0) = 2',
    ])
    // Without -f only the program's own thread is shown.
    expect((await trace('-e', 'sendto', path)).stderr).toBe('+++ exited with 0 +++\n')
  })

  test('batches: recvmmsg and sendmmsg', async () => {
    const path = program(
      'batch.mjs',
      `${imports}const [left, right] = Socket.pair(os, AF_UNIX, SOCK_DGRAM)
const batch = new MessageBatch(2, 10)
batch.set(0, Uint8Array.of(97)); batch.set(1, Uint8Array.of(98, 99))
await left.sendmmsg(batch)
await right.recvmmsg(new MessageBatch(4, 10))
await left.close(); await right.close()\n`,
    )
    const { stderr } = await trace('-e', 'sendmmsg,recvmmsg', path)
    expect(stderr).toMatch(
      /^sendmmsg\(\d+, \[{msg_hdr={msg_name=NULL, .*iov_base="a", .*msg_len=1}, .*\], 2, 0\) = 2$/m,
    )
    expect(stderr).toMatch(/^recvmmsg\(\d+, \[{msg_hdr=.*iov_base="bc", .*, 4, 0, NULL\) = 2$/m)
  })

  test('-c is a table, -o a file, -s, -r, -T and -ttt are as of strace', async () => {
    const file = join(folder, 'trace.txt')
    const table = await trace('-c', '-o', file, page, '127.0.0.1', String(port), '/')
    expect(table.stderr).toBe('')
    const rows = readFileSync(file, 'utf8').split('\n')
    expect(rows[0]).toBe('% time     seconds  usecs/call     calls    errors syscall')
    expect(rows.find((row) => row.endsWith(' recvfrom'))).toMatch(/^ *[\d.]+ +[\d.]+ +\d+ +2 +recvfrom$/)
    expect(rows.find((row) => row.endsWith(' connect'))).toMatch(/ 1 +1 connect$/)
    const timed = await trace('-r', '-T', '-s', '3', '-e', 'sendto', page, '127.0.0.1', String(port), '/')
    expect(timed.stderr).toMatch(/^ {5}0\.000000 sendto\(\d+, "GET"\.\.\., 71, .* = 71 <0\.\d{6}>\n +\d+\.\d{6} \+\+\+/)
    const epoch = await trace('-ttt', '-e', 'close', page, '127.0.0.1', String(port), '/')
    expect(epoch.stderr).toMatch(/^\d{10}\.\d{6} close\(\d+\) += 0\n/)
  })

  test('a program that a signal ends: killed by, and so is the command', async () => {
    const path = program('wait.mjs', `${imports}new Socket(os, AF_INET, SOCK_DGRAM)\nconsole.log('here')\n`)
    let sent = false
    const { signal, stderr } = await run(process.execPath, [bin, 'trace', '-e', 'close', path], (text, kill) => {
      if (!sent && text.includes('here')) {
        sent = true
        kill('SIGTERM')
      }
    })
    expect({ signal, stderr }).toEqual({ signal: 'SIGTERM', stderr: '+++ killed by SIGTERM +++\n' })
  })

  test('what is wrong is said in one line', () => {
    const cases: [string[], RegExp][] = [
      [['nothing.mjs'], /^jackfield: trace: there is no program "nothing.mjs"; give the path/],
      [['/tmp'], /^jackfield: trace: "\/tmp" is no file/],
      [
        [join(root, 'README.md')],
        /README.md" cannot be run: Node runs no .md: give a .js, .mjs, .cjs, .ts or .mts file$/m,
      ],
      [[program('page.tsx', '')], /page.tsx" cannot be run: Node runs no .tsx: compile it, and trace the .js$/m],
      [['-tttt', page], /^jackfield: trace: -tttt is too many; give -t, -tt or -ttt$/m],
      [['-t', '-tt', '-t', page], /^jackfield: trace: -tttt is too many/],
      [['-e', 'conect', page], /'conect' is invalid. calls must be of socket, /],
      [['-s', 'x', page], /'x' is invalid. It must be a whole number/],
      [['-o', '/no/such/file', page], /^jackfield: --output "\/no\/such\/file" cannot be written/],
      [[], /missing required argument 'program'; write it as in jackfield trace /],
    ]
    for (const [args, message] of cases) {
      const { status, stderr } = spawnSync(process.execPath, [bin, 'trace', ...args], { encoding: 'utf8' })
      expect(stderr).toMatch(message)
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(status).not.toBe(0)
    }
  })
})

/** `plain` without what stands before the calls. */
function unnumbered(stderr: string): string[] {
  return plain(stderr.replace(/^\[pid +\d+\] /gm, '').replace(/\d+\)( += 0)$/gm, '3)$1'))
}

const datagram = `${imports}await new Socket(os, AF_INET, SOCK_DGRAM).close()\n`

/** A program that has a thread and two processes, which do as it does: one socket each. */
const family = `${datagram}import { fork, spawnSync } from 'node:child_process'
import { isMainThread, Worker } from 'node:worker_threads'
if (isMainThread && process.argv[2] !== 'child') {
  const path = new URL(import.meta.url).pathname
  spawnSync(process.execPath, [path, 'child'], { stdio: 'inherit' })
  fork(path, ['child']).once('exit', () => new Worker(path))
}\n`

describe('what jackfield trace -f follows', () => {
  test('threads, processes that are forked, and those of Node that are started by name', async () => {
    const { status, stderr } = await trace('-f', '-e', 'close', program('family.mjs', family))
    expect(unnumbered(stderr).sort()).toEqual([
      ...Array.from({ length: 3 }, () => '+++ exited with 0 +++'),
      ...Array.from({ length: 4 }, () => 'close(3) = 0'),
    ])
    expect(status).toBe(0)
  })

  test('-c is one table at the end, the sum of all threads and processes', async () => {
    const { status, stderr } = await trace('-f', '-c', program('family.mjs', family))
    const rows = stderr.trim().split('\n')
    expect(rows.filter((row) => row.includes('% time'))).toHaveLength(1)
    expect(
      rows.map((row) =>
        row
          .replace(/^.{31}/, '')
          .replace(/ +/g, ' ')
          .trim(),
      ),
    ).toEqual([
      expect.stringMatching(/calls errors syscall$/),
      expect.stringMatching(/^-+/),
      ...(/ close\n.* socket\n/.test(stderr) ? ['4 close', '4 socket'] : ['4 socket', '4 close']),
      expect.stringMatching(/^-+/),
      '8 total',
    ])
    expect(status).toBe(0)
  })

  test('-c counts what was called in a thread that was ended, and in a program that a signal ended', async () => {
    const text = `${datagram}import { isMainThread, parentPort, Worker } from 'node:worker_threads'
if (!isMainThread) parentPort.postMessage('')
else {
  const thread = new Worker(new URL(import.meta.url))
  thread.once('message', () => thread.terminate().then(() => process.kill(process.pid, 'SIGKILL')))
}
setInterval(() => {}, 1000)\n`
    const { signal, stderr } = await trace('-f', '-c', program('ended.mjs', text))
    expect(stderr).toMatch(/^100\.00 .* 4 {11}total\n$/m)
    expect(signal).toBe('SIGKILL')
  })

  test('the counts leave nothing behind', async () => {
    const before = mkdtempSync(join(folder, 'tmp-'))
    const child = spawnSync(process.execPath, [bin, 'trace', '-f', '-c', program('one.mjs', datagram)], {
      env: { ...process.env, TMPDIR: before },
      encoding: 'utf8',
    })
    expect(child.stderr).toMatch(/ 2 {11}total$/m)
    expect(readdirSync(before)).toEqual([])
  })
})

describe('where the output of jackfield trace fails', () => {
  const lost =
    'jackfield: trace: --output "/dev/full" cannot be written, no space left on device: make room, or name a file elsewhere; the program goes on without\n'

  test('a full disk is said once, and the program goes on: what it does and its status', async () => {
    const path = program('three.mjs', `${datagram}console.log('done')\nprocess.exitCode = 3\n`)
    const { status, stdout, stderr } = await trace('-o', '/dev/full', path)
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: 'done\n', stderr: lost })
  })

  test('once for all threads and processes, and for the table', async () => {
    const path = program('family.mjs', family)
    const lines = await trace('-f', '-o', '/dev/full', path)
    expect({ status: lines.status, stderr: lines.stderr }).toEqual({ status: 0, stderr: lost })
    const table = await trace('-f', '-c', '-o', '/dev/full', path)
    expect({ status: table.status, stderr: table.stderr }).toEqual({ status: 0, stderr: lost })
  })

  test('stderr that nobody reads any more: the program goes on', async () => {
    const path = program(
      'many.mjs',
      `${datagram}for (let i = 0; i < 100; i++) await new Socket(os, AF_INET, SOCK_DGRAM).close()
console.log('done')\nprocess.exitCode = 3\n`,
    )
    const child = spawn(process.execPath, [bin, 'trace', path], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.destroy()
    const status = await new Promise((resolve) => child.on('close', resolve))
    expect({ status, stdout }).toEqual({ status: 3, stdout: 'done\n' })
  })

  test('a pipe that is full is waited for, also where the program has made it one that does not block', async () => {
    const path = program(
      'full.mjs',
      `process.stderr.write('')\n${imports}for (let i = 0; i < 2000; i++) await new Socket(os, AF_INET, SOCK_DGRAM).close()\n`,
    )
    const child = spawn(process.execPath, [bin, 'trace', '-e', 'close', path], { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = new Promise((resolve) => child.on('close', resolve))
    let stderr = ''
    // Read when it must be full: 2000 lines are more than the 64 KiB that a pipe holds.
    await new Promise((resolve) => child.stderr.once('readable', resolve))
    for await (const text of child.stderr.setEncoding('utf8')) stderr += text
    expect(await ended).toBe(0)
    expect(stderr.split('\n')).toHaveLength(2002)
  })

  test('a named pipe has its end when the trace has', async () => {
    const path = join(folder, 'pipe')
    spawnSync('mkfifo', [path])
    const reader = run('cat', [path])
    const { status } = await trace('-e', 'close', '-o', path, program('one.mjs', datagram))
    const { stdout } = await reader
    expect(plain(stdout)).toEqual(['close(3) = 0', '+++ exited with 0 +++'])
    expect(status).toBe(0)
  })
})

describe('a program that jackfield trace cannot load', () => {
  const cases: [string, string, RegExp][] = [
    [
      'an enum',
      'export {}\nenum Colour {\n  Red,\n}\n',
      /^FILE:2: a TypeScript enum needs compiling: compile the program \(tsc\), and trace the \.js$/,
    ],
    [
      'a parameter property',
      'class A { constructor(readonly a: 1) {} }\n',
      /^FILE:1: a TypeScript parameter property needs /,
    ],
    ['a syntax error', 'export {}\n  syntax error here(\n', /^FILE:2:10: syntax error: Expected .*: mend this line$/],
    [
      'an import without extension',
      "import './typing'\n",
      /^FILE imports \/.*\/typing, and there is none: write the name in full, typing\.ts$/,
    ],
    [
      'an import of what is yet to be compiled',
      "import './typing.js'\n",
      /^FILE imports .* write the name in full, typing\.ts$/,
    ],
    [
      'an import of nothing',
      "import './nothing.ts'\n",
      /^FILE imports \/.*\/nothing\.ts, and there is none: write the file, or mend the import$/,
    ],
    ['an import of a folder', "import './'\n", /^FILE imports \/.*, a folder: name the file in it$/],
    [
      'a package that is not there',
      "import 'no-such-package'\n",
      /^FILE imports the package no-such-package, and there is none: npm install no-such-package$/,
    ],
    [
      'a type imported as if it were a value',
      "import { Name } from './typing.ts'\n",
      /^FILE:1: '\.\/typing\.ts' exports nothing at run time that is named 'Name': a type wants "import type"$/,
    ],
    ['an import of no program', "import './typing.md'\n", /^\/.*typing\.md: Node runs no \.md: give /],
  ]
  test.each(cases)('%s: one line, which file, what is wrong, what to do', async (_, text, message) => {
    program('typing.ts', 'export type Name = string\n')
    program('typing.md', '# No program\n')
    const path = program('wrong.ts', text)
    const { status, stdout, stderr } = await trace(path)
    const [line = '', last, ...rest] = stderr.trim().split('\n')
    expect(line.replace('jackfield: trace: ', '').replaceAll(path, 'FILE')).toMatch(message)
    expect({ status, stdout, last, rest }).toEqual({ status: 1, stdout: '', last: '+++ exited with 1 +++', rest: [] })
  })

  test('a .cts runs where Node runs it, and is refused elsewhere', async () => {
    const { status, stderr } = await trace(program('common.cts', 'const status: number = 3\nprocess.exit(status)\n'))
    if (runsTypeScript()) expect({ status, stderr }).toEqual({ status: 3, stderr: '+++ exited with 3 +++\n' })
    else {
      expect(stderr).toMatch(
        /^jackfield: trace: ".*common\.cts" cannot be run: Node \S+ runs no \.cts: compile it, or take Node 22\.18 or later\n$/,
      )
      expect(status).toBe(1)
    }
  })

  test('a program that hears of its errors hears of these, and one that throws by itself has its stack', async () => {
    const hears = program(
      'hears.ts',
      "process.on('uncaughtException', (error) => console.log((error as { code: string } & Error).code))\nawait import('./wrong.ts').catch(() => {})\nvoid import('./wrong.ts')\n",
    )
    program('wrong.ts', 'enum Colour { Red }\n')
    const heard = await trace(hears)
    expect(heard.stdout).toBe('ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX\n')
    expect(heard.stderr).toBe('+++ exited with 0 +++\n')
    const throws = program('throws.ts', "function f(): never {\n  throw new Error('its own')\n}\nf()\n")
    const thrown = await trace(throws)
    expect(thrown.stderr).toMatch(/Error: its own\n {4}at f \(file:.*throws\.ts:2:9\)/)
    expect(thrown.status).toBe(1)
  })
})
