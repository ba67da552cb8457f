// `jackfield trace` runs a program and shows the calls of its sockets. Read first: strace(1).

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
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
import { os } from '${root}dist/os/index.js'
import { AF_INET, AF_UNIX, BlockingSocket, MessageBatch, SOCK_DGRAM, SOCK_STREAM, Socket, Stack } from '${root}dist/index.js'
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
      `${imports}const stack = new Stack()
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
