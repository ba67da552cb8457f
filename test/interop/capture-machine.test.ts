// The command at the machine's own interfaces, beside tcpdump, which sees the same: each prints the same line for the same packet.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SOCK_RAW } from '../../src/base/constants.ts'
import { AF_PACKET } from '../../src/base/constants-link.ts'
import { os } from '../../src/os/operating-system.ts'
import { Socket } from '../../src/socket/socket.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, KERNEL, STACK } from './served.ts'

/** Who has 10.9.0.9, asked by 10.9.0.1. */
const ARP = '0001 0800 06 04 0001 020000000001 0a090001 000000000000 0a090009'

describeNetwork('jackfield capture --on os', ['tcpdump', 'ping', 'sysctl', 'setpriv'], () => {
  let namespace: Namespace
  let folder: string

  beforeEach(() => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-capture-'))
    namespace.sysctl('net.ipv6.conf.default.disable_ipv6', 1)
    namespace.ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far')
    namespace.configure('near', `${KERNEL}/24`)
    namespace.configure('far', [])
  })

  afterEach(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What both print of so many packets, while `passes` has them pass. */
  async function both(words: readonly string[], count: number, passes: () => Promise<unknown>): Promise<string[]> {
    const ours = namespace.start(COMMAND, ['capture', '-n', '-t', '-c', String(count), ...words])
    const theirs = namespace.start('tcpdump', ['-n', '-l', '-t', '-c', String(count), ...words])
    await Promise.all([ours.saying('listening on'), theirs.saying('listening on')])
    await passes()
    const [own, other] = await Promise.all([ours.ended, theirs.ended])
    expect([own.status, other.status]).toEqual([0, 0])
    const lines = own.stdout.split('\n')
    expect(lines).toEqual(other.stdout.split('\n'))
    return lines
  }

  const ping = (address: string, ...words: string[]) =>
    namespace.run('ping', ['-q', '-c', '2', '-i', '0.05', '-W', '0.2', ...words, address])

  test('any: at which interface a packet passed, and which way; what passes the loopback is one', async () => {
    const lines = await both(['-i', 'any', 'icmp or arp'], 5, async () => {
      await ping('127.0.0.1')
      await ping(STACK)
    })
    expect(lines[0]).toMatch(/^lo {4}In {2}IP 127\.0\.0\.1 > 127\.0\.0\.1: ICMP echo request/)
    expect(lines[4]).toMatch(/^near {2}Out ARP, Request who-has/)
  })

  test('one interface: its frames with their headers, the tag among them that the kernel takes out of what comes', async () => {
    const socket = namespace.enter(() => new Socket(os, AF_PACKET, SOCK_RAW))
    const ifindex = namespace.enter(() => os.interfaceIndex('near'))
    const frame = Buffer.from(`ffffffffffff 020000000001 8100a005 0806 ${ARP}`.replaceAll(' ', ''), 'hex')
    const lines = await both(['-xx', '-i', 'far', 'vlan 5'], 1, () => socket.sendto(frame, { ifindex }))
    await socket.close()
    expect(lines[1]).toContain('8100 a005')
  })

  test('-w: a file of what passed, with its directions; inbound and outbound are words of the filter', async () => {
    const path = join(folder, 'x.pcapng')
    const capture = namespace.start(COMMAND, [
      'capture',
      '--on',
      'os',
      '-p',
      '-i',
      'near',
      '-w',
      path,
      '-c',
      '1',
      'outbound',
    ])
    await capture.saying('listening on near, link-type EN10MB (Ethernet), snapshot length 262144 bytes')
    expect(namespace.ip('-d', 'link', 'show', 'near')).toContain(' promiscuity 0 ')
    await ping(STACK)
    const { status, stderr } = await capture.ended
    expect([status, stderr]).toEqual([0, expect.stringMatching(/\n1 packet captured, \d+ seen\n$/)])
    const { interfaces, packets } = readPcapng(readFileSync(path))
    expect([interfaces.map(({ name }) => name), packets.map(({ direction }) => direction)]).toEqual([['near'], [2]])
    expect(Math.abs((packets[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  test('a link of IP, that has no frames: packets as they are', async () => {
    const stack = namespace.start(COMMAND, ['serve', 'echo', '--on', `tun:jf0,10.9.7.2/24`])
    await stack.saying('ready')
    namespace.configure('jf0', '10.9.7.1/24')
    await both(['-i', 'jf0', 'icmp'], 4, () => ping('10.9.7.2'))
  })

  test('frames that wait for it are all read', async () => {
    const capture = namespace.start(COMMAND, ['capture', '-i', 'lo', '-w', '/dev/null', '-c', '2000', 'icmp'])
    await capture.saying('listening on')
    capture.child.kill('SIGSTOP')
    await namespace.run('ping', ['-q', '-f', '-c', '1000', '127.0.0.1'])
    capture.child.kill('SIGCONT')
    const { status, stderr } = await capture.ended
    expect([status, stderr]).toEqual([0, expect.stringMatching(/\n2000 packets captured, 2000 seen\n$/)])
  })

  test('frames that come faster than they are read are lost, and counted', async () => {
    const capture = namespace.start(COMMAND, ['capture', '-i', 'lo', '-w', '/dev/null'])
    await capture.saying('listening on')
    capture.child.kill('SIGSTOP')
    await namespace.run('ping', ['-q', '-f', '-c', '1000', '-s', '60000', '127.0.0.1'])
    capture.child.kill('SIGCONT')
    const { status, stderr } = await capture.stop('SIGINT')
    expect(status).toBe(0)
    expect(stderr).toMatch(/ packets captured, \d+ seen, \d+ lost: the reader was too slow\n$/)
  })

  test('an interface that goes away ends it', async () => {
    const capture = namespace.start(COMMAND, ['capture', '-i', 'near'])
    await capture.saying('listening on')
    // Frames for others too, where not told otherwise: as tcpdump.
    expect(namespace.ip('-d', 'link', 'show', 'near')).toContain(' promiscuity 1 ')
    namespace.ip('link', 'set', 'near', 'down')
    const { status, stderr } = await capture.ended
    expect([status, stderr]).toEqual([1, expect.stringContaining('-i near: network is down: nothing passes there')])
  })

  test('without the right to: one line that says so, and what to do', async () => {
    const words = ['--reuid', '65534', '--clear-groups', COMMAND, 'capture', '-i', 'lo']
    const { status, stderr } = await namespace.run('setpriv', words)
    expect(stderr).toMatch(/^jackfield: --on os: what passes at this machine's interfaces is for root alone, [^\n]+\n$/)
    expect(status).toBe(1)
  })
})
