import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace, type Outcome } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, KERNEL, Served, STACK } from './served.ts'

const PORT = 8080
const SERVER: string = fileURLToPath(new URL('programs/web-server.mjs', import.meta.url))
const KERNEL6 = '2001:db8:9::1'
const PATTERN = '0123456789abcdefghijklmnopqrstuvwxyz.'

/** The calls on the first TCP socket of a trace, its descriptor as FD, without what differs from run to run. */
function callsOf(trace: string): string[] {
  const lines = trace.split('\n').map((line) => line.replace(/^(\[pid +)?\d+\]? +/, '').replace(/\) += /, ') = '))
  const first = lines.findIndex((line) => line.startsWith('socket(AF_INET, SOCK_STREAM'))
  const fd = /= (\d+)$/.exec(lines[first] ?? '')?.[1]
  const calls = lines.slice(first).filter((line, i) => i === 0 || new RegExp(`^\\w+\\(${fd}[,)]`).test(line))
  const end = lines.find((line) => line.startsWith('+++'))
  return [...calls, end ?? ''].map((line) =>
    line
      .replace(new RegExp(`\\(${fd}(?=[,)])`), '(FD')
      .replace(new RegExp(`= ${fd}$`), '= FD')
      // How long the request is depends on our names, how much is read at once on the weather.
      .replace(/^(sendto\(.*?"\.\.\.), \d+, (.*) = \d+$/, '$1, N, $2 = N')
      .replace(/^(recvfrom\(FD), .*, (\d+), (\w+), NULL, NULL\) = \d+$/, '$1, …, $2, $3, NULL, NULL) = N')
      .replace(/^(get(?:sock|peer)name\(FD), .*$/, '$1'),
  )
}

/** Without repetition: curl asks for the names of both ends three times, and reads as often as something comes. */
function once(calls: readonly string[]): string[] {
  return calls.filter((line, i) => calls.indexOf(line) === i)
}

describeNetwork('fetch', ['sysctl', 'strace', 'curl'], () => {
  let namespace: Namespace
  let folder: string

  const fetch = (...args: string[]): Promise<Outcome> =>
    namespace.run(COMMAND, ['fetch', '--on', `tap:jf0,${STACK}/24,2001:db8:9::2/64`, ...args])

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-fetch-'))
    namespace = new Namespace()
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.ip('address', 'add', `${KERNEL}/24`, 'dev', 'jf0')
    namespace.ip('address', 'add', `${KERNEL6}/64`, 'dev', 'jf0', 'nodad')
    namespace.ip('link', 'set', 'dev', 'jf0', 'up')
    await namespace.start(process.execPath, [SERVER, String(PORT)]).saying('ready')
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('traced, makes the calls of curl under strace, in their order, with their arguments', async () => {
    const url = `http://${KERNEL}:${PORT}/`
    const file = join(folder, 'strace')
    const curl = await namespace.run('strace', ['-f', '-e', 'trace=network,close', '-o', file, 'curl', '-s', url])
    expect(curl).toMatchObject({ status: 0, stdout: 'hello from the kernel\n' })
    const ours = await fetch('--trace', url)
    expect(ours).toMatchObject({ status: 0, stdout: 'hello from the kernel\n' })
    const calls = once(callsOf(ours.stderr))
    expect(calls).toEqual(once(callsOf(readFileSync(file, 'utf8'))))
    expect(calls.map((line) => line.replace(/\(.*/, ''))).toEqual([
      ...['socket', 'setsockopt', 'setsockopt', 'setsockopt', 'setsockopt', 'connect', 'getsockopt'],
      ...['getsockname', 'getpeername', 'sendto', 'recvfrom', 'close', '+++ exited with 0 +++'],
    ])
  })

  test('-e chooses calls, --trace-file takes them, and the status is the last line', async () => {
    const file = join(folder, 'trace')
    const args = ['-e', 'trace=connect,poll', '--trace-file', file, '-f', `http://${KERNEL}:${PORT}/none`]
    expect(await fetch(...args)).toMatchObject({ status: 22, stdout: '' })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/\(.*/, '')).slice(0, 3)).toEqual(['connect', 'poll', 'poll'])
    expect(lines.at(-1)).toBe('+++ exited with 22 +++')
  })

  test.each([KERNEL, `[${KERNEL6}]`])('gets 20 MB from %s intact, into a file', async (host) => {
    const file = join(folder, 'octets')
    const size = 20_000_000
    expect(await fetch('-o', file, `http://${host}:${PORT}/octets/${size}`)).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
    const wanted = Buffer.alloc(size, PATTERN)
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(
      createHash('sha256').update(wanted).digest('hex'),
    )
  })

  test("has curl's statuses: 7 refused, 28 too late, 6 no name, 1 ftp, 2 for what was written wrong", async () => {
    const outcome = async (...args: string[]) => {
      const { status, stderr } = await fetch(...args)
      return [status, stderr.trimEnd()]
    }
    expect(await outcome(`http://${KERNEL}:9/`)).toEqual([
      7,
      `jackfield: fetch: (7) Failed to connect to ${KERNEL} port 9: Connection refused`,
    ])
    expect(await outcome('-m', '0.3', `http://${KERNEL}:${PORT}/silence`)).toEqual([
      28,
      'jackfield: fetch: (28) Operation timed out after 300 milliseconds',
    ])
    expect(await outcome('-s', 'http://no.such.name/')).toEqual([6, ''])
    expect((await outcome('ftp://192.0.2.1/'))[0]).toBe(1)
    expect(await outcome('-X', 'A B', 'http://192.0.2.1/')).toEqual([
      2,
      'jackfield: -X "A B" is no method; write one such as PUT',
    ])
  })

  test('-L goes where the server sends it, --resolve says where that is', async () => {
    const args = ['-L', '--resolve', `web.example:${PORT}:${KERNEL}`, `http://web.example:${PORT}/to/octets/10`]
    expect(await fetch(...args)).toMatchObject({ status: 0, stdout: PATTERN.slice(0, 10) })
  })
})

describeNetwork('netstat', ['sysctl', 'ss', 'curl'], () => {
  let served: Served

  beforeAll(async () => {
    served = await Served.start({ services: ['echo', 'discard'], options: ['--control', 'FOLDER/control'] })
  })

  afterAll(() => served?.close())

  const netstat = (...args: string[]): Promise<Outcome> =>
    served.run(COMMAND, ['netstat', join(served.folder, 'control'), ...args])

  test('lists the connections that the kernel has with the stack, from the other side', async () => {
    const clients = [1, 2, 3].map(() =>
      served.namespace.start('bash', ['-c', `exec 3<>/dev/tcp/${STACK}/7; echo up >&3; head -n 1 <&3; sleep 60`]),
    )
    // Echoed: the stack has heard the end of the handshake too.
    await Promise.all(clients.map((client) => client.saying('up')))
    const kernel = (await served.run('ss', ['-Htn', 'state', 'established'])).stdout.trim().split('\n')
    const pairs = kernel.map((line) => line.split(/\s+/).slice(2, 4).reverse().join(' ')).sort()
    expect(pairs).toHaveLength(3)
    const { stdout } = await netstat('-t', '--json')
    const entries = JSON.parse(stdout) as Record<string, string>[]
    expect(
      entries
        .map((one) => `${one['localAddress']}:${one['localPort']} ${one['peerAddress']}:${one['peerPort']}`)
        .sort(),
    ).toEqual(pairs)
    expect(entries.map((one) => one['state'])).toEqual(['ESTABLISHED', 'ESTABLISHED', 'ESTABLISHED'])
    expect(new Set(entries.map((one) => one['pid'])).size).toBe(1)
    await Promise.all(clients.map((client) => client.stop('SIGKILL')))
  })

  test('prints listeners, routes, interfaces, neighbours and counters', async () => {
    const table = async (...args: string[]) => {
      const { status, stdout } = await netstat(...args)
      expect(status).toBe(0)
      return stdout
    }
    expect(await table('-l', '-n')).toMatch(/^tcp6 +0 +\d+ \[::\]:7 +\[::\]:\* +LISTEN +\d+\/3$/m)
    expect(await table('-l', '-n', '-u')).toMatch(/^udp6 +0 +0 \[::\]:9 /m)
    expect(await table('-r')).toContain(`default      ${KERNEL}  jf0`)
    expect(await table('-i')).toMatch(/^jf0 .*10\.9\.0\.2\/24$/m)
    expect(await table('--neighbours')).toMatch(/^10\.9\.0\.1 +([0-9a-f]{2}:){5}[0-9a-f]{2} +\w+ +jf0$/m)
    expect(await table('-s')).toMatch(/^ {4}\d+ segments in$/m)
  })

  test('says when nobody listens there', async () => {
    const { status, stderr } = await served.run(COMMAND, ['netstat', '/no/such/path'])
    expect([status, stderr]).toEqual([
      1,
      'jackfield: nobody listens at "/no/such/path": start one with jackfield serve … --control PATH, and give the same path\n',
    ])
  })
})
