import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'
import { COMMAND } from '../interop/served.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function jackfield(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(COMMAND, args, { encoding: 'utf8', timeout: 20_000 })
  return { status, stdout, stderr }
}

/** One line, no stack trace. */
const ONE_LINE = /^jackfield: [^\n]+\n$/

describe('the command', () => {
  test('--version is that of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(jackfield('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('--help names the subcommands', () => {
    const { status, stdout } = jackfield('--help')
    expect(status).toBe(0)
    expect(stdout).toContain('serve')
    expect(stdout).toContain('ping')
  })

  test.each([
    [['fly'], "unknown command 'fly'"],
    [['serve', '--on', 'tap:t0,10.0.0.2/24'], "missing required argument 'service'"],
    [['serve', 'echo'], "required option '--on <where>' not specified"],
    [['serve', 'echo', '--on', 'eth0'], '--on "eth0" must begin with tap:NAME or tun:NAME'],
    [['serve', 'gopher', '--on', 'tap:t0,10.0.0.2/24'], 'there is no service "gopher"; there are echo, discard'],
    [['serve', 'echo:70000', '--on', 'tap:t0,10.0.0.2/24'], 'a port is a number from 1 to 65535'],
    [['serve', 'http', '--on', 'tap:t0,10.0.0.2/24'], 'does not say which directory to serve'],
    [['serve', 'http=/no/such/place', '--on', 'tap:t0,10.0.0.2/24'], 'http cannot serve "/no/such/place"'],
    [['serve', 'echo', '--on', 'tap:t0,10.0.0.2/24', '--impair', 'loss=lots'], '--impair "loss=lots":'],
    [['serve', 'echo', '--on', 'tap:t0,10.0.0.2/24', '--colour', 'red'], "unknown option '--colour'"],
    [['serve', 'echo', '--on', 'tap:name-of-seventeen,10.0.0.2/24'], 'an interface name of 1 to 15'],
    [['ping', 'there', '--on', 'tap:t0,10.0.0.2/24'], '"there" is no IPv4 address'],
    [['ping', '10.0.0.1', '--on', 'tap:t0,10.0.0.2/24', '-c', 'x'], 'It must be a whole number'],
  ])('%j: status 2 and one line that says what is wrong', (args, message) => {
    const { status, stdout, stderr } = jackfield(...args)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(ONE_LINE)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  test('a reader that has had enough ends it without a word', () => {
    const line = `${COMMAND} --help | head -c 1`
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8', timeout: 20_000 })
    expect({ stdout: stdout.length, stderr }).toEqual({ stdout: 1, stderr: '' })
  })

  test('a checkout that was not built says so', () => {
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-unbuilt-'))
    try {
      cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
      cpSync(join(root, 'package.json'), join(folder, 'package.json'))
      const { status, stderr } = spawnSync(join(folder, 'bin', 'jackfield'), [], { encoding: 'utf8' })
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'jackfield: dist/ is missing: this is a checkout that was not built. Run npm run build\n',
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describeNetwork('the command and the system', ['socat', 'sysctl'], () => {
  let namespace: Namespace

  beforeEach(() => {
    namespace = new Namespace()
  })

  afterEach(() => namespace?.close())

  const serve = (...args: string[]) => namespace.run(COMMAND, ['serve', ...args])

  test('an interface of another kind: status 1 and one line', async () => {
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tun')
    const { status, stderr } = await serve('echo', '--on', 'tap:jf0,10.9.0.2/24')
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain('attaching to jf0: invalid argument. It exists and is no tap interface')
    expect(status).toBe(1)
  })

  test('without the right to make an interface: status 1, and what to do', async () => {
    const { status, stderr } = await namespace.run('setpriv', [
      '--bounding-set=-net_admin',
      '--inh-caps=-net_admin',
      COMMAND,
      ...['serve', 'echo', '--on', 'tap:jf0,10.9.0.2/24'],
    ])
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain('EPERM: attaching to jf0')
    expect(stderr).toContain('Run as root or with CAP_NET_ADMIN')
    expect(status).toBe(1)
  })

  test('the same port twice: status 1, and which', async () => {
    const { status, stderr } = await serve('echo:80', 'upper:80', '--on', 'tap:jf0,10.9.0.2/24')
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain('EADDRINUSE 0.0.0.0:80')
    expect(status).toBe(1)
  })

  test('a capture that cannot be written: status 1 and one line', async () => {
    const { status, stderr } = await serve('echo', '--on', 'tap:jf0,10.9.0.2/24', '--capture', '/no/such/folder/file')
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain('/no/such/folder/file')
    expect(status).toBe(1)
  })

  test('the interface is deleted while it serves: status 1 and one line', async () => {
    const server = namespace.start(COMMAND, ['serve', 'echo', '--on', 'tap:jf0,10.9.0.2/24'])
    await server.saying('ready')
    namespace.ip('link', 'delete', 'jf0')
    const { status, stderr } = await server.ended
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain('jf0')
    expect(status).toBe(1)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s: it ends with 0, and has said what it serves', async (signal) => {
    const server = namespace.start(COMMAND, ['serve', 'echo', 'http:8080=/tmp', '--on', 'tap:jf0,10.9.0.2/24'])
    await server.saying(/^ready$/m)
    expect(await server.stop(signal)).toEqual({
      status: 0,
      stdout:
        "on 10.9.0.2/24; the kernel's side: ip address add 10.9.0.1/24 dev jf0; ip link set jf0 up\n" +
        'echo: TCP and UDP port 7\nhttp: TCP port 8080, files of /tmp\nready\n',
      stderr: '',
    })
  })
})
