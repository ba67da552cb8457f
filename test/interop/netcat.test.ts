import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chargenPattern } from '../../src/services/chargen.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { fileHash, writeSeededFile } from './seeded-file.ts'
import { FAMILIES, KERNEL, Served, STACK } from './served.ts'

const programs = fileURLToPath(new URL('./programs', import.meta.url))

describeNetwork('nc and socat, and the services', ['nc', 'socat', 'bash', 'sysctl'], () => {
  describe.each(['tap', 'tun'] as const)('over %s', (kind) => {
    let served: Served

    beforeAll(async () => {
      served = await Served.start({ kind })
    })

    afterAll(() => served?.close())

    const nc = (args: string[], input: string) => served.run('nc', [...args], { input })

    describe.each(FAMILIES)('and $family', ({ stack, url }) => {
      test('echo over TCP', async () => {
        expect(await nc(['-N', stack, '7'], 'hello\n')).toMatchObject({ status: 0, stdout: 'hello\n' })
      })

      test('upper over TCP', async () => {
        expect(await nc(['-N', stack, '12000'], 'hello, wörld\n')).toMatchObject({
          status: 0,
          stdout: 'HELLO, WöRLD\n',
        })
      })

      test('daytime over TCP: one line, and the server closes (RFC 867)', async () => {
        const { stdout } = await nc([stack, '13'], '')
        expect(stdout).toMatch(/^\w+day, \w+ \d{1,2}, 20\d\d \d\d:\d\d:\d\d-UTC\r\n$/)
      })

      test('discard over TCP answers nothing (RFC 863)', async () => {
        expect(await nc(['-N', stack, '9'], 'hello\n')).toMatchObject({ status: 0, stdout: '' })
      })

      test('chargen over TCP: the pattern, until the client has had enough (RFC 864)', async () => {
        const { stdout } = await served.shell(`head -c 1000000 < /dev/tcp/${stack}/19`)
        const pattern = new TextDecoder().decode(chargenPattern(143))
        expect(stdout.length).toBe(1_000_000)
        expect(stdout === pattern.slice(0, 1_000_000)).toBe(true)
      })

      const udp = (port: number, text: string) => nc(['-u', '-W', '1', stack, String(port)], text)

      test('echo over UDP', async () => {
        expect((await udp(7, 'hello')).stdout).toBe('hello')
      })

      test('upper over UDP', async () => {
        expect((await udp(12000, 'hello')).stdout).toBe('HELLO')
      })

      test('daytime over UDP', async () => {
        expect((await udp(13, '\n')).stdout).toMatch(/-UTC\r\n$/)
      })

      test('a datagram of 60000 octets there and back, in fragments', async () => {
        const path = join(served.folder, 'datagram')
        writeSeededFile(path, 60_000)
        await served.shell(
          `head -c 60000 > ${path}.back < <(exec socat -b 65000 -t 20 - UDP:${url}:7 < ${path} 2> /dev/null)`,
        )
        expect(await fileHash(`${path}.back`)).toBe(await fileHash(path))
      })

      test('a datagram to a port where nobody listens: the kernel hears that it is unreachable', async () => {
        const { status, stderr } = await served.run('socat', ['-t', '20', '-', `UDP:${url}:4444`], { input: 'hello' })
        expect(stderr).toContain('Connection refused')
        expect(status).not.toBe(0)
      })

      test('a connection to a port where nobody listens is refused', async () => {
        const { status, stderr } = await nc(['-v', stack, '4444'], '')
        expect(stderr).toContain('Connection refused')
        expect(status).toBe(1)
      })

      test('the client ends its direction first: all that it sent comes back after that', async () => {
        const path = join(served.folder, 'file')
        const hash = writeSeededFile(path, 5_000_000)
        const { status } = await served.shell(`socat -t 30 - TCP:${url}:7 < ${path} > ${path}.back`)
        expect(status).toBe(0)
        expect(await fileHash(`${path}.back`)).toBe(hash)
      })

      test('the client goes away in the middle of what it is sent: the server goes on', async () => {
        const { stdout } = await served.shell(
          `for i in {1..20}; do head -c 300000 < /dev/tcp/${stack}/19 | tail -c 1 & done; wait`,
        )
        expect(stdout.length).toBe(20)
        expect((await nc(['-N', stack, '7'], 'still there\n')).stdout).toBe('still there\n')
      })

      test('the client resets with data under way: the server goes on', async () => {
        const { status } = await served.shell(
          `for i in {1..20}; do timeout 0.2 socat -u /dev/zero TCP:${url}:9,so-linger=0 & done; wait`,
        )
        expect(status).toBe(0)
        expect((await nc(['-N', stack, '7'], 'still there\n')).stdout).toBe('still there\n')
        expect(served.server.stderr).toBe('')
      })
    })
  })

  describe('programs on the stack', () => {
    let namespace: Namespace

    beforeEach(() => {
      namespace = new Namespace()
      namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
      namespace.configure('jf0', `${KERNEL}/24`)
    })

    afterEach(() => namespace?.close())

    test('the stack ends its direction first: what the kernel sends after that arrives', async () => {
      const server = namespace.start(process.execPath, [join(programs, 'half-close.mjs')])
      await server.saying('ready')
      const { stdout } = await namespace.shell(
        `exec 3<>/dev/tcp/${STACK}/4000; cat <&3; head -c 3000000 /dev/zero | tr '\\0' '\\1' >&3; exec 3>&-`,
      )
      expect(stdout).toBe('farewell\n')
      const end = await server.ended
      expect(end.stdout).toContain('{"octets":3000000,"sum":3000000}')
      expect(end.status).toBe(0)
    })

    test('the stack resets with data under way: the kernel hears a reset', async () => {
      const server = namespace.start(process.execPath, [join(programs, 'reset.mjs')])
      await server.saying('ready')
      for (let i = 0; i < 5; i++) {
        const { stderr } = await namespace.shell(
          `exec 3<>/dev/tcp/${STACK}/4000; head -c 100000 <&3 >/dev/null; echo x >&3; LC_ALL=C cat <&3 >/dev/null`,
        )
        expect(stderr).toContain('Connection reset by peer')
      }
      await server.stop()
    })
  })

  test('a client that sends for ever does not keep the server from ending', async () => {
    const served = await Served.start()
    try {
      const client = served.namespace.start('socat', ['-u', '/dev/zero', `TCP:${STACK}:9`])
      const other = served.namespace.start('bash', ['-c', `cat < /dev/tcp/${STACK}/19 > ${served.folder}/out`])
      while (!exists(join(served.folder, 'out'))) await served.run('sleep', ['0.05'])
      const { status, stderr } = await served.stop()
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      await Promise.all([client.stop(), other.stop()])
    } finally {
      await served.close()
    }
  })
})

function exists(path: string): boolean {
  try {
    return readFileSync(path).length > 0
  } catch {
    return false
  }
}
