// Our relay beside Debian's socat and nc, across the operating system's sockets and a stack's.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { fileHash, writeSeededFile } from './seeded-file.ts'
import { COMMAND, KERNEL, PLACE, STACK } from './served.ts'

describeNetwork('relay', ['socat', 'nc', 'bash', 'sysctl'], () => {
  let namespace: Namespace
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-relay-'))
  const stack = `on=[tap:jf0,${PLACE}]`

  beforeAll(() => {
    namespace = new Namespace()
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', `${KERNEL}/24`)
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Ours, listening. */
  async function relaying(...args: string[]): Promise<Running> {
    const running = namespace.start(COMMAND, ['relay', '-d', ...args])
    await running.saying(/: (listening at|bound to) /)
    return running
  }

  test('from the machine through a stack, and from a stack into the machine: many, whole, with their ends', async () => {
    const path = join(folder, 'file')
    const hash = writeSeededFile(path, 2_000_000)
    // Says how much it got, and then all of it: only who hears the end of the question can answer.
    const answer = `cat > ${folder}/$$; wc -c < ${folder}/$$; cat ${folder}/$$; rm ${folder}/$$`
    const server = namespace.start('socat', ['-d', '-d', 'TCP-LISTEN:7,fork,reuseaddr', `SYSTEM:${answer}`])
    await server.saying('listening on')
    const out = await relaying('tcp-listen:8007,fork,max=2', `tcp:${KERNEL}:7,${stack}`)
    const ask = (from: number) =>
      namespace.shell(
        `socat -t20 - TCP:127.0.0.1:8007 < ${path} > ${path}.${from}; tail -n +2 ${path}.${from} | cmp - ${path}`,
      )
    const asked = await Promise.all([ask(1), ask(2), ask(3)])
    expect(asked.map(({ status }) => status)).toEqual([0, 0, 0])
    // Each has its answer before it is told of.
    await out.saying(/(are done: [\s\S]*){3}/)
    const end = await out.stop('SIGTERM')
    expect(end.status).toBe(143)
    expect(end.stderr.match(/are done: > 2000000 octets in \d+, < 2000008 octets/g)).toHaveLength(3)
    // The other way about: the stack listens.
    const into = await relaying(`tcp-listen:9007,${stack}`, 'tcp:127.0.0.1:7')
    expect((await namespace.shell(`nc -N ${STACK} 9007 < ${path} | tail -n +2 > ${path}.back`)).status).toBe(0)
    expect(await fileHash(`${path}.back`)).toBe(hash)
    expect((await into.ended).status).toBe(0)
  })

  test('datagrams of two callers, each answered by itself', async () => {
    // (UDP-LISTEN would give the second caller's datagram to the first one's process, if it comes before that has connected.)
    const server = namespace.start('socat', ['-d', '-d', '-t20', 'UDP-RECVFROM:5007,fork', 'EXEC:cat'])
    await server.saying('receiving on')
    const relay = await relaying('udp-listen:6007,fork', `udp:${KERNEL}:5007,${stack}`)
    const ask = (word: string) => namespace.shell(`nc -u -W 1 127.0.0.1 6007 <<< ${word}`)
    const told = await Promise.all([ask('one'), ask('two')])
    expect(told.map(({ stdout }) => stdout)).toEqual(['one\n', 'two\n'])
    expect((await relay.stop('SIGINT')).status).toBe(130)
  })

  test('Unix sockets and records: borders are kept, permissions are set, the path goes away', async () => {
    const path = join(folder, 'socket')
    const relay = await relaying('-x', `seqpacket-listen:${path},mode=600`, 'exec:cat')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await namespace.shell(`printf 'one\\ntwo\\n' | socat -t20 -b 4 - UNIX:${path},type=5`)
    const { status, stderr } = await relay.ended
    expect(status).toBe(0)
    expect(stderr).toMatch(/length=4 from=0 to=3\n 6f 6e 65 0a\n> .* length=4 from=4 to=7\n 74 77 6f 0a\n/)
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
  })

  test('what fails is told in one line that names it, with status 1; whoever calls from elsewhere is refused', async () => {
    const refused = await namespace.run(COMMAND, ['relay', 'stdio', 'tcp:127.0.0.1:1'], { input: 'x' })
    expect(refused).toEqual({
      status: 1,
      stdout: '',
      stderr: 'jackfield: tcp:127.0.0.1:1: connect: Connection refused\n',
    })
    const relay = await relaying('tcp-listen:8010,fork,range=192.0.2.0/24', 'exec:cat')
    expect((await namespace.shell('nc -N 127.0.0.1 8010 <<< x')).stdout).toBe('')
    await relay.saying('refused 127.0.0.1')
    // Its output is closed early.
    const head = await namespace.shell(`${COMMAND} relay -u 'system:yes 2> /dev/null' stdio | head -n 1`)
    expect(head).toEqual({ status: 0, stdout: 'y\n', stderr: '' })
  })
})
