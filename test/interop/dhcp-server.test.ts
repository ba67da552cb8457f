// Clients of others, at our server: each in a namespace of its own, with a script that changes nothing but what is in there.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND } from './served.ts'

const SERVER = '10.0.0.1'
const SERVICE = `dhcp=10.0.0.100-10.0.0.109,router=${SERVER},dns=${SERVER},dns=192.0.2.53,domain=lab.example,lease=600,mtu=1400`

describeNetwork('clients of our DHCP server', ['busybox', 'dhclient', 'socat'], () => {
  let namespace: Namespace
  let folder: string
  let server: Running

  beforeAll(async () => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-dhcp-'))
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.sysctl('net.ipv6.conf.jf0.disable_ipv6', 1)
    namespace.ip('link', 'set', 'jf0', 'up')
    server = namespace.start(COMMAND, ['serve', SERVICE, 'echo', '--on', `tap:jf0,${SERVER}/24`])
    await server.saying('ready')
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function script(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o755)
    return path
  }

  test('says what it serves', () => {
    expect(server.stdout).toContain('dhcp: UDP port 67, addresses 10.0.0.100-10.0.0.109\n')
  })

  test('busybox udhcpc gets an address, the route, name servers, the domain and the MTU, and reaches us', async () => {
    const path = script(
      'udhcpc',
      `case $1 in deconfig) ip address flush dev $interface;;
      bound) ip address add $ip/$mask dev $interface; ip route add default via $router
      echo "$1 $ip/$mask router=$router dns=$dns domain=$domain mtu=$mtu lease=$lease server=$serverid";; esac`,
    )
    const args = ['udhcpc', '-i', 'jf0', '-f', '-q', '-n', '-t', '12', '-O', 'mtu', '-s', path]
    const { status, stdout, stderr } = await namespace.run('busybox', args)
    expect(stdout).toBe(
      `bound 10.0.0.100/24 router=${SERVER} dns=${SERVER} 192.0.2.53 domain=lab.example mtu=1400 lease=600 server=${SERVER}\n`,
    )
    expect(stderr).toContain(`lease of 10.0.0.100 obtained from ${SERVER}`)
    expect(status).toBe(0)
    const echoed = await namespace.shell(`echo hello | socat -t 20 - tcp:${SERVER}:7`)
    expect(echoed.stdout).toBe('hello\n')
    namespace.ip('address', 'flush', 'dev', 'jf0')
  })

  test('busybox again keeps its address, whatever it wishes; by another identifier it gets what it wishes', async () => {
    const path = script('udhcpc-again', '[ $1 = bound ] && echo $ip')
    const args = ['udhcpc', '-i', 'jf0', '-f', '-q', '-n', '-t', '12', '-s', path]
    const wished = await namespace.run('busybox', [...args, '-r', '10.0.0.107'])
    expect(wished.stdout).toBe('10.0.0.100\n')
    const other = await namespace.run('busybox', [...args, '-x', '0x3d:ff00000001', '-r', '10.0.0.107'])
    expect(other.stdout).toBe('10.0.0.107\n')
  })

  test('dhclient of ISC binds, renews on the way back from a lease file, and releases', async () => {
    const path = script(
      'dhclient',
      `case $reason in BOUND|REBOOT|EXPIRE|RELEASE) ip address flush dev jf0;; esac
      [ -n "$new_ip_address" ] && ip address add $new_ip_address/24 dev jf0
      echo "$reason ip=$new_ip_address mask=$new_subnet_mask routers=$new_routers dns=$new_domain_name_servers domain=$new_domain_name lease=$new_dhcp_lease_time"
      exit 0`,
    )
    const files = ['-lf', join(folder, 'leases'), '-pf', join(folder, 'pid'), '-cf', '/dev/null', '-sf', path]
    const bound = await namespace.run('dhclient', ['-1', '-v', ...files, 'jf0'])
    const got = 'mask=255.255.255.0 routers=10.0.0.1 dns=10.0.0.1 192.0.2.53 domain=lab.example lease=600'
    expect(bound.stdout + bound.stderr).toContain(`BOUND ip=10.0.0.101 ${got}`)
    expect(bound.stderr).toMatch(/DHCPDISCOVER.*\nDHCPOFFER of 10\.0\.0\.101 from 10\.0\.0\.1\n/)
    await namespace.run('dhclient', [
      '-x',
      '-pf',
      join(folder, 'pid'),
      '-cf',
      '/dev/null',
      '-lf',
      join(folder, 'leases'),
      '-sf',
      path,
      'jf0',
    ])
    const again = await namespace.run('dhclient', ['-1', '-v', ...files, 'jf0'])
    expect(again.stdout + again.stderr).toContain(`REBOOT ip=10.0.0.101 ${got}`)
    expect(again.stderr).not.toContain('DHCPDISCOVER')
    const released = await namespace.run('dhclient', ['-r', '-v', ...files, 'jf0'])
    expect(released.stderr).toContain('DHCPRELEASE of 10.0.0.101 on jf0 to 10.0.0.1 port 67')
  })

  test('dhclient is refused what it remembers of another network, and begins anew', async () => {
    const leases = join(folder, 'other-leases')
    writeFileSync(
      leases,
      `lease { interface "jf0"; fixed-address 192.0.2.7; option subnet-mask 255.255.255.0; option dhcp-lease-time 9000;
       option dhcp-message-type 5; option dhcp-server-identifier 192.0.2.1;
       renew 1 2099/01/01 00:00:00; rebind 1 2099/01/01 00:00:00; expire 1 2099/01/01 00:00:00; }\n`,
    )
    const path = script('dhclient-other', 'echo "$reason $new_ip_address"; exit 0')
    const files = ['-lf', leases, '-pf', join(folder, 'other-pid'), '-cf', '/dev/null', '-sf', path]
    const { stdout, stderr } = await namespace.run('dhclient', ['-1', '-v', ...files, 'jf0'])
    expect(stderr).toMatch(/DHCPREQUEST for 192\.0\.2\.7 .*\nDHCPNAK from 10\.0\.0\.1/)
    expect(stdout + stderr).toMatch(/BOUND 10\.0\.0\.10\d/)
    await namespace.run('dhclient', ['-x', ...files, 'jf0'])
  })
})
