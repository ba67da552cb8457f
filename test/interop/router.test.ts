// A router of ours between two hosts of the kernel's.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { amount } from '../soak.ts'
import type { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { ROUTED, Routed, type RoutedOptions } from './routed.ts'
import { fileHash, writeSeededFile } from './seeded-file.ts'

const PORT = 8080
const MEGABYTE = 1_000_000
const LARGE = amount(4, 20)

/** Fetches a file of `size` octets from the far host, and uploads it; both must arrive as they were. */
async function thereAndBack({ near, folder }: Routed, far: string, size: number): Promise<void> {
  const hash = writeSeededFile(join(folder, 'down'), size)
  const url = `http://${far.includes(':') ? `[${far}]` : far}:${PORT}`
  const down = await near.run('curl', ['-sS', '-f', '-o', join(folder, 'fetched'), `${url}/down`])
  expect(down).toMatchObject({ status: 0, stderr: '' })
  expect(await fileHash(join(folder, 'fetched'))).toBe(hash)
  const up = await near.run('curl', ['-sS', '-f', '-T', join(folder, 'down'), `${url}/up`])
  expect(up).toMatchObject({ status: 0, stderr: '' })
  expect(await fileHash(join(folder, 'up'))).toBe(hash)
  for (const name of ['down', 'fetched', 'up']) rmSync(join(folder, name))
}

/** The addresses of the hops in what traceroute(8) prints: "*" for one that did not answer. */
function hops(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/)[1] as string)
}

/** Echo requests that the kernel has received. */
function asked(namespace: Namespace): number {
  const [names, values] = namespace
    .read('/proc/net/snmp')
    .split('\n')
    .filter((line) => line.startsWith('Icmp: ')) as [string, string]
  return Number(values.split(' ')[names.split(' ').indexOf('InEchos')])
}

describeNetwork('a router between two hosts of the kernel', ['curl', 'ping', 'traceroute', 'sysctl'], () => {
  describe.each<[string, RoutedOptions]>([
    ['', {}],
    [', without offloads', { on: 'offload=off' }],
  ])('over TAP%s', (_what, options) => {
    let routed: Routed

    beforeAll(async () => {
      routed = await Routed.start(options)
      await routed.store(PORT)
    })

    afterAll(() => routed?.close())

    describe.each(ROUTED)('$family', ({ flag, nearRouter, far }) => {
      test(`${LARGE} MB from host to host and back are intact`, async () => {
        await thereAndBack(routed, far, LARGE * MEGABYTE)
      })

      test.each([
        ['UDP', []],
        ['ICMP', ['-I']],
        ['TCP', ['-T', '-p', String(PORT)]],
      ] as [string, string[]][])(
        'traceroute by %s: the router is the first hop, the host the second',
        async (_how, how) => {
          const args = [flag, '-n', '-q', '1', '-w', '20', ...how, far]
          const { status, stdout, stderr } = await routed.near.run('traceroute', args)
          expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
          expect(hops(stdout)).toEqual([nearRouter, far])
        },
      )

      test('an echo request loses one of its hops on the way, and so does the answer', async () => {
        const { stdout } = await routed.near.run('ping', ['-c', '1', '-s', '3000', far])
        expect(stdout).toMatch(/icmp_seq=1 ttl=63 /)
      })
    })
  })

  describe('to a link of 1400 octets', () => {
    let routed: Routed

    beforeAll(async () => {
      routed = await Routed.start({ farMtu: 1400 })
      await routed.store(PORT)
    })

    afterAll(() => routed?.close())

    test.each([
      { ...ROUTED[0], size: 1372, words: 'Frag needed and DF set (mtu = 1400)' },
      { ...ROUTED[1], size: 1352, words: 'Packet too big: mtu=1400' },
    ])(
      '$family: what is too long by an octet is told so (RFC 1191, RFC 8201)',
      async ({ nearRouter, far, size, words }) => {
        const ping = (length: number) =>
          routed.near.run('ping', ['-c', '1', '-W', '20', '-M', 'do', '-s', String(length), far])
        expect((await ping(size)).stdout).toContain('1 received')
        const { stdout } = await ping(size + 1)
        expect(stdout).toContain(`From ${nearRouter} icmp_seq=1 ${words}`)
        expect(routed.near.ip('route', 'get', far)).toMatch(/\bmtu 1400\b/)
      },
    )

    test.each(ROUTED)(
      '$family: 5 MB from host to host and back are intact, whose segments were too long',
      async ({ far }) => {
        routed.near.ip('route', 'flush', 'cache')
        await thereAndBack(routed, far, 5 * MEGABYTE)
        expect(routed.near.ip('route', 'get', far)).toMatch(/\bmtu 1400\b/)
      },
    )

    test('IPv4: what may be cut is cut (RFC 791 3.2)', async () => {
      routed.near.ip('route', 'flush', 'cache')
      const { stdout } = await routed.near.run('ping', ['-c', '1', '-M', 'dont', '-s', '1472', ROUTED[0].far])
      expect(stdout).toContain('1 received')
    })
  })

  test('hosts of a link give themselves addresses of what --advertise says, and find their way (RFC 4862)', async () => {
    const routed = await Routed.start({ options: ['--advertise'] })
    try {
      const { near } = routed
      near.ip('address', 'flush', 'dev', 'jf0')
      near.ip('link', 'set', 'jf0', 'down')
      near.sysctl('net.ipv6.conf.jf0.accept_ra', 2)
      near.sysctl('net.ipv6.conf.jf0.router_solicitations', 3)
      near.sysctl('net.ipv6.conf.jf0.router_solicitation_delay', 0)
      near.ip('link', 'set', 'jf0', 'up')
      // The kernel asks for its address too before it uses it.
      const usable = (addresses: string) =>
        /inet6 fd09:1:.* dynamic/.test(addresses) && !addresses.includes('tentative')
      while (!usable(near.ip('address', 'show', 'dev', 'jf0'))) await near.run('sleep', ['0.1'])
      expect(near.ip('-6', 'route', 'show', 'default')).toMatch(/default via fe80::\S+ dev jf0 proto ra/)
      const { status } = await near.run('ping', ['-c', '1', '-W', '20', ROUTED[1].far])
      expect(status).toBe(0)
    } finally {
      await routed.close()
    }
  })

  test('--route leads beyond the far host', async () => {
    const [v4, v6] = ROUTED
    const options = ['--route', `10.9.3.0/24 via ${v4.far}`, '--route', `fd09:3::/64 via ${v6.far}`]
    const routed = await Routed.start({ options })
    try {
      const { near, far } = routed
      far.ip('address', 'add', '10.9.3.1/32', 'dev', 'lo')
      far.ip('address', 'add', 'fd09:3::1/128', 'dev', 'lo', 'nodad')
      for (const beyond of ['10.9.3.1', 'fd09:3::1']) {
        expect((await near.run('ping', ['-c', '1', '-W', '20', beyond])).status).toBe(0)
      }
      // Without one, the router says so.
      const { stdout } = await near.run('ping', ['-c', '1', '-W', '20', '10.9.4.1'])
      expect(stdout).toContain(`From ${v4.nearRouter} icmp_seq=1 Destination Net Unreachable`)
      const second = await near.run('ping', ['-c', '1', '-W', '20', 'fd09:4::1'])
      expect(second.stdout).toContain(`From ${v6.nearRouter} icmp_seq=1 Destination unreachable: No route`)
    } finally {
      await routed.close()
    }
  })

  test.each([
    ['off', 1],
    ['strict', 0],
  ])(
    '--reverse-path %s: of the packets that claim to come from the other link %i pass (RFC 3704)',
    async (check, passed) => {
      const routed = await Routed.start({ options: ['--reverse-path', check] })
      try {
        const { near, far } = routed
        near.ip('address', 'add', '10.9.2.77/32', 'dev', 'lo')
        const before = asked(far)
        await near.run('ping', ['-c', '1', '-W', '0.2', '-I', '10.9.2.77', ROUTED[0].far])
        // What was sent first arrives first.
        expect((await near.run('ping', ['-c', '1', ROUTED[0].far])).status).toBe(0)
        expect(asked(far) - before).toBe(passed + 1)
      } finally {
        await routed.close()
      }
    },
  )
})
