// From a stack over a router of the kernel's to a host of the kernel's behind it. Debian's traceroute over a router of ours is in
// router.test.ts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace, type Outcome } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, FAMILIES, KERNEL, KERNEL6, PLACE } from './served.ts'

const PLACES = [
  { ...FAMILIES[0], far: '10.9.1.1', prohibited: '10.9.2.1', nowhere: '10.9.3.1', nobody: '10.9.0.77', octets: 60 },
  { ...FAMILIES[1], far: 'fd09:1::1', prohibited: 'fd09:2::1', nowhere: 'fd09:3::1', nobody: 'fd09::77', octets: 80 },
] as const

describeNetwork('traceroute from the stack', ['sysctl', 'socat'], () => {
  let router: Namespace
  let host: Namespace
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-traceroute-'))

  beforeAll(async () => {
    router = new Namespace()
    host = new Namespace()
    router.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    router.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`])
    router.ip('link', 'add', 'far0', 'type', 'veth', 'peer', 'name', 'far1', 'netns', host.name)
    router.configure('far0', ['10.9.1.254/24', 'fd09:1::fe/64'])
    host.configure('far1', ['10.9.1.1/24', 'fd09:1::1/64'])
    host.ip('route', 'add', 'default', 'via', '10.9.1.254')
    host.ip('route', 'add', 'default', 'via', 'fd09:1::fe')
    router.sysctl('net.ipv4.ip_forward', 1)
    router.sysctl('net.ipv6.conf.all.forwarding', 1)
    for (const namespace of [router, host]) {
      namespace.sysctl('net.ipv4.icmp_ratemask', 0)
      namespace.sysctl('net.ipv6.icmp.ratelimit', 0)
    }
    for (const { prohibited } of PLACES) router.ip('route', 'add', 'prohibit', prohibited)
    await host
      .start('socat', ['-d', '-d', 'TCP6-LISTEN:80,fork,reuseaddr,ipv6only=0', 'EXEC:true'])
      .saying('listening on')
  })

  afterAll(async () => {
    await router?.close()
    await host?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const traceroute = (...args: string[]): Promise<Outcome> =>
    // No probe is given up for how soon another was answered: a process may stand still for longer than that.
    router.run(COMMAND, [
      'traceroute',
      ...(args.includes('-w') ? [] : ['-w', '20,0,0']),
      ...args,
      '--on',
      `tap:jf0,${PLACE}`,
    ])

  describe.each(PLACES)('over $family', ({ family, kernel, stack, far, prohibited, nowhere, nobody, octets }) => {
    const times = '  [\\d.]+ ms'.repeat(3)

    test.each([
      ['UDP', []],
      ['UDP to one port', ['-U', '-p', '9']],
      ['ICMP', ['-I']],
      ['TCP to a port where somebody listens', ['-T']],
      ['TCP to a port where nobody does', ['-T', '-p', '81']],
    ] as [string, string[]][])(
      'by %s: the router first, then the host, as traceroute(8) prints it',
      async (_how, how) => {
        const { status, stdout, stderr } = await traceroute(far, ...how)
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        const lines = stdout.split('\n')
        expect(lines[0]).toBe(`traceroute to ${far} (${far}), 30 hops max, ${octets} byte packets`)
        expect(lines[1]).toMatch(new RegExp(`^ 1  ${kernel} \\(${kernel}\\)${times}$`))
        expect(lines[2]).toMatch(new RegExp(`^ 2  ${far} \\(${far}\\)${times}$`))
        expect(lines.slice(3)).toEqual([''])
      },
    )

    test('-n, -q, -m: figures alone, so many probes, no further', async () => {
      const { stdout } = await traceroute(far, '-n', '-q', '1', '-m', '1')
      expect(stdout.split('\n')[1]).toMatch(new RegExp(`^ 1  ${kernel}  [\\d.]+ ms$`))
      expect(stdout.split('\n').length).toBe(3)
    })

    test('--json: a line for each hop', async () => {
      const { status, stdout } = await traceroute('--json', '-n', '-q', '2', '-m', '2', far)
      expect(status).toBe(0)
      const probe = (address: string) => ({ address, milliseconds: expect.any(Number) })
      const hops = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(hops).toEqual([
        { hop: 1, probes: [probe(kernel), probe(kernel)] },
        { hop: 2, probes: [probe(far), probe(far)] },
      ])
      const silent = await traceroute('--json', '-n', '-q', '1', '-m', '1', '-w', '.1', nobody)
      expect(JSON.parse(silent.stdout)).toEqual({ hop: 1, probes: [null] })
    })

    test('-i, -t, -z and --sport: by this interface, with this class, one after the other, from this port', async () => {
      const { status, stdout, stderr } = await traceroute(
        ...[far, '-n', '-q', '1', '-i', 'jf0', '-t', 'ef', '-z', '.01', '--sport', '7777'],
      )
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(new RegExp(`^ 1  ${kernel}  [\\d.]+ ms\n 2  ${far}  [\\d.]+ ms\n$`, 'm'))
      const none = await traceroute(far, '-i', 'nix')
      expect(none.stderr).toBe('jackfield: -i nix: there is no interface of this name\n')
    })

    test('--mtu: how long packets may be, at the hop that asked for shorter ones', async () => {
      router.ip('link', 'set', 'far0', 'mtu', '1400')
      const { stdout } = await traceroute(far, '-n', '--mtu', '-q', '1')
      router.ip('link', 'set', 'far0', 'mtu', '1500')
      expect(stdout).toContain('30 hops max, 65000 byte packets\n')
      expect(stdout).toMatch(new RegExp(`^ 1  ${kernel}  [\\d.]+ ms F=1500\n 2  ${far}  [\\d.]+ ms F=1400\n$`, 'm'))
    })

    test('-f begins further on', async () => {
      const { stdout } = await traceroute(far, '-n', '-q', '1', '-f', '2')
      expect(stdout.split('\n')[1]).toMatch(new RegExp(`^ 2  ${far}  [\\d.]+ ms$`))
    })

    test('a packet of 3000 octets is cut on its way out, and finds it', async () => {
      const { stdout } = await traceroute(far, '3000', '-n', '-q', '1')
      expect(stdout).toContain('30 hops max, 3000 byte packets\n')
      expect(stdout).toMatch(new RegExp(`^ 2  ${far}  `, 'm'))
    })

    test('a router that says no ends it: !X, and !N where it knows no way', async () => {
      const first = await traceroute(prohibited, '-n', '-q', '1', '-N', '1', '-f', '2')
      expect(first.stdout).toMatch(new RegExp(`^ 2  ${kernel}  [\\d.]+ ms !X\n$`, 'm'))
      const second = await traceroute(nowhere, '-n', '-q', '1', '-N', '1', '-f', '2')
      expect(second.stdout).toMatch(new RegExp(`^ 2  ${kernel}  [\\d.]+ ms !N\n$`, 'm'))
    })

    test('nobody has the address: the stack says so itself, !H', async () => {
      const { stdout } = await traceroute(nobody, '-n', '-q', '1', '-w', '20')
      expect(stdout).toMatch(new RegExp(`^ 1  ${stack}  [\\d.]+ ms !H\n$`, 'm'))
    })

    test('who does not answer is a star', async () => {
      // The router forwards, and says nothing of what dies with it.
      const rule = family === 'IPv4' ? '10.9.4.1' : 'fd09:4::1'
      router.ip('route', 'add', 'blackhole', rule)
      const { status, stdout } = await traceroute(rule, '-n', '-q', '2', '-m', '2', '-w', '0.3')
      expect(stdout.split('\n').slice(1)).toEqual([' 1  * *', ' 2  * *', ''])
      expect(status).toBe(0)
    })

    test('the names of --hosts are printed', async () => {
      const hosts = join(folder, 'hosts')
      writeFileSync(hosts, PLACES.map((one) => `${one.far} far\n${one.kernel} router\n`).join(''))
      const { stdout } = await traceroute('far', family === 'IPv4' ? '-4' : '-6', '-q', '1', '--hosts', hosts)
      expect(stdout).toContain(`traceroute to far (${far}), 30 hops max`)
      expect(stdout).toContain(` 1  router (${kernel})  `)
      expect(stdout).toContain(` 2  far (${far})  `)
    })
  })
})
