// Read first: RFC 792, RFC 9293 section 3.9.2.2; icmp_err_convert of Linux for the numbers.

import { describe, expect, it } from 'vitest'
import { formatResult, parseScript, runScript } from '../../src/drill/index.ts'

const CODES: readonly (readonly [code: string, errno: string])[] = [
  ['net_unreachable', 'ENETUNREACH'],
  ['host_unreachable', 'EHOSTUNREACH'],
  ['protocol_unreachable', 'ENOPROTOOPT'],
  ['port_unreachable', 'ECONNREFUSED'],
  ['source_route_failed', 'EOPNOTSUPP'],
  ['net_unknown', 'ENETUNREACH'],
  ['host_unknown', 'EHOSTDOWN'],
  ['source_host_isolated', 'ENONET'],
  ['net_prohibited', 'ENETUNREACH'],
  ['host_prohibited', 'EHOSTUNREACH'],
  ['net_unreachable_for_tos', 'ENETUNREACH'],
  ['host_unreachable_for_tos', 'EHOSTUNREACH'],
  ['packet_filtered', 'EHOSTUNREACH'],
  ['precedence_violation', 'EHOSTUNREACH'],
  ['precedence_cutoff', 'EHOSTUNREACH'],
]

function failure(name: string, text: string): string {
  return formatResult(runScript(parseScript(text, name, { ipVersion: 'ipv4' }), { strict: true, profile: 'linux' }))
}

describe('tcp_network_unreachable', () => {
  it.each(CODES)('SYN-SENT: ICMP unreachable, code %s, ends the attempt at once with %s (Linux)', (code, errno) => {
    const text = `
0   socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0  connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0  > S 0:0(0) <...>
+.1 < icmp unreachable ${code} [0:0(0)]
+0  %{ assert tcpi_state == TCP_CLOSE }%
+0  getsockopt(3, SOL_SOCKET, SO_ERROR, [${errno}], [4]) = 0
+.1 < . 1:1(0) ack 1 win 65535
+0  > R 1:1(0)
`
    expect(failure(code, text)).toBe('')
  })

  it.each(CODES)(
    'ESTABLISHED: ICMP unreachable, code %s, is soft, and at the time-out it is %s (Linux)',
    (code, errno) => {
      const text = `
0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0  bind(3, ..., ...) = 0
+0  listen(3, 1) = 0
+.1 < S 0:0(0) win 65535 <mss 1000>
+0  > S. 0:0(0) ack 1 <mss 1460>
+.1 < . 1:1(0) ack 1 win 65535
+0  accept(3, ..., ...) = 4
+0  setsockopt(4, IPPROTO_TCP, TCP_USER_TIMEOUT, [50], 4) = 0
+0  write(4, ..., 1000) = 1000
+0  > P. 1:1001(1000) ack 1
+.01 < icmp unreachable ${code} [1:1001(1000)]
+0  %{ assert tcpi_state == TCP_ESTABLISHED }%
+.29 > P. 1:1001(1000) ack 1
+1  write(4, ..., 1000) = -1 ${errno}
`
      expect(failure(code, text)).toBe('')
    },
  )
})
