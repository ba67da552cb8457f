// A stack on a TAP that is told all by Debian's dnsmasq at the kernel's end: by its router advertisements, by its DHCPv6 and by both.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startDnsmasq } from './dnsmasq.ts'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND } from './served.ts'

const FAR4 = '198.51.100.1'
const FAR6 = '2001:db8:99::1'

describeNetwork('networks of dnsmasq that configure our stack', ['dnsmasq', 'sysctl', 'tshark'], () => {
  let namespace: Namespace
  let folder: string
  let server: Running

  beforeEach(() => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-dnsmasq6-'))
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', ['10.9.0.1/24', 'fd09::1/64'])
    namespace.sysctl('net.ipv6.conf.all.forwarding', 1)
    // Beyond the link: whoever gets there has the route.
    for (const address of [`${FAR4}/32`, `${FAR6}/128`]) namespace.ip('address', 'add', address, 'dev', 'lo')
  })

  afterEach(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function dnsmasq(...ranges: readonly string[]): Promise<void> {
    server = startDnsmasq(namespace, folder, [
      '--bind-dynamic',
      '--enable-ra',
      ...ranges.map((range) => `--dhcp-range=${range}`),
      '--dhcp-option=option6:domain-search,lab.example',
      `--address=/far.lab.example/${FAR6}`,
      `--address=/old.lab.example/${FAR4}`,
    ])
    await server.saying('IPv6 router advertisement enabled')
  }

  test('addresses of DHCP for both families, the route of a router, names by the domain to search: one word for all', async () => {
    await dnsmasq('10.9.0.50,10.9.0.59,255.255.255.0,600', 'fd09::100,fd09::1ff,64,600')
    const six = await namespace.run(COMMAND, ['ping', '-6', '-c', '1', 'far', '--on', 'tap:jf0,auto'])
    expect(six.stderr).toBe('')
    expect(six.stdout).toContain(`PING far(${FAR6})`)
    expect(six.stdout).toContain('1 packets transmitted, 1 received')
    const file = join(folder, 'all.pcapng')
    const args = ['ping', '-4', '-c', '1', 'old.lab.example', '--on', 'tap:jf0,auto', '--capture', file]
    const four = await namespace.run(COMMAND, args)
    expect(four.stdout).toContain('1 packets transmitted, 1 received')
    const leases = readFileSync(join(folder, 'leases'), 'utf8')
    expect(leases).toMatch(/^\d+ [\da-f:]{17} 10\.9\.0\.5\d \* ff:/m)
    // The second command has the address of the first.
    expect(leases.match(/^\d+ \d+ fd09::1[\da-f]{2} \* 00:04:/gm)).toHaveLength(1)
    const fields = ['-T', 'fields', '-e', 'dhcpv6.msgtype', '-e', '_ws.malformed']
    const { stdout } = await namespace.run('tshark', ['-r', file, '-Y', 'dhcpv6', ...fields])
    // Solicit, more than once where the answer takes a second, and a Reply that commits at once.
    expect([...new Set(stdout.trim().split(/\s+/))]).toEqual(['1', '7'])
  })

  test('an address of the router’s prefix, and by DHCPv6 no more than whom to ask', async () => {
    await dnsmasq('fd09::,ra-stateless,ra-names,64')
    const args = ['dig', '+short', 'far.lab.example', 'AAAA', '--on', 'tap:jf0,ipv6=auto']
    const { status, stdout, stderr } = await namespace.run(COMMAND, args)
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${FAR6}\n`, stderr: '' })
    expect(server.stdout + server.stderr).toContain('DHCPINFORMATION-REQUEST(jf0)')
  })

  test('a router alone: address, route, and its link-local address for names (RFC 8106)', async () => {
    await dnsmasq('fd09::,slaac,ra-only,64')
    const args = ['fetch', '-m', '40', 'http://far/', '--on', 'tap:jf0,ipv6=auto']
    const { stderr } = await namespace.run(COMMAND, args)
    expect(stderr).toContain(`far`)
    expect(stderr).toMatch(/refused/i)
  })
})
