import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { FAMILIES, KERNEL, KERNEL6 } from './served.ts'

const program = fileURLToPath(new URL('./programs/connect.mjs', import.meta.url))

interface Result {
  readonly code?: string
  readonly message?: string
}

describeNetwork('connections from the stack to the kernel', ['socat', 'sysctl'], () => {
  let namespace: Namespace

  beforeAll(() => {
    namespace = new Namespace()
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`])
  })

  afterAll(() => namespace?.close())

  async function connect(targets: string[], syns = 6): Promise<Result[]> {
    const args = [program, String(syns), ...targets]
    const { status, stdout, stderr } = await namespace.run(process.execPath, args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return JSON.parse(stdout)
  }

  function failure(
    code: 'EACCES' | 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' | 'ENETUNREACH',
    address: string,
  ): object {
    return {
      code,
      syscall: 'connect',
      errno: -constants.errno[code],
      address,
      port: 5000,
      message: `connect ${code} ${address}:5000`,
    }
  }

  describe.each([
    {
      ...FAMILIES[0],
      nobody: '10.9.0.77',
      silent: '192.0.2.0/24',
      refused: '198.51.100.0/24',
      how: 'unreachable',
      code: 'EHOSTUNREACH',
      unknown: '203.0.113.1',
      forward: 'net.ipv4.ip_forward',
    },
    {
      ...FAMILIES[1],
      nobody: 'fd09::77',
      silent: '2001:db8:1::/64',
      refused: '2001:db8:2::/64',
      // Its "unreachable" is the same message as for no route at all.
      how: 'prohibit',
      code: 'EACCES',
      unknown: '2001:db8:3::1',
      forward: 'net.ipv6.conf.all.forwarding',
    },
  ] as const)('over $family', ({ family, kernel, stack, nobody, silent, refused, how, code, unknown, forward }) => {
    const at = (address: string) => (address.includes(':') ? `[${address}]:5000` : `${address}:5000`)
    const hostOf = (prefix: string) => prefix.replace(/0?\/\d+$/, '1')

    test('accepted: five octets there and back, with both names right', async () => {
      const listen = `TCP${family === 'IPv6' ? '6' : ''}-LISTEN:5000,fork,reuseaddr`
      const server = namespace.start('socat', ['-d', '-d', listen, 'EXEC:cat'])
      await server.saying('listening on')
      const results = await connect([at(kernel), at(kernel)])
      expect(results).toEqual(new Array(2).fill({ length: 5, own: stack, peer: `${kernel}:5000` }))
      await server.stop()
    })

    test('refused: ECONNREFUSED', async () => {
      expect(await connect([at(kernel)])).toEqual([failure('ECONNREFUSED', kernel)])
    })

    test('not answered: ETIMEDOUT once the SYNs of TCP_SYNCNT are spent', async () => {
      namespace.ip('route', 'add', 'blackhole', silent)
      expect(await connect([at(hostOf(silent))], 1)).toEqual([failure('ETIMEDOUT', hostOf(silent))])
    })

    test('nobody has the address on the link: EHOSTUNREACH', async () => {
      expect(await connect([at(nobody)])).toEqual([failure('EHOSTUNREACH', nobody)])
    })

    test('a router reports that the host, or the network, cannot be reached: what the attempt times out with (RFC 9293 3.9.2.2)', async () => {
      namespace.sysctl(forward, 1)
      namespace.ip('route', 'add', how, refused)
      // To the other there is no route at all: the kernel says that the network is unreachable.
      expect(await connect([at(hostOf(refused)), at(unknown)], 1)).toEqual([
        failure(code, hostOf(refused)),
        failure('ENETUNREACH', unknown),
      ])
    })
  })
})
