// Our nc and the kernel's, each as client and as server.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace, type Running, type RunOptions } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { fileHash, writeSeededFile } from './seeded-file.ts'
import { COMMAND, FAMILIES, KERNEL, KERNEL6, PLACE } from './served.ts'

const PORT = 5000
const SIZE = 5_000_000

describeNetwork('nc on the stack', ['nc', 'bash', 'sysctl'], () => {
  let namespace: Namespace
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-nc-'))

  beforeAll(() => {
    namespace = new Namespace()
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`])
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const words = (args: readonly string[]) => ['nc', ...args, '--on', `tap:jf0,${PLACE}`]
  const ours = (args: readonly string[], options?: RunOptions) => namespace.run(COMMAND, words(args), options)
  const theirs = (args: readonly string[], options?: RunOptions) => namespace.run('nc', args, options)
  const line = (args: readonly string[]) =>
    `${COMMAND} ${words(args)
      .map((word) => `'${word}'`)
      .join(' ')}`
  const port = String(PORT)

  /** Ours, listening. */
  async function listening(args: readonly string[], options?: RunOptions): Promise<Running> {
    const running = namespace.start(COMMAND, words(['-v', '-l', ...args]), options)
    await running.saying(/^(Listening|Bound) on/m)
    return running
  }

  /** The kernel's, listening. */
  async function listened(args: readonly string[], options?: RunOptions): Promise<Running> {
    const running = namespace.start('nc', ['-n', '-v', '-l', ...args], options)
    await running.saying(/^(Listening|Bound) on/m)
    return running
  }

  describe.each(FAMILIES)('over $family', ({ flag, kernel, stack }) => {
    test('connects to the kernel: what each says, the other prints', async () => {
      const server = await listened([flag, '-N', port], { input: 'from the kernel\n' })
      const { status, stdout, stderr } = await ours(['-v', '-N', kernel, port], { input: 'from the stack\n' })
      expect(stderr).toBe(`Connection to ${kernel} ${port} port [tcp/*] succeeded!\n`)
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'from the kernel\n' })
      expect((await server.ended).stdout).toBe('from the stack\n')
    })

    test('listens for the kernel: who calls is printed, and it ends with the caller', async () => {
      const server = await listening([port], { input: 'from the stack\n' })
      const { stdout } = await theirs(['-N', stack, port], { input: 'from the kernel\n' })
      expect(stdout).toBe('from the stack\n')
      const end = await server.ended
      expect(end).toMatchObject({ status: 0, stdout: 'from the kernel\n' })
      expect(end.stderr).toMatch(new RegExp(`^Listening on :: ${port}\nConnection received on ${kernel} \\d+\n$`))
    })

    test('5 MB to the kernel, and 5 MB from it, are intact', async () => {
      const path = join(folder, 'file')
      const hash = writeSeededFile(path, SIZE)
      const up = namespace.start('bash', ['-c', `nc ${flag} -n -v -l ${port} > ${path}.up`])
      await up.saying('Listening on')
      expect((await namespace.shell(`${line(['-N', kernel, port])} < ${path}`)).status).toBe(0)
      await up.ended
      expect(await fileHash(`${path}.up`)).toBe(hash)
      const down = namespace.start('bash', ['-c', `${line(['-v', '-l', port])} > ${path}.down`])
      await down.saying('Listening on')
      expect((await namespace.shell(`nc -N ${stack} ${port} < ${path}`)).status).toBe(0)
      await down.ended
      expect(await fileHash(`${path}.down`)).toBe(hash)
    })

    test('datagrams to the kernel and back', async () => {
      const server = await listened([flag, '-u', '-W', '1', port], { input: '' })
      const client = namespace.start(COMMAND, words(['-u', '-W', '1', '-p', '5001', kernel, port]), {
        input: 'one\n',
      })
      expect((await server.ended).stdout).toBe('one\n')
      // The kernel's has ended: now somebody else answers from its port.
      await theirs(['-u', '-p', port, '-q', '0', stack, '5001'], { input: 'two\n' })
      expect(await client.ended).toMatchObject({ status: 0, stdout: 'two\n' })
    })

    test('datagrams from the kernel: the first who sends is the peer', async () => {
      const server = await listening(['-u', port], { input: 'answer\n' })
      const { stdout } = await theirs(['-u', '-W', '1', stack, port], { input: 'question\n' })
      expect(stdout).toBe('answer\n')
      // It may have answered and not written yet.
      await server.saying('question')
      const end = await server.stop('SIGINT')
      expect(end.stdout).toBe('question\n')
      expect(end.stderr).toMatch(new RegExp(`^Bound on :: ${port}\nConnection received on ${kernel} \\d+\n$`))
    })

    test('nobody listens: status 1, and with -v a line that says so', async () => {
      expect(await ours([kernel, '4444'])).toEqual({ status: 1, stdout: '', stderr: '' })
      expect(await ours(['-v', kernel, '4444'])).toEqual({
        status: 1,
        stdout: '',
        stderr: `jackfield: nc: connect to ${kernel} port 4444 (tcp) failed: Connection refused\n`,
      })
      const datagram = await ours(['-u', '-w', '20', kernel, '4444'], { input: 'x' })
      expect(datagram).toEqual({ status: 1, stdout: '', stderr: 'jackfield: nc: recv: Connection refused\n' })
    })

    test('-z: which ports somebody listens at', async () => {
      const server = await listened([flag, '-k', port])
      const { status, stderr } = await ours(['-z', '-v', kernel, `${PORT - 1}-${PORT + 1}`])
      expect(stderr.split('\n')).toEqual([
        `jackfield: nc: connect to ${kernel} port ${PORT - 1} (tcp) failed: Connection refused`,
        `Connection to ${kernel} ${port} port [tcp/*] succeeded!`,
        `jackfield: nc: connect to ${kernel} port ${PORT + 1} (tcp) failed: Connection refused`,
        '',
      ])
      expect(status).toBe(0)
      await server.stop()
      expect((await ours(['-z', '-u', kernel, '4444'])).status).toBe(1)
    })

    test('-p and -s: the peer sees the port and address that were asked for', async () => {
      const server = await listened([flag, port])
      await ours(['-N', '-s', stack, '-p', '6000', kernel, port])
      expect((await server.ended).stderr).toContain(`Connection received on ${stack} 6000\n`)
    })
  })

  test('ports by the names of their services', async () => {
    for (const [name, number] of [
      ['http', '80'],
      ['ftp-data', '20'],
    ] as const) {
      const server = await listened(['-4', number])
      const { stderr } = await ours(['-v', '-N', KERNEL, name], { input: 'x' })
      expect(stderr).toBe(`Connection to ${KERNEL} ${number} port [tcp/${name}] succeeded!\n`)
      expect((await server.ended).stdout).toBe('x')
    }
    const server = await listening(['-u', '-W', '1', 'domain'])
    await theirs(['-u', '-q', '0', FAMILIES[0].stack, 'domain'], { input: 'y' })
    expect((await server.ended).stdout).toBe('y')
  })

  test('-k: one peer after the other', async () => {
    const server = await listening(['-k', port])
    await theirs(['-N', FAMILIES[0].stack, port], { input: 'first\n' })
    await theirs(['-N', FAMILIES[1].stack, port], { input: 'second\n' })
    await server.saying('second')
    expect((await server.stop('SIGINT')).stdout).toBe('first\nsecond\n')
  })

  test('-6 -l hears IPv6 alone', async () => {
    const server = await listening(['-6', port])
    expect((await theirs(['-v', FAMILIES[0].stack, port])).stderr).toContain('Connection refused')
    expect((await theirs(['-N', FAMILIES[1].stack, port])).status).toBe(0)
    await server.ended
  })

  test('-w: a silence that is too long ends it, and so does an attempt', async () => {
    const server = await listened(['-4', port])
    // Neither side says anything, nor ends.
    const { status } = await namespace.shell(`${line(['-w', '0.3', KERNEL, port])} < <(exec sleep 20 2> /dev/null)`)
    expect(status).toBe(0)
    await server.ended
    namespace.ip('route', 'add', 'blackhole', '192.0.2.0/24')
    const late = await ours(['-v', '-w', '0.3', '192.0.2.1', port])
    expect(late).toEqual({
      status: 1,
      stdout: '',
      stderr: `jackfield: nc: connect to 192.0.2.1 port ${port} (tcp) timed out: Operation now in progress\n`,
    })
  })

  test('the peer resets: a line says so, and the status is 1', async () => {
    const reset = await listening([port], { input: 'more than is read' })
    // Who closes with something unread resets.
    await namespace.run('bash', ['-c', `exec 3<>/dev/tcp/${FAMILIES[0].stack}/${port}; read -r -n 1 -u 3; exec 3>&-`])
    expect(await reset.ended).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('nc: recv: Connection reset by peer\n'),
    })
  })
})
