// Neighbour discovery against the kernel's, over a TAP: both ask and answer, both are router and host.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { IPPROTO_UDP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { Offload } from '../../src/device/device.ts'
import { openTap } from '../../src/os/open-tuntap.ts'
import { Stack } from '../../src/platform/stack.ts'
import { FRAME_HEADROOM, ipOutput } from '../../src/stack/ip/ip-output.ts'
import type { InterfaceAddress } from '../../src/stack/link/interface-address.ts'
import { NEIGHBOUR_REACHABLE } from '../../src/stack/link/neighbour.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import type { AttachOptions } from '../../src/stack/stack.ts'
import { writeUdp } from '../../src/wire/udp.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'

const KERNEL = '2001:db8:1::1'
const OURS = '2001:db8:1::2'

function address(text: string): IpAddress {
  const parsed = IpAddress.parse(text)
  if (parsed === null) throw new TypeError(`no address: ${text}`)
  return parsed
}

describeNetwork('neighbour discovery', ['ping', 'sysctl', 'radvd', 'sleep'], () => {
  let namespace: Namespace
  let stack: Stack
  let link: NetworkInterface

  beforeEach(() => {
    namespace = new Namespace()
  })

  afterEach(async () => {
    stack?.close()
    await namespace.close()
  })

  /** A stack on a TAP whose other end, the kernel's, is up with these addresses. */
  function attach(options: AttachOptions, kernel: readonly string[], forwarding = false): void {
    stack = new Stack({ forwarding })
    const device = namespace.enter(() => openTap('jf0'))
    namespace.sysctl('net.ipv6.conf.jf0.accept_dad', 0)
    namespace.sysctl('net.ipv6.conf.jf0.use_tempaddr', 0)
    // A link-local address of our choice is the only one.
    if (kernel.some((text) => text.startsWith('fe80'))) namespace.sysctl('net.ipv6.conf.jf0.addr_gen_mode', 1)
    for (const text of kernel) namespace.ip('address', 'add', text, 'dev', 'jf0', 'nodad')
    namespace.ip('link', 'set', 'jf0', 'up')
    link = stack.attach(device, options)
  }

  /** Waits until it is so. */
  async function until(what: () => boolean): Promise<void> {
    while (!what()) await namespace.run('sleep', ['0.05'])
  }

  /** Sends a datagram to a port where nobody listens. */
  function send(destination: string): void {
    const route = stack.routeTo(address(destination), null, null)
    if (typeof route === 'number') throw new Error(`no route: ${route}`)
    writeUdp(stack.frame, FRAME_HEADROOM, 4000, 9, 8, 0)
    const end = FRAME_HEADROOM + 8
    ipOutput(stack, route, IPPROTO_UDP, 64, 0, false, stack.frame, FRAME_HEADROOM, end, new Offload())
  }

  async function pings(destination: string): Promise<void> {
    const { stdout, stderr, status } = await namespace.run('ping', [
      '-6',
      '-c',
      '2',
      '-i',
      '0.05',
      '-W',
      '20',
      destination,
    ])
    expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' })
  }

  const entry = (text: string): string => namespace.ip('-6', 'neigh', 'show', text, 'dev', 'jf0')
  const usable = (own: InterfaceAddress): boolean => !own.tentative && !own.address.isLinkLocal

  describe('a host', () => {
    test('is found by the kernel, and asks it by and by whether it is still there', async () => {
      attach({ address: `${OURS}/64` }, [`${KERNEL}/64`])
      expect(await link.settled()).toBe(true)
      await pings(OURS)
      const hardware = Array.from(link.device.hardwareAddress ?? [], (octet) => octet.toString(16).padStart(2, '0'))
      expect(entry(OURS)).toContain(`lladdr ${hardware.join(':')}`)
      expect(entry(OURS)).not.toContain('router')
      send(KERNEL)
      await until(() => link.neighbours?.get(address(KERNEL))?.state === NEIGHBOUR_REACHABLE)
    })

    test('asks the kernel first', async () => {
      attach({ address: `${OURS}/64`, duplicateAddressDetection: false }, [`${KERNEL}/64`])
      send(KERNEL)
      await until(() => link.neighbours?.get(address(KERNEL))?.state === NEIGHBOUR_REACHABLE)
      const { stdout } = await namespace.run('cat', ['/sys/class/net/jf0/address'])
      const low = Number.parseInt(stdout.trim().split(':').slice(2).join(''), 16) | 0
      expect(link.neighbours?.get(address(KERNEL))?.hardwareLow).toBe(low)
    })

    test('is pinged by its link-local address', async () => {
      attach({ ipv6: 'static' }, [])
      expect(await link.settled()).toBe(true)
      await pings(`${link.ipv6?.linkLocal}%jf0`)
    })

    test('is probed by the kernel, and is still there', async () => {
      attach({ address: `${OURS}/64`, duplicateAddressDetection: false }, [`${KERNEL}/64`])
      await pings(OURS)
      namespace.ip('-6', 'neigh', 'change', OURS, 'dev', 'jf0', 'nud', 'probe')
      await until(() => entry(OURS).includes('REACHABLE'))
    })

    test('gives up an address that the kernel has', async () => {
      attach({ address: [`${KERNEL}/64`, `${OURS}/64`] }, [`${KERNEL}/64`])
      expect(await link.settled()).toBe(false)
      expect(link.addresses.map((own) => own.address.toString())).not.toContain(KERNEL)
      expect(stack.counters.addressesRefused).toBe(1)
      await pings(OURS)
    })

    test('keeps an address that the kernel wants', async () => {
      attach({ address: `${OURS}/64`, duplicateAddressDetection: false }, [])
      namespace.sysctl('net.ipv6.conf.jf0.accept_dad', 1)
      // It takes the address when nobody has answered for so long.
      namespace.sysctl('net.ipv6.neigh.jf0.retrans_time_ms', 20_000)
      namespace.ip('address', 'add', `${OURS}/64`, 'dev', 'jf0')
      await until(() => namespace.ip('-6', 'address', 'show', 'dev', 'jf0').includes('dadfailed'))
      expect(link.addresses.map((own) => own.address.toString())).toContain(OURS)
    })

    test('believes a redirect of the kernel', async () => {
      attach({ address: `${OURS}/64`, duplicateAddressDetection: false }, [`${KERNEL}/64`, 'fe80::1/64'])
      namespace.sysctl('net.ipv6.conf.all.forwarding', 1)
      namespace.ip('-6', 'route', 'add', '2001:db8:99::/64', 'via', 'fe80::77', 'dev', 'jf0')
      stack.addRoute('default', { via: 'fe80::1', interface: link })
      send('2001:db8:99::1')
      await until(() => link.ipv6?.redirects?.size === 1)
      const route = stack.routeTo(address('2001:db8:99::1'), null, null)
      expect(typeof route === 'number' ? route : route.neighbour?.address.toString()).toBe('fe80::77')
    })
  })

  describe('radvd', () => {
    let folder: string

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'jackfield-radvd-'))
    })

    afterEach(() => rmSync(folder, { recursive: true, force: true }))

    test('gives a host its addresses, default router, routes, MTU and resolvers', async () => {
      attach({ ipv6: 'auto' }, [`${KERNEL}/64`, 'fe80::1/64'])
      namespace.sysctl('net.ipv6.conf.all.forwarding', 1)
      const file = join(folder, 'radvd.conf')
      writeFileSync(
        file,
        `interface jf0 {
          AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvDefaultLifetime 600; AdvLinkMTU 1400; AdvCurHopLimit 42;
          prefix 2001:db8:1::/64 { AdvValidLifetime 7200; AdvPreferredLifetime 3600; };
          route 2001:db8:77::/48 { AdvRouteLifetime 600; };
          RDNSS 2001:db8:1::53 { AdvRDNSSLifetime 600; };
          DNSSL example.org { AdvDNSSLLifetime 600; };
        };\n`,
      )
      const pidFile = join(folder, 'radvd.pid')
      namespace.start('radvd', ['--nodaemon', '--config', file, '--pidfile', pidFile, '--logmethod', 'stderr'])
      await until(() => link.addresses.filter(usable).length === 2)
      const [stable, temporary] = link.addresses.filter(usable) as [InterfaceAddress, InterfaceAddress]
      expect([stable.temporary, temporary.temporary]).toEqual([false, true])
      await pings(stable.address.toString())
      await pings(temporary.address.toString())
      const far = stack.routeTo(address('2001:db8:99::1'), null, null)
      if (typeof far === 'number') throw new Error(`no route: ${far}`)
      expect(far.neighbour?.address.toString()).toBe('fe80::1')
      expect(far.source.toString()).toBe(temporary.address.toString())
      expect(far.mtu).toBe(1400)
      expect(link.ipv6?.hopLimit).toBe(42)
      const gateways = stack.routes.entries.map((route) => `${route.prefix}/${route.length} ${route.gateway}`)
      expect(gateways).toContain('2001:db8:77::/48 fe80::1')
      expect(link.ipv6?.nameServers.join()).toBe('2001:db8:1::53')
      expect(link.ipv6?.searchDomains).toEqual(['example.org'])
    })
  })

  describe('a router', () => {
    test('gives the kernel its address and its default route, and takes the route back', async () => {
      attach({ address: '2001:db8:1::1/64' }, [], true)
      for (const name of ['accept_ra', 'autoconf'])
        namespace.sysctl(`net.ipv6.conf.jf0.${name}`, name === 'autoconf' ? 1 : 2)
      expect(await link.settled()).toBe(true)
      const advertiser = link.advertise({ prefixes: ['2001:db8:1::/64'], mtu: 1400, lifetime: 600 })
      const routes = (): string => namespace.ip('-6', 'route', 'show', 'default')
      const addresses = (): string => namespace.ip('-6', 'address', 'show', 'dev', 'jf0', 'scope', 'global')
      await until(() => routes().includes(`via ${link.ipv6?.linkLocal} dev jf0 proto ra`))
      await until(() => addresses().includes('inet6 2001:db8:1:'))
      expect(addresses()).toMatch(/inet6 2001:db8:1:0:[0-9a-f:]+\/64 scope global dynamic/)
      await pings('2001:db8:1::1')
      expect(entry(`${link.ipv6?.linkLocal}`)).toContain('router')
      advertiser.close()
      await until(() => routes() === '')
    })
  })
})
