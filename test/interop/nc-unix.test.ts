// Our nc -U and that of Debian, each as client and as server, on the operating system's Unix sockets.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Namespace, type RunOptions } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND } from './served.ts'

const PAIRS = [
  { server: 'ours', client: 'theirs' },
  { server: 'theirs', client: 'ours' },
  { server: 'ours', client: 'ours' },
] as const

describeNetwork('nc -U', ['nc', 'bash'], () => {
  let namespace: Namespace
  let folder: string
  let path: string

  beforeAll(() => {
    namespace = new Namespace()
  })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-unix-'))
    path = join(folder, 'socket')
    mkdirSync(join(folder, 'tmp'))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  afterAll(() => namespace?.close())

  const words = (whose: string, args: readonly string[]): [string, string[]] =>
    whose === 'ours' ? [COMMAND, ['nc', ...args]] : ['nc', [...args]]
  const start = (whose: string, args: readonly string[], options?: RunOptions) =>
    namespace.start(...words(whose, args), options)
  const run = (whose: string, args: readonly string[], options?: RunOptions) =>
    namespace.run(...words(whose, args), options)

  test.each(PAIRS)('a stream at a path: $server listens, $client calls', async ({ server, client }) => {
    const listener = start(server, ['-l', '-v', '-N', '-U', path], { input: 'welcome\n' })
    await listener.saying('Listening on')
    const { status, stdout, stderr } = await run(client, ['-v', '-N', '-U', path], { input: 'hello\n' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'welcome\n', stderr: '' })
    expect(await listener.ended).toEqual({
      status: 0,
      stdout: 'hello\n',
      stderr: `Bound on ${path}\nListening on ${path}\nConnection received on ${path}\n`,
    })
    // The name outlives the socket: who listens next takes it away.
    const next = start(server, ['-l', '-v', '-N', '-U', path], { input: '' })
    await next.saying('Listening on')
    expect((await run(client, ['-z', '-U', path])).status).toBe(0)
    expect((await next.ended).status).toBe(0)
  })

  test.each(PAIRS)('a stream by an abstract name: $server listens, $client calls', async ({ server, client }) => {
    const name = `@jackfield-${process.pid}`
    const listener = start(server, ['-l', '-v', '-N', '-U', name], { input: 'welcome\n' })
    await listener.saying(`Listening on ${name}`)
    expect((await run(client, ['-N', '-U', name], { input: 'hello\n' })).stdout).toBe('welcome\n')
    expect(await listener.ended).toMatchObject({ status: 0, stdout: 'hello\n' })
  })

  test.each(PAIRS)('datagrams: $server listens, $client calls from a name of its own', async ({ server, client }) => {
    // Without -W: a reception may be there before the input is, and then nobody is welcomed.
    const listener = start(server, ['-l', '-v', '-u', '-U', path], { input: 'welcome\n' })
    await listener.saying('Bound on')
    const env = `TMPDIR=${join(folder, 'tmp')} `
    const [program, args] = words(client, ['-u', '-W', '1', '-U', path])
    const line = `${env} ${program} ${args.join(' ')} < <(echo hello; exec sleep 20 2> /dev/null)`
    const { status, stdout, stderr } = await namespace.shell(line)
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'welcome\n', stderr: '' })
    // It may have answered and not written yet.
    await listener.saying('hello')
    const end = await listener.stop('SIGINT')
    expect(end.stdout).toBe('hello\n')
    expect(end.stderr).toContain(`Bound on ${path}\nConnection received on ${path}\n`)
    expect(readdirSync(join(folder, 'tmp'))).toEqual([])
  })

  test('datagrams from a path that is given by -s', async () => {
    const own = join(folder, 'own')
    const listener = start('theirs', ['-l', '-v', '-u', '-U', path], { input: 'welcome\n' })
    await listener.saying('Bound on')
    const client = start('ours', ['-v', '-u', '-s', own, '-W', '1', '-U', path], { input: 'hello\n' })
    expect(await client.ended).toEqual({ status: 0, stdout: 'welcome\n', stderr: `Bound on ${own}\n` })
    await listener.stop('SIGINT')
  })

  test('-k: one caller after the other', async () => {
    const listener = start('ours', ['-l', '-k', '-v', '-U', path])
    await listener.saying('Listening on')
    await run('theirs', ['-N', '-U', path], { input: 'first\n' })
    await run('theirs', ['-N', '-U', path], { input: 'second\n' })
    await listener.saying('second')
    expect((await listener.stop('SIGINT')).stdout).toBe('first\nsecond\n')
  })

  test('nobody listens: status 1 and a line, as of Debian', async () => {
    for (const args of [['-U'], ['-z', '-U'], ['-u', '-U']]) {
      const { stderr, ...rest } = await run('ours', [...args, path], { input: 'x' })
      const real = await run('theirs', [...args, path], { input: 'x' })
      expect({ ...rest, stderr: stderr.replace('jackfield: ', '') }).toEqual(real)
      expect(stderr).toBe(`jackfield: nc: ${path}: No such file or directory\n`)
    }
  })

  test('what is no socket is not taken away', async () => {
    writeFileSync(path, 'precious')
    expect(await run('ours', ['-l', '-U', path])).toEqual({
      status: 1,
      stdout: '',
      stderr: `jackfield: nc: ${path}: Address already in use\n`,
    })
    expect(readdirSync(folder)).toContain('socket')
  })
})
