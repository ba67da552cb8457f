// The service manager is systemd's own program where it has one for it; else a shell that does what is written in sd_listen_fds(3).

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_UNIX, SO_PASSCRED, SOCK_DGRAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { os } from '../../src/os/operating-system.ts'
import { sdNotify } from '../../src/os/service-manager.ts'
import { readCredentials, readRights } from '../../src/socket/control-message.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { describeNetwork } from '../interop/requirements.ts'
import { packageRoot, resultOf, runCommand } from './program.ts'

const prelude = `
  import { AF_INET, SOCK_DGRAM, SOCK_STREAM, Socket } from 'jackfield'
  import { os } from 'jackfield/os'
  import { sdListenFds } from '${packageRoot}/dist/os/index.js'
  const say = (value) => console.log(JSON.stringify(value))
`
const node = (text: string) => [process.execPath, '--input-type=module', '-e', prelude + text]

// Descriptors 3 and 4 are a listener's and a pipe's; the environment is what the program itself says, "$$" being its own number.
async function activated(environment: string, text: string): Promise<unknown> {
  const setup = 'exec 3</dev/null 4</dev/null'
  return resultOf(runCommand(['sh', '-c', `${setup}; exec env ${environment} "$@"`, 'sh', ...node(text)]))
}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-service-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  expect(os.size).toBe(0)
})

async function heard(address: SocketAddress, tell: () => Promise<unknown>): Promise<[string, Message]> {
  const manager = new Socket(os, AF_UNIX, SOCK_DGRAM)
  manager.bind(address)
  manager.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
  const before = process.env['NOTIFY_SOCKET']
  process.env['NOTIFY_SOCKET'] = manager.getsockname().path.replace('\0', '@')
  try {
    const bytes = new Uint8Array(1000)
    const message = new Message([bytes])
    const [length] = await Promise.all([manager.recvmsg(message), tell()])
    return [new TextDecoder().decode(bytes.subarray(0, length)), message]
  } finally {
    if (before === undefined) delete process.env['NOTIFY_SOCKET']
    else process.env['NOTIFY_SOCKET'] = before
    await manager.close()
  }
}

describe('sdListenFds (sd_listen_fds(3))', () => {
  test('the descriptors from 3 on with their names, for the process that they are meant for', async () => {
    const say = 'say(sdListenFds())'
    expect(await activated('LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:', say)).toEqual([
      { fd: 3, name: 'web' },
      { fd: 4, name: '' },
    ])
    expect(await activated('LISTEN_PID=$$ LISTEN_FDS=1', say)).toEqual([{ fd: 3, name: 'unknown' }])
    expect(await activated('LISTEN_PID=1 LISTEN_FDS=2', say)).toEqual([])
    expect(await activated('LISTEN_FDS=2', say)).toEqual([])
    expect(await activated('LISTEN_PID=$$', say)).toEqual([])
  })

  test('what cannot be is an Error that names it', async () => {
    const say = 'try { say(sdListenFds()) } catch (error) { say(error.message) }'
    expect(await activated('LISTEN_PID=$$ LISTEN_FDS=-1', say)).toBe('LISTEN_FDS must be a number, got "-1"')
    expect(await activated('LISTEN_PID=me LISTEN_FDS=1', say)).toBe('LISTEN_PID must be a number, got "me"')
    expect(await activated('LISTEN_PID=$$ LISTEN_FDS=500', say)).toMatch(/^fcntl EBADF: descriptor \d+, one of the 500/)
  })
})

describe('sdNotify (sd_notify(3))', () => {
  test('one datagram with all fields, from this process, to a path or an abstract name', async () => {
    const tell = () => sdNotify({ READY: 1, STATUS: 'serving – port 80' })
    for (const path of [join(folder, 'notify'), `\0jackfield notify ${process.pid}`]) {
      const [text, message] = await heard(SocketAddress.unix(path), tell)
      expect(text).toBe('READY=1\nSTATUS=serving – port 80\n')
      expect(readCredentials(message)?.pid).toBe(process.pid)
    }
  })

  test('descriptors go with it (FDSTORE)', async () => {
    const kept = new Socket(os, AF_UNIX, SOCK_DGRAM)
    const address = SocketAddress.unix(join(folder, 'notify'))
    const [text, message] = await heard(address, () => sdNotify({ FDSTORE: 1, FDNAME: 'kept' }, [kept.fd]))
    expect(text).toBe('FDSTORE=1\nFDNAME=kept\n')
    const [fd] = readRights(message)
    await Socket.fromDescriptor(os, fd as number).close()
    await kept.close()
  })

  test('false where nobody is to be told; an Error where the socket is not there, or is none', async () => {
    expect(await sdNotify({ READY: 1 })).toBe(false)
    try {
      process.env['NOTIFY_SOCKET'] = join(folder, 'nowhere')
      await expect(sdNotify({ READY: 1 })).rejects.toMatchObject({ code: 'ENOENT', syscall: 'sendmsg' })
      process.env['NOTIFY_SOCKET'] = 'relative'
      await expect(sdNotify({ READY: 1 })).rejects.toThrow('NOTIFY_SOCKET must be an absolute path')
    } finally {
      delete process.env['NOTIFY_SOCKET']
    }
    await expect(sdNotify({})).rejects.toThrow('state must have at least one field')
    await expect(sdNotify({ STATUS: 'two\nlines' })).rejects.toThrow('state.STATUS must be')
    await expect(sdNotify({ 'A=B': 1 })).rejects.toThrow('state: a name has no "="')
    await expect(sdNotify(null as never)).rejects.toThrow('state must be an object, got null')
  })
})

describeNetwork('with systemd', ['systemd-socket-activate', 'systemd-notify'], () => {
  test('a listener of systemd-socket-activate serves the client that has woken it', async () => {
    const path = join(folder, 'service')
    const text = `
        const [{ fd, name }] = sdListenFds()
        const listener = Socket.fromDescriptor(os, fd)
        const connection = await listener.accept()
        await connection.send(new TextEncoder().encode(name + ' at ' + listener.getsockname().path))
        await connection.close()
        await listener.close()`
    const manager = spawn('systemd-socket-activate', ['-l', path, '--fdname=hello', ...node(text)], {
      cwd: packageRoot,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const over = new Promise((resolve) => manager.on('close', resolve))
    await new Promise<void>((resolve) => {
      manager.stderr.on('data', (bytes: Buffer) => {
        if (bytes.toString().includes('Listening on')) resolve()
      })
    })
    const client = connect(path)
    let answer = ''
    for await (const chunk of client) answer += chunk
    expect(answer).toBe(`hello at ${path}`)
    expect(await over).toBe(0)
  })

  test('what systemd-notify sends is the same', async () => {
    const address = SocketAddress.unix(join(folder, 'notify'))
    const [theirs] = await heard(address, () => runCommand(['systemd-notify', '--no-block', '--ready', '--status=up']))
    rmSync(address.path)
    const [ours] = await heard(address, () => sdNotify({ READY: 1, STATUS: 'up' }))
    expect(ours.split('\n').filter(Boolean).sort()).toEqual(
      theirs
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('MAINPID'))
        .sort(),
    )
  })
})
