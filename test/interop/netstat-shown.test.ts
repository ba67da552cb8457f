// The command beside programs that show their stacks: a part of the operating system's list is the machine's own, so that each test has a
// runtime folder of its own and looks for what it has made.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NetstatEntry } from '../../src/base/netstat-entry.ts'
import { type Outcome, packageRoot, runCommand } from '../os/program.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, Served, STACK } from './served.ts'

/** A program of which `jackfield netstat` can know. It says where it listens, and goes on until its standard input ends. */
const PROGRAM = `
  import { AF_INET, Socket, SOCK_STREAM, Stack } from 'jackfield'
  import { showSockets } from 'jackfield/os'
  const stack = new Stack()
  const listener = new Socket(stack, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 80 })
  listener.listen(9)
  const shown = await showSockets(stack, { name: 'the program' })
  console.log(shown.path)
  process.stdin.on('end', () => stack.close()).resume()
`

type Listed = NetstatEntry & { provider: string; program?: { pid: number; name: string } }

let runtime: string
let env: Record<string, string>
let children: ChildProcess[] = []

beforeEach(() => {
  runtime = mkdtempSync(join(tmpdir(), 'jackfield-shown-'))
  env = { XDG_RUNTIME_DIR: runtime }
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(runtime, { recursive: true, force: true })
})

const netstat = (...args: string[]): Promise<Outcome> => runCommand([COMMAND, 'netstat', ...args], { env })

const list = async (...args: string[]): Promise<Listed[]> => {
  const { code, stdout, stderr } = await netstat('--json', ...args)
  expect([code, ours(stderr)]).toEqual([0, ''])
  return JSON.parse(stdout) as Listed[]
}

/** What is said of programs other than those of these tests, which may come and go, is not theirs. */
function ours(stderr: string): string {
  return stderr.replaceAll(/^.*\/tmp\/jackfield-\d+\/.*\n/gm, '')
}

/** The program, and where it shows its sockets. */
const start = async (): Promise<{ child: ChildProcess; path: string; ended: Promise<number | null> }> => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: packageRoot,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const path = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (text) => resolve(String(text).trim())),
  )
  return { child, path, ended }
}

describe('programs that show their sockets', () => {
  test('are listed while they run, each under its name, and end as if nobody could ask', async () => {
    const { child, path, ended } = await start()
    const mine = (await list('-l')).filter(({ program }) => program?.pid === child.pid)
    expect(mine).toMatchObject([
      { provider: 'userspace', program: { name: 'the program' }, localPort: 80, state: 'LISTEN', sendQueue: 9 },
    ])
    const { stdout } = await netstat('-lp', '--userspace')
    expect(stdout).toContain(`the program (pid ${child.pid}):\nProto Recv-Q`)
    expect(stdout).toMatch(/127\.0\.0\.1:http .* LISTEN +\d+\/3\/the program$/m)
    expect((await netstat('-ln', '--userspace')).stdout).toContain('127.0.0.1:80 ')
    expect(await list('-l', '--os')).not.toContainEqual(expect.objectContaining({ provider: 'userspace' }))
    expect((await netstat(path, '-l')).stdout).toContain('127.0.0.1:http')
    child.stdin?.end()
    expect(await ended).toBe(0)
    expect(readdirSync(join(runtime, 'jackfield'))).toEqual([])
  })

  test('that were killed leave a socket, which is taken away when somebody looks', async () => {
    const { child, path, ended } = await start()
    child.kill('SIGKILL')
    await ended
    expect(existsSync(path)).toBe(true)
    utimesSync(path, 0, 0)
    expect((await list('-a')).filter(({ program }) => program?.pid === child.pid)).toEqual([])
    expect(existsSync(path)).toBe(false)
  })

  test.runIf(process.geteuid?.() === 0)('are asked by their own user alone', async () => {
    const { path } = await start()
    chmodSync(runtime, 0o755)
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', COMMAND, 'netstat']
    expect(await runCommand([...nobody, path], { env })).toMatchObject({
      ...{
        code: 1,
        stdout: '',
        stderr: `jackfield: ${JSON.stringify(path)} may be asked by the user who owns it alone\n`,
      },
    })
    expect((await runCommand([...nobody, '--userspace', '-a'], { env })).stdout).not.toContain('the program')
  })

  test('are none: it says how to become one', async () => {
    const { code, stdout, stderr } = await netstat('--userspace')
    // Others of this user may run, in /tmp.
    if (stdout === '') expect(stderr).toContain('no program of this user shows its sockets: showSockets(stack)')
    expect(code).toBe(0)
  })
})

describe('the list of all', () => {
  let server: Server
  let port: number

  beforeEach(async () => {
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  })

  afterEach(() => new Promise((resolve) => server.close(resolve)))

  const here = (entries: readonly Listed[]) =>
    entries.filter(({ localPort, state }) => localPort === port && state === 'LISTEN')

  test("has the operating system's sockets first, and who holds them", async () => {
    const { stdout } = await netstat('-ltnp')
    expect(stdout).toMatch(/^The operating system:\nProto Recv-Q Send-Q Local Address .* PID\/FD\/Program\n/)
    expect(stdout).toMatch(
      new RegExp(`^tcp +0 +511 127\\.0\\.0\\.1:${port} +0\\.0\\.0\\.0:\\* +LISTEN +${process.pid}/\\d+/`, 'm'),
    )
    expect(here(await list('-lt'))).toMatchObject([{ provider: 'os', fd: null, system: { uid: process.geteuid?.() } }])
  })

  test('without koffi tells what /proc does', async () => {
    const NODE_OPTIONS = `--require ${fileURLToPath(new URL('../cli/programs/no-koffi.cjs', import.meta.url))}`
    const bare = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCommand([COMMAND, 'netstat', '--os', '--json', ...args], {
        env: { ...env, NODE_OPTIONS },
      })
      expect([code, stderr]).toEqual([0, ''])
      return JSON.parse(stdout) as unknown[]
    }
    const [withIt, without] = [here(await list('-ltp', '--os')), here((await bare('-ltp')) as Listed[])]
    expect(without).toMatchObject([{ provider: 'os', pid: process.pid, sendQueue: 0, system: { cookie: null } }])
    expect(without[0]?.system?.inode).toBe(withIt[0]?.system?.inode)
    const names = (entries: readonly unknown[]) => entries.map((one) => (one as { name: string }).name)
    const ways = (entries: readonly unknown[]) => entries.map((one) => ({ ...(one as object), source: null }))
    // Others on this machine may make an interface, or take one away.
    for (const [flag, shape] of [
      ['-i', names],
      ['-r', ways],
    ] as const) {
      const [before, told, after] = [await list(flag, '--os'), await bare(flag), await list(flag, '--os')]
      expect([shape(before), shape(after)]).toContainEqual(shape(told))
    }
    expect((await bare('-s')).length).toBe(1)
  })

  test('-c lists again and again, and ends with whoever reads it, without a word', async () => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', `"$0" netstat -ltn -c0.01 --os | grep -m3 ":${port} "`, COMMAND],
      {
        encoding: 'utf8',
        timeout: 30_000,
      },
    )
    expect(stdout.trim().split('\n')).toHaveLength(3)
    expect([status, stderr]).toEqual([0, ''])
    const lines = spawnSync('bash', ['-c', '"$0" netstat -lt -c0.01 --os --json | head -n 2', COMMAND], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    for (const line of lines.stdout.trim().split('\n')) expect(here(JSON.parse(line) as Listed[])).toHaveLength(1)
  })
})

describeNetwork('the command in a namespace', ['sysctl'], () => {
  test('shows its own stacks: serve is listed with its routes', async () => {
    const served = await Served.start({ services: ['echo'] })
    try {
      const { stdout } = await served.run(COMMAND, ['netstat', '-l', '--userspace', '--json'])
      const entries = (JSON.parse(stdout) as Listed[]).filter(({ program }) => program?.name === 'jackfield serve')
      expect(entries.map(({ protocol, localPort }) => `${protocol} ${localPort}`)).toContain('tcp6 7')
      const routes = (await served.run(COMMAND, ['netstat', '-r', '--userspace'])).stdout
      expect(routes).toMatch(/^jackfield serve \(pid \d+\):\nDestination/m)
      expect(routes).toContain(`jf0    0       ${STACK}`)
      // Joined to a stack, its services are none of the operating system's.
      expect((await served.run(COMMAND, ['netstat', '-l', '--os', '--json'])).stdout).not.toContain('"localPort": 7,')
    } finally {
      await served.close()
    }
  })
})
