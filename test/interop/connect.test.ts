import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { KERNEL, STACK } from './served.ts'

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
    namespace.configure('jf0', `${KERNEL}/24`)
  })

  afterAll(() => namespace?.close())

  async function connect(targets: string[], syns = 6): Promise<Result[]> {
    const args = [program, String(syns), ...targets]
    const { status, stdout, stderr } = await namespace.run(process.execPath, args, { within: 30_000 })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return JSON.parse(stdout)
  }

  function failure(code: 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' | 'ENETUNREACH', address: string): object {
    return {
      code,
      syscall: 'connect',
      errno: -constants.errno[code],
      address,
      port: 5000,
      message: `connect ${code} ${address}:5000`,
    }
  }

  test('accepted: five octets there and back, with both names right', async () => {
    const server = namespace.start('socat', ['-d', '-d', 'TCP-LISTEN:5000,fork,reuseaddr', 'EXEC:cat'])
    await server.saying('listening on')
    const results = await connect([`${KERNEL}:5000`, `${KERNEL}:5000`])
    expect(results).toEqual(new Array(2).fill({ length: 5, own: STACK, peer: `${KERNEL}:5000` }))
    await server.stop()
  })

  test('refused: ECONNREFUSED', async () => {
    expect(await connect([`${KERNEL}:5000`])).toEqual([failure('ECONNREFUSED', KERNEL)])
  })

  test('not answered: ETIMEDOUT once the SYNs of TCP_SYNCNT are spent', async () => {
    // The kernel routes no packets that are not for itself: it swallows them.
    namespace.sysctl('net.ipv4.ip_forward', 0)
    expect(await connect(['192.0.2.1:5000'], 1)).toEqual([failure('ETIMEDOUT', '192.0.2.1')])
  })

  test('nobody has the address on the link: EHOSTUNREACH', async () => {
    expect(await connect(['10.9.0.77:5000'])).toEqual([failure('EHOSTUNREACH', '10.9.0.77')])
  })

  test('a router reports that the host, or the network, cannot be reached: what the attempt times out with (RFC 9293 3.9.2.2)', async () => {
    namespace.sysctl('net.ipv4.ip_forward', 1)
    namespace.ip('route', 'add', 'unreachable', '192.0.2.0/24')
    // To the other there is no route at all: the kernel says that the network is unreachable.
    expect(await connect(['192.0.2.1:5000', '203.0.113.1:5000'], 1)).toEqual([
      failure('EHOSTUNREACH', '192.0.2.1'),
      failure('ENETUNREACH', '203.0.113.1'),
    ])
  })
})
