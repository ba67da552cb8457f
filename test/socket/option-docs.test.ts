// docs/reference/options.md is what this writes: `npx vitest run test/socket/option-docs.test.ts -u` writes it anew.

import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../../src/base/constants.ts'
import { EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { levelName, type OptionEntry, optionEntries } from '../../src/socket/option-table.ts'
import { OPTION_LENGTH, type OptionKind } from '../../src/socket/option-values.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { Stack } from '../../src/stack/stack.ts'

/** Of each kind what it is in JavaScript and in C. */
const VALUES: { readonly [Kind in OptionKind]: readonly [javascript: string, c: string] } = {
  boolean: ['`boolean`; a number does to set it', 'int'],
  int: ['`number`', 'int'],
  uint: ['`number`, 0 to 2³² − 1', 'unsigned int'],
  network_int: ['`number`', 'int in network order'],
  u64: ['`bigint`; an exact number does to set it', 'uint64_t'],
  string: ['`string`', 'char[]'],
  timeval: ['`number` of milliseconds', 'struct timeval'],
  linger: ['`{ onoff, linger }`, in seconds', 'struct linger'],
  ucred: ['`{ pid, uid, gid }`', 'struct ucred'],
  gid_list: ['`number[]`', 'gid_t[]'],
  so_timestamping: ['`{ flags, bind_phc? }`; the flags alone do to set it', 'struct so_timestamping'],
  sock_txtime: ['`{ clockid, flags }`', 'struct sock_txtime'],
  meminfo: [
    '`{ rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog, drops }`',
    'uint32_t[9]',
  ],
  sock_filter: [
    '`{ code, jt, jf, k }[]`; of PACKET_FANOUT_DATA also the descriptor of an eBPF program',
    'struct sock_filter[]',
  ],
  sockaddr: ['`SocketAddress`', 'struct sockaddr'],
  ip_interface: ['`string`, an address of the interface; to set it also its number', 'struct in_addr, struct ip_mreqn'],
  port_range: ['`{ low, high }`', 'uint16_t[2]'],
  in6_pktinfo: ['`{ address, ifindex }`', 'struct in6_pktinfo'],
  ip_mreqn: ['`{ group, ifindex?, address? }`', 'struct ip_mreqn'],
  ip_mreq_source: ['`{ group, source, address? }`', 'struct ip_mreq_source'],
  ipv6_mreq: ['`{ group, ifindex? }`', 'struct ipv6_mreq'],
  group_req: ['`{ group, ifindex? }`', 'struct group_req'],
  group_source_req: ['`{ group, source, ifindex? }`', 'struct group_source_req'],
  ip_msfilter: ['`{ group, address?, mode, sources }`', 'struct ip_msfilter'],
  group_filter: ['`{ group, ifindex?, mode, sources }`', 'struct group_filter'],
  in6_flowlabel_req: ['`{ address, label, action, share?, flags?, expires?, linger? }`', 'struct in6_flowlabel_req'],
  ip6_mtuinfo: ['`{ address, mtu }`', 'struct ip6_mtuinfo'],
  tcp_info: ['`TcpInfo`: all fields by their names in C', 'struct tcp_info'],
  tcp_md5sig: ['`{ address, key, flags?, prefixlen?, ifindex? }`', 'struct tcp_md5sig'],
  tcp_repair_opt: ['`{ opt_code, opt_val }[]`', 'struct tcp_repair_opt[]'],
  tcp_repair_window: ['`{ snd_wl1, snd_wnd, max_window, rcv_wnd, rcv_wup }`', 'struct tcp_repair_window'],
  packet_mreq: ['`{ ifindex, type, address? }`', 'struct packet_mreq'],
  fanout_args: ['`{ id, type_flags, max_num_members? }`', 'struct fanout_args'],
  tpacket_stats: ['`{ packets, drops, freeze_q_cnt? }`', 'struct tpacket_stats'],
  tpacket_rollover_stats: ['`{ all, huge, failed }`, bigints', 'struct tpacket_rollover_stats'],
  netlink_groups: ['`number[]`', 'uint32_t[], a bit for each group'],
  bytes: ['`Uint8Array`', 'its octets'],
}

const MANUALS: Readonly<Record<string, string>> = {
  SOL_SOCKET: 'socket(7), unix(7)',
  SOL_IP: 'ip(7), RFC 3678',
  SOL_IPV6: 'ipv6(7), RFC 3493, RFC 3542, RFC 3678',
  SOL_RAW: 'raw(7)',
  SOL_ICMPV6: 'RFC 3542',
  SOL_UDP: 'udp(7)',
  SOL_TCP: 'tcp(7)',
  SOL_PACKET: 'packet(7)',
  SOL_NETLINK: 'netlink(7)',
  AF_VSOCK: 'vsock(7)',
}

const ENDPOINTS = [
  [AF_INET, SOCK_STREAM, 0],
  [AF_INET6, SOCK_STREAM, 0],
  [AF_INET, SOCK_DGRAM, 0],
  [AF_INET6, SOCK_DGRAM, 0],
  [AF_INET, SOCK_RAW, IPPROTO_ICMP],
  [AF_INET6, SOCK_RAW, IPPROTO_ICMPV6],
  [AF_UNIX, SOCK_STREAM, 0],
  [AF_UNIX, SOCK_SEQPACKET, 0],
] as const

/** 'get, set': what some socket of a stack has of the option. */
function support(stack: Stack, { level, name, kind }: OptionEntry): string {
  const answers = (call: (endpoint: Endpoint) => number): boolean =>
    ENDPOINTS.some(([family, type, protocol]) => {
      const endpoint = stack.socket(family, type, protocol) as Endpoint
      const result = call(endpoint)
      endpoint.close()
      return result !== -ENOPROTOOPT && result !== -EOPNOTSUPP
    })
  const value = () => new Uint8Array(OPTION_LENGTH[kind])
  const words: string[] = []
  if (answers((endpoint) => endpoint.getOption(level, name, value()))) words.push('get')
  if (answers((endpoint) => endpoint.setOption(level, name, value()))) words.push('set')
  return words.join(', ')
}

function makeStack(): Stack {
  return new Stack({ clock: new ManualClock(), random: new SeededRandom(1) })
}

test('docs/reference/options.md has every option, what its value is and whether a stack has it', async () => {
  const stack = makeStack()
  const entries = optionEntries()
  const sections = [...new Set(entries.map(({ level }) => level))].map((level) => {
    const title = levelName(level)
    const rows = entries
      .filter((entry) => entry.level === level)
      .map((entry) => {
        const cell = VALUES[entry.kind][0].split(';')[0] as string
        return `| ${entry.constant} | ${entry.name} | ${cell} | ${support(stack, entry)} |`
      })
    return `## ${title} (${level})\n\n${MANUALS[title]}.\n\n| option | number | value | stack |\n|---|---|---|---|\n${rows.join('\n')}\n`
  })
  const kinds = Object.values(VALUES).map(([javascript, c]) => `| ${c} | ${javascript} |`)
  const text = `---
order: 10
---

# Options

What \`getsockopt\` and \`setsockopt\` know by name: ${entries.length} options, those of the manual pages and what Linux has gained since. Constants and types belong together: \`socket.getsockopt(SOL_SOCKET, SO_REUSEADDR)\` is a \`boolean\` for TypeScript too.

- The operating system's sockets have what the kernel has; what it lacks is ENOPROTOOPT. The column *stack* says what Jackfield's own sockets have: all else is ENOPROTOOPT there, or EOPNOTSUPP at a level that is not the socket's.
- Every option also takes the octets that C has, as a \`Uint8Array\`. One without a name here takes octets or an integer, and gives octets, at most 1,024.
- \`getsockopt(level, name, about)\` fills the value in before it asks, for options that must be told what is asked: IP_MSFILTER, MCAST_MSFILTER, PACKET_HDRLEN, IPV6_FLOWLABEL_MGR.
- Values that did not come whole, from an older kernel say, are given as the octets that came; fields with a question mark may be missing.
- Filters are arrays of instructions, and SO_ATTACH_FILTER gives them back (C calls that SO_GET_FILTER). The struct with their address is made for you.
- SO_PEERPIDFD opens a descriptor, which is yours to close.
- TCP_ZEROCOPY_RECEIVE is EOPNOTSUPP: the kernel would write to addresses that the value holds. PACKET_RX_RING and PACKET_TX_RING take their structs as octets, but there is no mmap(2) for the rings. TCP_CC_INFO is octets, since what they mean depends on TCP_CONGESTION.

${sections.join('\n')}
## Values

| in C | in JavaScript |
|---|---|
${kinds.join('\n')}
`
  await expect(text).toMatchFileSnapshot('../../docs/reference/options.md')
})

test('an option that a stack lacks, by name or by number, is an errno, and no length of value breaks anything', () => {
  const stack = makeStack()
  for (const [family, type, protocol] of ENDPOINTS) {
    const endpoint = stack.socket(family, type, protocol) as Endpoint
    const levels = [...new Set(optionEntries().map(({ level }) => level)), 77, -1, 0x7fffffff]
    for (const level of levels) {
      for (const name of [...Array.from({ length: 110 }, (_, i) => i), -1, 0x7fffffff]) {
        for (const length of [0, 1, 3, 4, 8, 200]) {
          const value = new Uint8Array(length)
          const got = endpoint.getOption(level, name, value)
          expect(Number.isInteger(got) && got <= length, `get ${level} ${name} of ${length}: ${got}`).toBe(true)
          const set = endpoint.setOption(level, name, value)
          expect(Number.isInteger(set) && set <= 0, `set ${level} ${name} of ${length}: ${set}`).toBe(true)
        }
      }
    }
    const unknown = endpoint.getOption(1, 109, new Uint8Array(4))
    expect([unknown, endpoint.setOption(1, 109, new Uint8Array(4))]).toEqual([-ENOPROTOOPT, -ENOPROTOOPT])
    expect([-ENOPROTOOPT, -EOPNOTSUPP, -EINVAL]).toContain(endpoint.getOption(77, 1, new Uint8Array(4)))
    endpoint.close()
  }
})
