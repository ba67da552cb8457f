// Hosts of others, at our router and our server: the kernel's own, and the client of ISC, in a namespace that nothing else is in.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND } from './served.ts'

const ROUTER = '2001:db8:1::1'
const SERVICES = [
  `ra,dns=${ROUTER},domain=lab.example,mtu=1400,preference=high,route=2001:db8:99::/48`,
  `dhcp6=2001:db8:1::100-2001:db8:1::1ff,dns=${ROUTER},dns=2001:db8::53,domain=lab.example,lease=600`,
]

describeNetwork('hosts at our router advertisements and DHCPv6', ['dhclient', 'socat', 'sysctl'], () => {
  let namespace: Namespace
  let folder: string
  let server: Running

  beforeAll(async () => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-dhcp6-'))
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.sysctl('net.ipv6.conf.jf0.accept_dad', 0)
    namespace.sysctl('net.ipv6.conf.jf0.accept_ra_rt_info_max_plen', 64)
    server = namespace.start(COMMAND, ['serve', ...SERVICES, 'echo', '--on', `tap:jf0,${ROUTER}/64,dad=off`])
    await server.saying('ready')
    namespace.ip('link', 'set', 'jf0', 'up')
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Runs dhclient, whose script says what it is told and gives the interface its address. */
  async function dhclient(name: string, ...args: string[]) {
    const script = join(folder, name)
    writeFileSync(
      script,
      `#!/bin/sh
      [ -n "$new_ip6_address" ] && ip -6 address replace $new_ip6_address/128 dev jf0 nodad
      case $reason in RELEASE6|EXPIRE6) ip -6 address del $old_ip6_address/128 dev jf0;; esac
      echo "$reason ip=$new_ip6_address dns=$new_dhcp6_name_servers search=$new_dhcp6_domain_search life=$new_max_life"
      exit 0\n`,
    )
    chmodSync(script, 0o755)
    const files = ['-lf', join(folder, 'leases'), '-pf', join(folder, 'pid'), '-cf', '/dev/null', '-sf', script]
    const { stdout, stderr } = await namespace.run('dhclient', ['-6', ...args, '-v', ...files, 'jf0'])
    return stdout + stderr
  }

  test('says what it serves', () => {
    expect(server.stdout).toContain('ra: router advertisements\n')
    expect(server.stdout).toContain('dhcp6: UDP port 547, addresses 2001:db8:1::100-2001:db8:1::1ff\n')
  })

  test('the kernel takes its address, its routes and the MTU, and reaches us', async () => {
    const heard = /inet6 (2001:db8:1:0:[\da-f:]+)\/64 scope global dynamic/
    await namespace.shell('until ip -6 address show dev jf0 scope global | grep -q 2001:db8:1:0:; do sleep 0.05; done')
    expect(namespace.ip('-6', 'address', 'show', 'dev', 'jf0', 'scope', 'global')).toMatch(heard)
    const routes = namespace.ip('-6', 'route', 'show', 'dev', 'jf0')
    expect(routes).toMatch(/default via fe80::[\da-f:]+ proto ra .*pref high/)
    expect(routes).toMatch(/2001:db8:99::\/48 via fe80::[\da-f:]+ proto ra/)
    expect(routes).toMatch(/2001:db8:1::\/64 proto kernel/)
    expect(namespace.read('/proc/sys/net/ipv6/conf/jf0/mtu').trim()).toBe('1400')
    const echoed = await namespace.shell(`echo hello | socat -t 20 - tcp:[${ROUTER}]:7`)
    expect(echoed.stdout).toBe('hello\n')
  })

  test('dhclient of ISC is given an address and names, confirms it on the way back, and releases it', async () => {
    const names = `dns=${ROUTER} 2001:db8::53 search=lab.example. life=600`
    const bound = await dhclient('bound', '-1')
    expect(bound).toContain(`BOUND6 ip=2001:db8:1::100 ${names}`)
    await dhclient('stop', '-x')
    const again = await dhclient('again', '-1')
    expect(again).toMatch(/XMT: Confirm on jf0/)
    expect(again).not.toContain('XMT: Solicit')
    expect(again).toContain('message status code Success.')
    const released = await dhclient('released', '-r')
    expect(released).toMatch(/Release Address 2001:db8:1::100\n(.*\n)*XMT: Release on jf0/)
  })

  test('dhclient that wants no address is told the names', async () => {
    const told = await dhclient('stateless', '-S', '-1')
    expect(told).toMatch(/XMT: Info-Request on jf0/)
    expect(told).toContain(`dns=${ROUTER} 2001:db8::53 search=lab.example.`)
    await dhclient('stop', '-x')
  })

  test('a router that ends says so: the kernel has no default route any more', async () => {
    expect((await server.stop('SIGINT')).status).toBe(0)
    await namespace.shell('while ip -6 route show default | grep -q .; do sleep 0.05; done')
  })
})
