// Our client on a stack, at Debian's dnsmasq on the kernel's end of a TAP: each command with --on tap:…,dhcp.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDnsmasq } from './dnsmasq.ts'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND } from './served.ts'

const ON = 'tap:jf0,dhcp'
const FAR = '198.51.100.1'

describeNetwork('our DHCP client at dnsmasq', ['dnsmasq', 'sysctl', 'tshark'], () => {
  let namespace: Namespace
  let folder: string
  let server: Running

  beforeAll(async () => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-dnsmasq-'))
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', '10.9.0.1/24')
    // Beyond the link: whoever gets there has the route.
    namespace.ip('address', 'add', `${FAR}/32`, 'dev', 'lo')
    server = startDnsmasq(namespace, folder, [
      '--bind-interfaces',
      '--dhcp-range=10.9.0.50,10.9.0.59,255.255.255.0,120',
      '--dhcp-option=option:domain-search,lab.example,example',
      '--dhcp-option=option:mtu,1400',
      `--address=/far.test/${FAR}`,
    ])
    await server.saying('DHCP, IP range 10.9.0.50')
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('address, route and name servers: a ping to a name beyond the link', async () => {
    const { status, stdout, stderr } = await namespace.run(COMMAND, ['ping', '-c', '1', 'far.test', '--on', ON])
    expect(stderr).toBe('')
    expect(stdout).toContain(`PING far.test (${FAR})`)
    expect(stdout).toContain('1 packets transmitted, 1 received')
    expect(status).toBe(0)
    const [lease = ''] = readFileSync(join(folder, 'leases'), 'utf8').split('\n')
    expect(lease).toMatch(/^\d+ [\da-f:]{17} 10\.9\.0\.5\d \* ff:/)
    expect(server.stdout + server.stderr).toMatch(
      /DHCPDISCOVER\(jf0\).*\n(.*\n)*?.*DHCPOFFER\(jf0\)(.*\n)*?.*DHCPREQUEST\(jf0\)(.*\n)*?.*DHCPACK\(jf0\)/,
    )
  })

  test('another command has the same address', async () => {
    const before = readFileSync(join(folder, 'leases'), 'utf8').split(' ')[2]
    const { status } = await namespace.run(COMMAND, ['ping', '-c', '1', FAR, '--on', ON])
    expect(status).toBe(0)
    const leases = readFileSync(join(folder, 'leases'), 'utf8').trim().split('\n')
    expect(leases.map((line) => line.split(' ')[2])).toEqual([before])
  })

  test('dig asks the server that it was told of', async () => {
    const { status, stdout } = await namespace.run(COMMAND, ['dig', '+short', 'far.test', '--on', ON])
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${FAR}\n` })
  })

  test('what we send tshark reads without a fault, and says as we do', async () => {
    const file = join(folder, 'dhcp.pcapng')
    await namespace.run(COMMAND, ['ping', '-c', '1', FAR, '--on', ON, '--capture', file])
    const fields = [
      '-e',
      'dhcp.option.dhcp',
      '-e',
      'dhcp.ip.your',
      '-e',
      'dhcp.option.interface_mtu',
      '-e',
      '_ws.malformed',
    ]
    const { stdout } = await namespace.run('tshark', ['-r', file, '-Y', 'dhcp', '-T', 'fields', ...fields])
    const lines = stdout.trimEnd().split('\n')
    // What is answered late has been asked again.
    expect([...new Set(lines.map((line) => line.split('\t')[0]))]).toEqual(['1', '2', '3', '5'])
    expect(lines.at(-1)).toMatch(/^5\t10\.9\.0\.5\d\t1400\t?$/)
  })

  test('a server that has gone: it is said, and the status is that of a failure', async () => {
    await server.stop()
    const { status, stdout, stderr } = await namespace.run(COMMAND, ['ping', '-c', '1', FAR, '--on', ON])
    expect(stdout).toBe('')
    expect(stderr).toContain('jf0: no DHCP server has given an address within 15 seconds')
    expect(status).not.toBe(0)
  })
})
