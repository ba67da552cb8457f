import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  MCAST_BLOCK_SOURCE,
  MCAST_JOIN_GROUP,
  MCAST_UNBLOCK_SOURCE,
  SOCK_DGRAM,
} from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { openTap } from '../../src/os/open-tuntap.ts'
import { Stack } from '../../src/platform/stack.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { ANY_SOURCE, type GroupTable, type SourceFilter } from '../../src/stack/multicast/group-table.ts'
import { Namespace, type Running } from './namespace.ts'
import { describeNetwork } from './requirements.ts'

const OWNER = {}
const PORT = 5000

function address(text: string): IpAddress {
  const parsed = IpAddress.parse(text)
  if (parsed === null) throw new TypeError(`no address: ${text}`)
  return parsed
}

function filter(include: boolean, ...sources: string[]): SourceFilter {
  return { include, sources: sources.map(address) }
}

/** A stack on the TAP interface jf0 of a namespace. */
class Host {
  readonly stack = new Stack()
  readonly link: NetworkInterface

  constructor(namespace: Namespace) {
    const device = namespace.enter(() => openTap('jf0'))
    this.link = this.stack.attach(device, {
      address: ['10.9.0.2/24', 'fd00:9::2/64'],
      duplicateAddressDetection: false,
    })
  }

  get groups(): GroupTable {
    return this.link.groups as GroupTable
  }

  set(group: string, wanted: SourceFilter | null): void {
    expect(this.link.groups.set(OWNER, address(group), wanted)).toBe(0)
  }

  /** Until all that is to be told has been, and nothing more is going to happen. */
  async silence(): Promise<void> {
    while (this.stack.time.count > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The kernel's end of the link. Its addresses can be used at once; the link-local one comes first, for it is what a querier needs. */
function configure(namespace: Namespace, device: string): void {
  namespace.sysctl(`net.ipv6.conf.${device}.accept_dad`, 0)
  namespace.ip('link', 'set', 'dev', device, 'up')
  namespace.ip('address', 'add', '10.9.0.1/24', 'dev', device)
  namespace.ip('address', 'add', 'fd00:9::1/64', 'dev', device, 'nodad')
  namespace.ip('route', 'add', '224.0.0.0/4', 'dev', device)
}

let namespace: Namespace
let host: Host
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-multicast-'))
})

afterEach(async () => {
  host?.stack.close()
  await namespace?.close()
  rmSync(folder, { recursive: true, force: true })
})

describeNetwork('multicast between the stack and the kernel', ['socat', 'ping', 'tcpdump', 'tshark', 'sysctl'], () => {
  beforeEach(() => {
    namespace = new Namespace()
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    host = new Host(namespace)
    configure(namespace, 'jf0')
  })

  const families = [
    { name: 'IPv4', family: AF_INET, level: IPPROTO_IP, group: '239.1.2.3', socat: '239.1.2.3', peer: '10.9.0.1' },
    {
      name: 'IPv6',
      family: AF_INET6,
      level: IPPROTO_IPV6,
      group: 'ff0e::1:2',
      socat: '[ff0e::1:2]',
      peer: 'fd00:9::1',
    },
  ]

  test.each(families)(
    '$name: members of the kernel hear what the stack sends',
    async ({ name, family, group, socat }) => {
      const member =
        name === 'IPv4'
          ? `UDP4-RECV:${PORT},ip-add-membership=${socat}:jf0`
          : `UDP6-RECV:${PORT},ipv6-join-group=${socat}:jf0`
      const listener = namespace.start('socat', ['-d', '-d', '-u', member, 'STDOUT'])
      await listener.saying('starting data transfer')
      const socket = new Socket(host.stack, family, SOCK_DGRAM)
      await socket.sendto(new TextEncoder().encode('to all of them\n'), { address: group, port: PORT })
      await listener.saying('to all of them')
      await socket.close()
    },
  )

  test.each(families)('$name: the stack hears what the kernel sends to its groups', async ({ name, ...which }) => {
    const { family, level, group, socat, peer } = which
    const socket = new Socket(host.stack, family, SOCK_DGRAM)
    socket.bind({ address: name === 'IPv4' ? '0.0.0.0' : '::', port: PORT })
    socket.setsockopt(level, MCAST_JOIN_GROUP, { group, ifindex: host.link.index })
    const target = name === 'IPv4' ? `UDP4-DATAGRAM:${socat}:${PORT}` : `UDP6-DATAGRAM:${socat}:${PORT}`
    const sent = namespace.run('socat', ['-u', 'STDIN', target], { input: 'to all of you' })
    const bytes = new Uint8Array(100)
    const received = await socket.recvfrom(bytes)
    expect(new TextDecoder().decode(bytes.subarray(0, received.length))).toBe('to all of you')
    expect(received.address?.address).toBe(peer)
    expect((await sent).status).toBe(0)
    await socket.close()
  })

  test.each(families)(
    '$name: from a source that the stack does not want it hears nothing',
    async ({ name, ...which }) => {
      const { family, level, group, socat, peer } = which
      const socket = new Socket(host.stack, family, SOCK_DGRAM)
      socket.bind({ address: name === 'IPv4' ? '0.0.0.0' : '::', port: PORT })
      const target = name === 'IPv4' ? `UDP4-DATAGRAM:${socat}:${PORT}` : `UDP6-DATAGRAM:${socat}:${PORT}`
      const send = (input: string) => namespace.run('socat', ['-u', 'STDIN', target], { input })
      const request = { group, ifindex: host.link.index }
      socket.setsockopt(level, MCAST_JOIN_GROUP, request)
      socket.setsockopt(level, MCAST_BLOCK_SOURCE, { ...request, source: peer })
      await send('unwanted')
      // An answer is that of a stack which has heard what came before.
      expect((await namespace.run('ping', ['-c', '1', '-W', '20', '10.9.0.2'])).status).toBe(0)
      socket.setsockopt(level, MCAST_UNBLOCK_SOURCE, { ...request, source: peer })
      await send('wanted')
      const bytes = new Uint8Array(100)
      const { length } = await socket.recvfrom(bytes)
      expect(new TextDecoder().decode(bytes.subarray(0, length))).toBe('wanted')
      await socket.close()
    },
  )

  test('reports of both sides are what Wireshark takes for well-formed, with right checksums', async () => {
    const file = join(folder, 'reports.pcapng')
    const filterText = 'igmp or (ip6 and ip6[6] == 0)'
    // What it prints it has written.
    const words = ['-i', 'jf0', '-U', '-w', file, '--print', '-l', '-n', '-v', '--immediate-mode', filterText]
    const seen = namespace.start('tcpdump', words)
    await seen.saying('listening on')
    const kernel = namespace.start('socat', [
      '-u',
      `UDP6-RECV:${PORT},ipv6-join-group=[ff0e::77]:jf0,ip-add-membership=239.7.7.7:jf0`,
      'STDOUT',
    ])
    host.set('239.1.2.3', filter(false, '10.9.0.77', '10.9.0.78'))
    host.set('239.1.2.4', filter(true, '10.9.0.1'))
    host.set('ff0e::1:2', filter(false, 'fd00:9::77', 'fd00:9::78'))
    host.set('ff0e::1:3', filter(true, 'fd00:9::1'))
    // The repetitions, and what the kernel says.
    await seen.saying(/239\.1\.2\.3 to_ex/)
    await seen.saying(/ff0e::1:2 to_ex/)
    host.set('239.1.2.3', null)
    host.set('ff0e::1:3', null)
    await seen.saying(/239\.1\.2\.3 to_in/)
    await seen.saying(/ff0e::1:3 block/)
    await seen.stop('SIGINT')
    await kernel.stop()
    const checks = ['-o', 'ip.check_checksum:TRUE', '-r', file]
    const wrong = [
      '_ws.malformed',
      'igmp.checksum.status == 0',
      'icmpv6.checksum.status == 0',
      'ip.checksum.status == 0',
    ]
    expect(await tshark([...checks, '-Y', wrong.join(' || ')])).toBe('')
    const ours = await tshark([...checks, '-Y', 'igmp && ip.src == 10.9.0.2', '-T', 'fields', '-e', 'igmp.record_type'])
    expect(ours.split(/\s+/)).toEqual(expect.arrayContaining(['4', '5']))
    const six = await tshark([
      ...checks,
      '-Y',
      'icmpv6.type == 143',
      '-T',
      'fields',
      '-e',
      'icmpv6.mldr.mar.record_type',
    ])
    expect(six.split(/[\s,]+/)).toEqual(expect.arrayContaining(['4', '5', '6']))
  })

  async function tshark(args: string[]): Promise<string> {
    const { status, stdout, stderr } = await namespace.run('tshark', args)
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    return stdout.trim()
  }
})

describeNetwork('the stack behind a bridge that snoops', ['bridge', 'socat', 'tcpdump', 'stdbuf', 'sysctl'], () => {
  let monitor: Running

  /** A bridge with jf0 as its port: it asks, and gives its ports only the groups that were reported there. */
  async function bridge(igmp: 2 | 3, mld: 1 | 2): Promise<void> {
    const versions = ['mcast_igmp_version', `${igmp}`, 'mcast_mld_version', `${mld}`]
    // Hundredths of a second.
    const times = ['mcast_query_response_interval', '10', 'mcast_last_member_interval', '20']
    const startup = ['mcast_startup_query_interval', '100', 'mcast_startup_query_count', '5']
    namespace.ip('link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '1', ...versions, ...times, ...startup)
    // Afterwards: for as long as an answer may take it still gives every port everything.
    namespace.ip('link', 'set', 'br0', 'type', 'bridge', 'mcast_querier', '1')
    monitor = namespace.start('stdbuf', ['-oL', 'bridge', '-d', 'monitor', 'mdb'])
    // What is told before it listens it never hears of.
    while (!listensToGroups()) await namespace.run('sleep', ['0.02'])
    namespace.ip('link', 'set', 'jf0', 'master', 'br0')
    namespace.sysctl('net.ipv6.conf.jf0.disable_ipv6', 1)
    namespace.ip('link', 'set', 'jf0', 'up')
    configure(namespace, 'br0')
  }

  /** Whether somebody listens to RTNLGRP_MDB, 26 of rtnetlink(7): in the columns Eth and Groups. */
  function listensToGroups(): boolean {
    const rows = namespace.read('/proc/net/netlink').split('\n').slice(1)
    return rows.some((row) => {
      const [, protocol, , groups = ''] = row.trim().split(/\s+/)
      return protocol === '0' && (Number.parseInt(groups, 16) & (1 << 25)) !== 0
    })
  }

  beforeEach(() => {
    namespace = new Namespace()
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    host = new Host(namespace)
  })

  test('its queries are answered, and the groups with their sources are what it lists (IGMPv3, MLDv2)', async () => {
    // Told to nobody yet: only answers to queries bring them to the bridge.
    host.set('239.1.2.3', ANY_SOURCE)
    host.set('239.1.2.4', filter(true, '10.9.0.1'))
    host.set('ff0e::1:2', filter(false, 'fd00:9::77'))
    host.set('ff0e::1:3', filter(true, 'fd00:9::1'))
    await host.silence()
    await bridge(3, 2)
    await monitor.saying(/port jf0 grp 239\.1\.2\.3 .*filter_mode exclude/)
    await monitor.saying(/port jf0 grp 239\.1\.2\.4 src 10\.9\.0\.1 .*filter_mode include/)
    await monitor.saying(/port jf0 grp ff0e::1:2 .*filter_mode exclude source_list fd00:9::77/)
    await monitor.saying(/port jf0 grp ff0e::1:3 src fd00:9::1 .*filter_mode include/)
    // The groups that our addresses are asked for by: RFC 4291 section 2.7.1.
    await monitor.saying(/port jf0 grp ff02::1:ff00:2 /)
    expect([host.groups.version(4), host.groups.version(6)]).toEqual([3, 2])
    const { igmpInErrors, mldInErrors } = host.stack.counters
    expect([igmpInErrors, mldInErrors]).toEqual([0, 0])
  })

  test('it takes what we leave from its list (IGMPv3, MLDv2)', async () => {
    await bridge(3, 2)
    host.set('239.1.2.3', ANY_SOURCE)
    host.set('ff0e::1:2', ANY_SOURCE)
    await monitor.saying(/^dev br0 port jf0 grp 239\.1\.2\.3 /m)
    await monitor.saying(/^dev br0 port jf0 grp ff0e::1:2 /m)
    host.set('239.1.2.3', null)
    host.set('ff0e::1:2', null)
    await monitor.saying(/^Deleted dev br0 port jf0 grp 239\.1\.2\.3 /m)
    await monitor.saying(/^Deleted dev br0 port jf0 grp ff0e::1:2 /m)
  })

  test('asked in the versions before, it is answered, told and left in them (IGMPv2, MLDv1)', async () => {
    host.set('239.1.2.3', ANY_SOURCE)
    host.set('ff0e::1:2', ANY_SOURCE)
    await host.silence()
    await bridge(2, 1)
    await monitor.saying(/^dev br0 port jf0 grp 239\.1\.2\.3 /m)
    await monitor.saying(/^dev br0 port jf0 grp ff0e::1:2 /m)
    expect([host.groups.version(4), host.groups.version(6)]).toEqual([2, 1])
    host.set('239.1.2.4', ANY_SOURCE)
    host.set('ff0e::1:3', ANY_SOURCE)
    await monitor.saying(/^dev br0 port jf0 grp 239\.1\.2\.4 /m)
    await monitor.saying(/^dev br0 port jf0 grp ff0e::1:3 /m)
    host.set('239.1.2.3', null)
    host.set('ff0e::1:2', null)
    await monitor.saying(/^Deleted dev br0 port jf0 grp 239\.1\.2\.3 /m)
    await monitor.saying(/^Deleted dev br0 port jf0 grp ff0e::1:2 /m)
  })

  test.each([
    ['IPv4', '239.1.2.3', '239.1.2.4', 'UDP4-DATAGRAM:239.1.2.'],
    ['IPv6', 'ff0e::1:3', 'ff0e::1:4', 'UDP6-DATAGRAM:[ff0e::1:'],
  ])('%s: its port carries the groups we are in, and none that we left', async (name, left, kept, target) => {
    await bridge(3, 2)
    host.set(left, ANY_SOURCE)
    host.set(kept, ANY_SOURCE)
    const lists = (group: string) => new RegExp(`port jf0 grp ${group} `)
    await monitor.saying(lists(left))
    await monitor.saying(lists(kept))
    host.set(left, null)
    await monitor.saying(new RegExp(`Deleted dev br0 port jf0 grp ${left} `))
    const first = namespace.start('tcpdump', [
      '-i',
      'jf0',
      '-l',
      '-n',
      '-c',
      '1',
      '--immediate-mode',
      `udp port ${PORT}`,
    ])
    await first.saying('listening on')
    for (const last of [3, 4]) {
      const { status } = await namespace.run(
        'socat',
        ['-u', 'STDIN', `${target}${last}${name === 'IPv6' ? ']' : ''}:${PORT}`],
        {
          input: 'x',
        },
      )
      expect(status).toBe(0)
    }
    const { stdout } = await first.ended
    expect(stdout).toContain(`> ${kept}.${PORT}`)
  })
})
