import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'
import { COMMAND, Served, STACK } from '../interop/served.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function jackfield(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(COMMAND, args, { encoding: 'utf8', timeout: 50_000 })
  return { status, stdout, stderr }
}

/** A port at which nobody listens: other programs of this machine have theirs. */
async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0), 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
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

  test('help of ping tells defaults in the unit that the flag takes', () => {
    const { stdout } = jackfield('ping', '--help')
    const words = stdout.replaceAll(/\s+/g, ' ')
    expect(words).toContain('-i, --interval <seconds> wait so long between requests (default: 1) ')
    expect(words).toContain('-W, --timeout <seconds> wait so long for the last answers (default: 10) ')
  })

  // The others are in usage.test.ts.
  test.each([
    [['fly'], "unknown command 'fly'; there are serve, router, "],
    [['serve'], "missing required argument 'service'; write it as in jackfield serve echo:7007"],
    [['ping', '10.0.0.1', '--bogus'], "unknown option '--bogus'; jackfield ping has --on, --ipv4, --ipv6, --count"],
    [['serve', 'echo', '--on', 'tap:name-of-seventeen,10.0.0.2/24'], 'an interface name of 1 to 15'],
    [['ping', 'no..where'], 'no..where: Name or service not known'],
  ])('%j: status 2 and one line that says what is wrong', (args, message) => {
    const { status, stdout, stderr } = jackfield(...args)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(ONE_LINE)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  // [ours, the program whose status it is]
  test.each([
    ['ping --bogus', 'ping'],
    ['traceroute --bogus', 'traceroute'],
    ['fetch --bogus', 'curl'],
    ['dig +bogus name.test', 'dig'],
    ['nc -w x 127.0.0.1 1', 'nc'],
    ['iperf3 -p 99999999 -s', 'iperf3'],
    ['capture -c x', 'tcpdump'],
    ['relay --bogus', 'socat'],
    ['trace --bogus', 'strace'],
  ])('jackfield %s is refused with the status of %s', (line, original) => {
    const [name, ...words] = line.split(' ')
    const { status, stderr } = jackfield(name as string, ...words)
    expect(stderr).toMatch(ONE_LINE)
    expect(status).toBe(spawnSync(original, words).status)
  })

  test('netstat is refused with the status of that of net-tools', () => {
    expect(jackfield('netstat', '--bogus').status).toBe(3)
  })

  describe("without koffi, and with it the operating system's sockets", () => {
    const NODE_OPTIONS = `--require ${fileURLToPath(new URL('./programs/no-koffi.cjs', import.meta.url))}`
    const bare = (...args: string[]) => {
      const env = { ...process.env, NODE_OPTIONS }
      const { status, stdout, stderr } = spawnSync(COMMAND, args, { encoding: 'utf8', timeout: 50_000, env })
      return { status, stdout, stderr }
    }

    test.each([
      [['serve', 'echo'], 2],
      [['ping', '10.0.0.1'], 2],
      [['fetch', 'http://10.0.0.1/'], 2],
      [['traceroute', '10.0.0.1'], 2],
      [['nc', '10.0.0.1', '7'], 1],
      [['dig', '@10.0.0.1', 'host.example'], 1],
    ])('%j says what to install: without it there are no devices for stacks either', (args, expected) => {
      const { status, stdout, stderr } = bare(...args)
      expect(stderr).toMatch(
        new RegExp(
          `^jackfield: ${args[0]}: jackfield/os needs the optional package koffi .*\\(npm install koffi\\)\\. ` +
            'Stacks of --on tap:… and tun:… need it too\n$',
        ),
      )
      expect({ status, stdout }).toEqual({ status: expected, stdout: '' })
    })

    test('--on os says what is missing', () => {
      const { status, stderr } = bare('ping', '10.0.0.1', '--on', 'os')
      expect(stderr).toMatch(
        /^jackfield: --on os: jackfield\/os needs the optional package koffi .*npm install koffi\)\n$/,
      )
      expect(status).toBe(2)
    })

    test('what needs no device works', () => {
      expect(bare('--version').status).toBe(0)
    })
  })

  test('a reader that has had enough ends it without a word, with the status of SIGPIPE; fetch with that of curl', async () => {
    const server = createServer((_, response) => response.end('a'.repeat(1_000_000)))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const page = `http://127.0.0.1:${port}/`
    const pipes = [
      ['--help', 141],
      ['ping -i 0.01 127.0.0.1', 141],
      ['netstat -c 0.01', 141],
      ['demo --on stack --capture /dev/null', 141],
      ['packetdrill -v test/drill/scripts/handshake', 141],
      ['completion zsh', 141],
      [`serve echo:${await freePort()}`, 141],
      [`fetch ${page}`, 23],
      [`fetch -s -o - ${page}`, 23],
    ] as const
    try {
      const ended = pipes.map(async ([words]) => {
        // The reader is gone before anything is written.
        const line = `"$0" ${words} | head -c 0; echo \${PIPESTATUS[0]} >&2`
        const child = spawn('bash', ['-c', line, COMMAND], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
        return [words, await text(child.stderr)]
      })
      expect(await Promise.all(ended)).toEqual(pipes.map(([words, status]) => [words, `${status}\n`]))
    } finally {
      server.close()
    }
  })

  test("--debug shows where an error comes from, wherever it stands; behind a program that is traced it is that program's", () => {
    for (const words of [
      ['ping', 'no..where', '--debug'],
      ['--debug', 'ping', 'no..where'],
      ['ping', '-c', 'x', '--debug'],
    ]) {
      const { status, stderr } = jackfield(...words)
      expect(stderr).toMatch(/^jackfield: [^\n]+\nUsageError: [^\n]+\n {4}at /)
      expect(stderr).toMatch(/(src|dist)\/cli\/[a-z-]+\.[jt]s:\d+/)
      expect(status).toBe(2)
    }
    expect(jackfield('trace', '/no/such/program.mjs', '--debug').stderr).toMatch(ONE_LINE)
  })

  test.each([
    ['--help'],
    ['--version'],
    ['netstat'],
    ['ping -c 1 127.0.0.1'],
    ['serve echo:PORT'],
    ['dig +tries=1 @127.0.0.1 -p 1'],
  ])('%s to a full disk: one line that says so, and status 1', async (words) => {
    const line = `"$0" ${words.replace('PORT', `${await freePort()}`)} > /dev/full`
    const { status, stderr } = spawnSync('sh', ['-c', line, COMMAND], {
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect(stderr).toBe('jackfield: standard output cannot be written: no space left on device\n')
    expect(status).toBe(1)
  })

  test.each([
    ['', 'jackfield: fetch: (23) Failure writing output to destination: no space left on device\n'],
    ['-s', ''],
  ])('fetch %s to a full disk: status 23, as curl', async (flag, message) => {
    const server = createServer((_, response) => response.end('a page'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const line = `"$0" fetch ${flag} http://127.0.0.1:${port}/ > /dev/full`
      const child = spawn('sh', ['-c', line, COMMAND], { stdio: ['ignore', 'ignore', 'pipe'] })
      const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
      expect({ status, stderr }).toEqual({ status: 23, stderr: message })
    } finally {
      server.close()
    }
  })

  test('what it tells on stderr may get lost: the page does not', async () => {
    const server = createServer((_, response) => response.end('a page'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const line = `"$0" fetch -v http://127.0.0.1:${port}/ 2> /dev/full`
      const child = spawn('sh', ['-c', line, COMMAND], { stdio: ['ignore', 'pipe', 'ignore'] })
      const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'close')])
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'a page' })
    } finally {
      server.close()
    }
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

describeNetwork('the command and the system', ['curl', 'sysctl'], () => {
  let namespace: Namespace

  beforeEach(() => {
    namespace = new Namespace()
  })

  afterEach(() => namespace?.close())

  const serve = (...args: string[]) => namespace.run(COMMAND, ['serve', ...args])

  test.each([
    ['serve echo:7', 7],
    ['nc -l 80', 80],
  ])('%s without the right to such a port: status 1, and what to do', async (words, port) => {
    const { status, stderr } = await namespace.run('setpriv', [
      ...['--reuid=65534', '--regid=65534', '--clear-groups', COMMAND],
      ...words.split(' '),
    ])
    expect(stderr).toBe(
      `jackfield: bind EACCES to port ${port}: ports under 1024 need root or CAP_NET_BIND_SERVICE: run it as root, or choose a port ` +
        'from 1024 on\n',
    )
    expect(status).toBe(1)
  })

  test('traceroute where no route leads says so', async () => {
    const { status, stderr } = await namespace.run(COMMAND, ['traceroute', '192.0.2.1'])
    expect(stderr).toBe('jackfield: traceroute: Network is unreachable (connect ENETUNREACH 192.0.2.1:33434)\n')
    expect(status).toBe(1)
  })

  test('an interface of another kind: status 1 and one line', async () => {
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tun')
    const { status, stderr } = await serve('echo', '--on', 'tap:jf0,10.9.0.2/24')
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain(
      '--on tap:jf0: ioctl EINVAL: attaching to jf0: invalid argument. It exists and is no tap interface',
    )
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
    expect(stderr).toContain('--on tap:jf0: ioctl EPERM: attaching to jf0')
    expect(stderr).toContain('Run as root or with CAP_NET_ADMIN')
    expect(status).toBe(1)
  })

  test.each([
    ['/no/such/folder/file', 'no such file or directory: name a file in a folder that exists'],
    ['/', 'illegal operation on a directory: name a file'],
    ['/dev/full', 'no space left on device: make room'],
  ])('a capture %s that cannot be written: status 1 and one line that names the flag', async (path, message) => {
    const { status, stderr } = await serve('echo', '--on', 'tap:jf0,10.9.0.2/24', '--capture', path)
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain(`--capture "${path}" cannot be written, ${message}`)
    expect(status).toBe(1)
  })

  test('a capture that cannot be written any more: status 1 and one line', async () => {
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', '10.9.0.1/24')
    const command = `"${COMMAND}" ping 10.9.0.1 -i 0.01 --on tap:jf0,10.9.0.2/24 --capture "$0"/x.pcapng`
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-full-'))
    try {
      const mount = `mount -t tmpfs -o size=8k none "$0" && ${command}`
      const { status, stderr } = await namespace.run('unshare', ['--mount', 'sh', '-c', mount, folder])
      expect(stderr).toMatch(ONE_LINE)
      expect(stderr).toContain(`--capture "${folder}/x.pcapng" cannot be written, no space left on device: make room`)
      expect(status).toBe(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
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

  test("the kernel's side is on the link of the stack, whatever its prefix; a gateway is taken for it", async () => {
    for (const [where, kernel] of [
      ['10.9.0.130/25', '10.9.0.129/25'],
      ['10.9.0.2/24,via 10.9.0.254', '10.9.0.254/24'],
    ]) {
      const server = namespace.start(COMMAND, ['serve', 'echo', '--on', `tap:jf0,${where}`])
      await server.saying(/^ready$/m)
      const { stdout } = await server.stop()
      expect(stdout).toContain(`the kernel's side: ip address add ${kernel} dev jf0; ip link set jf0 up\n`)
    }
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

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s during an upload: it ends with 0, and nothing of it is left',
    async (signal) => {
      const served = await Served.start({ services: ['http=FOLDER'] })
      try {
        const upload = served.namespace.start('sh', [
          '-c',
          `head -c 1000000 /dev/zero | curl -s -T - --limit-rate 100k http://${STACK}/up`,
        ])
        while (!readdirSync(served.folder).some((name) => name.startsWith('.uploading-')))
          await served.run('sleep', ['0.05'])
        expect(await served.server.stop(signal)).toMatchObject({ status: 0, stderr: '' })
        expect(readdirSync(served.folder)).toEqual([])
        await upload.stop()
      } finally {
        await served.close()
      }
    },
  )
})
