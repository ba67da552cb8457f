import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Socket as NodeSocket, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { askSnapshot, readSnapshot } from '../../src/cli/netstat/ask.ts'
import { allSections, programSection } from '../../src/cli/netstat/sections.ts'
import { os } from '../../src/os/operating-system.ts'
import { type ShownSockets, showSockets } from '../../src/platform/show-sockets.ts'
import { shownFolders, shownPaths } from '../../src/platform/shown-folder.ts'
import { snapshotOf } from '../../src/platform/stack-snapshot.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'

const root = process.geteuid?.() === 0
const LONG_AGO = new Date('2020-01-01')

let runtime: string
let folder: string
let stack: Stack
const shown: ShownSockets[] = []
const servers: Server[] = []

beforeEach(() => {
  runtime = mkdtempSync(join(tmpdir(), 'jackfield-runtime-'))
  folder = join(runtime, 'jackfield')
  vi.stubEnv('XDG_RUNTIME_DIR', runtime)
  stack = new Stack({ clock: new ManualClock(), random: new SeededRandom(1) })
  new Socket(stack, AF_INET, SOCK_DGRAM).bind({ address: '127.0.0.1', port: 53 })
})

afterEach(async () => {
  for (const one of shown.splice(0)) one.close()
  for (const one of servers.splice(0)) await new Promise((resolve) => one.close(resolve))
  vi.unstubAllEnvs()
  stack.close()
  rmSync(runtime, { recursive: true })
})

const show = async (name?: string): Promise<ShownSockets> => {
  const one = await showSockets(stack, name === undefined ? {} : { name })
  shown.push(one)
  return one
}

/** Something else that listens at `path`, and does this with who connects. */
const listen = async (path: string, told: (connection: NodeSocket) => void): Promise<Server> => {
  const server = createServer((connection) => {
    connection.on('error', () => {})
    told(connection)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return server
}

/** What a program that was killed has left: a socket at which nobody listens. */
const leave = async (path: string, at: Date): Promise<void> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(`${path}-then`, resolve))
  renameSync(`${path}-then`, path)
  await new Promise((resolve) => server.close(resolve))
  utimesSync(path, at, at)
}

/** The number of a process that has ended. */
const deadPid = () => spawnSync('true').pid

describe('showSockets', () => {
  it('lets programs of this user ask, in a folder that no other can enter', async () => {
    const { path } = await show('my server')
    expect(path.startsWith(`${folder}/${process.pid}-`)).toBe(true)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const snapshot = await askSnapshot(path)
    expect(snapshot).toEqual(JSON.parse(JSON.stringify(snapshotOf(stack, 'my server'))))
    expect(snapshot).toMatchObject({
      pid: process.pid,
      name: 'my server',
      sockets: [{ protocol: 'udp', localPort: 53 }],
    })
  })

  it('shows several stacks of one process, each until it is closed', async () => {
    const [first, second] = [await show('first'), await show('second')]
    expect(shownPaths(folder)).toHaveLength(2)
    first.close()
    first.close()
    expect(shownPaths(folder)).toEqual([second.path])
    await expect(askSnapshot(first.path)).rejects.toThrow('nobody listens at')
  })

  it('without a name is the file that was started', async () => {
    const { path } = await show()
    expect((await askSnapshot(path)).name).toBe((process.argv[1] ?? '').replace(/.*\//, ''))
  })

  it.each([
    ['a symbolic link', () => symlinkSync(tmpdir(), folder), 'is no folder'],
    ['a file', () => writeFileSync(folder, ''), 'is no folder'],
    ['open to others', () => mkdirSync(folder, 0o750), 'can be used by others'],
  ])('refuses a folder that is %s, and so does who lists', async (_, make, fault) => {
    make()
    await expect(show()).rejects.toThrow(`${folder} ${fault}: remove it, and it is made anew`)
    const warnings: string[] = []
    await allSections('sockets', { userspace: true }, (text) => warnings.push(text))
    expect(warnings).toContain(`${folder} ${fault}: what is in it is not believed`)
  })

  it.runIf(root)("refuses a folder that is another user's, and does not use a runtime folder of his", async () => {
    mkdirSync(folder, { mode: 0o700 })
    chownSync(folder, 65534, 65534)
    await expect(show()).rejects.toThrow(`${folder} belongs to user 65534`)
    chownSync(runtime, 65534, 65534)
    expect(shownFolders()).toEqual([`/tmp/jackfield-${process.geteuid?.()}`])
  })

  it('without a runtime folder uses one of the user in /tmp', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', undefined)
    expect(shownFolders()).toEqual([`/tmp/jackfield-${process.geteuid?.()}`])
    vi.stubEnv('XDG_RUNTIME_DIR', join(runtime, 'not-there'))
    expect(shownFolders()).toEqual([`/tmp/jackfield-${process.geteuid?.()}`])
    vi.stubEnv('XDG_RUNTIME_DIR', 'relative')
    expect(shownFolders()).toEqual([`/tmp/jackfield-${process.geteuid?.()}`])
  })

  it('takes away what killed programs have left, not what is new, is heard, or is no such socket', async () => {
    mkdirSync(folder, { mode: 0o700 })
    const at = (name: string) => join(folder, name)
    const pid = deadPid()
    await leave(at(`${pid}-00000001`), LONG_AGO)
    await leave(at(`${pid}-00000001.watch`), LONG_AGO)
    await leave(at(`${pid}-00000002`), new Date())
    await listen(at(`${pid}-00000003`), (connection) => connection.end())
    utimesSync(at(`${pid}-00000003`), LONG_AGO, LONG_AGO)
    writeFileSync(at(`${pid}-00000004`), '')
    utimesSync(at(`${pid}-00000004`), LONG_AGO, LONG_AGO)
    await leave(at('notes'), LONG_AGO)
    const { path } = await show()
    const own = path.slice(folder.length + 1)
    const names = [`${pid}-00000002`, `${pid}-00000003`, `${pid}-00000004`, own, `${own}.watch`, 'notes']
    expect(readdirSync(folder).sort()).toEqual(names.sort())
  })

  it.each([
    [{ nam: 'x' }, "options has no 'nam': there are name, packets"],
    [{ name: 1 }, 'options.name must be a string, got 1'],
    [{ name: '' }, 'options.name must not be empty'],
    [{ packets: 1 }, 'options.packets must be true or false, got 1'],
  ])('%o is refused', async (options, message) => {
    await expect(showSockets(stack, options as { name?: string })).rejects.toThrow(message)
  })

  it('of what is no stack is refused, and of a folder whose sockets have no room for their paths', async () => {
    await expect(showSockets({} as Stack)).rejects.toThrow('stack must be a Stack, got an object of class Object')
    const long = join(runtime, 'x'.repeat(80))
    mkdirSync(long)
    vi.stubEnv('XDG_RUNTIME_DIR', long)
    await expect(showSockets(stack)).rejects.toThrow('longer than the 107 octets')
  })
})

describe('who lists', () => {
  const sections = async () => {
    const warnings: string[] = []
    const found = await allSections('sockets', { userspace: true, all: true }, (text) => {
      // Programs of other tests, in /tmp, may be too busy to answer.
      if (text.includes(folder)) warnings.push(text)
    })
    return { found: found.filter(({ program }) => program?.name === 'mine'), warnings }
  }

  it('gets every stack that is shown, and takes away what is left of others without a word', async () => {
    await show('mine')
    await show('mine')
    const left = join(folder, `${deadPid()}-00000001`)
    await leave(left, LONG_AGO)
    const { found, warnings } = await sections()
    expect(found.map(({ program, sockets }) => [program?.pid, sockets.length])).toEqual([
      [process.pid, 1],
      [process.pid, 1],
    ])
    expect(warnings).toEqual([])
    expect(existsSync(left)).toBe(false)
  })

  it('is told of those that answer wrongly, and gets the others', async () => {
    await show('mine')
    await listen(join(folder, '1-00000001'), (connection) => connection.end('{"pid":1'))
    const { found, warnings } = await sections()
    expect(found).toHaveLength(1)
    expect(warnings).toEqual([
      `${JSON.stringify(join(folder, '1-00000001'))} is not the control socket of a jackfield command, or it has ended before it had answered`,
    ])
  })

  it('is not told of programs that end while they are asked', async () => {
    await show('mine')
    // One has it in its queue still, one has taken it.
    const path = join(folder, `${deadPid()}-00000001`)
    const ending = new Socket(os, AF_UNIX, SOCK_STREAM)
    ending.bind({ path })
    ending.listen(1)
    const taker = join(folder, `${deadPid()}-00000002`)
    const server = await listen(taker, (connection) => {
      server.close()
      connection.end('{"pid":')
    })
    const asked = sections()
    ending.close()
    const { found, warnings } = await asked
    expect(found).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  it.each([
    ['text', 'hello'],
    ['nothing', ''],
    ['half an answer', '{"pid":1,"sockets":['],
    ['a list', '[]'],
    ['no process', '{"pid":"1","sockets":[],"routes":[],"interfaces":[],"neighbours":[],"counters":{}}'],
    ['sockets that are none', '{"pid":1,"sockets":[7],"routes":[],"interfaces":[],"neighbours":[],"counters":{}}'],
    [
      'a socket without timers',
      '{"pid":1,"sockets":[{"protocol":"tcp","localAddress":"","localPort":1,"peerAddress":"","peerPort":1,"state":"","receiveQueue":0,"sendQueue":0}],"routes":[],"interfaces":[],"neighbours":[],"counters":{}}',
    ],
    [
      'counters that are none',
      '{"pid":1,"sockets":[],"routes":[],"interfaces":[],"neighbours":[],"counters":{"ip":3}}',
    ],
  ])('refuses %s', async (_, text) => {
    const path = join(runtime, 'control')
    await listen(path, (connection) => connection.end(text))
    await expect(programSection(path, {})).rejects.toThrow('is not the control socket of a jackfield command')
    expect(readSnapshot(text)).toBe(null)
  })

  it('takes what a program of an older version tells, which says no name', () => {
    const text = '{"pid":1,"sockets":[],"routes":[],"interfaces":[],"neighbours":[],"counters":{}}'
    expect(readSnapshot(text)).toMatchObject({ pid: 1, name: 'jackfield' })
  })

  it('does not wait for ever, nor read without end', async () => {
    const silent = join(runtime, 'silent')
    await listen(silent, () => {})
    await expect(askSnapshot(silent, 20)).rejects.toThrow('has not answered within 0.02 s')
    const loud = join(runtime, 'loud')
    await listen(loud, (connection) => {
      connection.end('x'.repeat(10_001))
    })
    await expect(askSnapshot(loud, 5000, 10_001)).rejects.toThrow('is not the control socket')
    await expect(askSnapshot(loud, 5000, 10_000)).rejects.toThrow('answers without end')
  })

  it('says when nobody listens there, or it may not ask', async () => {
    await expect(askSnapshot(join(runtime, 'none'))).rejects.toThrow('nobody listens at')
    writeFileSync(join(runtime, 'file'), '')
    await expect(askSnapshot(join(runtime, 'file'))).rejects.toThrow('nobody listens at')
    await expect(askSnapshot(runtime)).rejects.toThrow('nobody listens at')
  })
})
