// The constants are Linux's: where there is a C compiler, its headers say so. What is newer than they are is left out.

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import * as constants from '../../src/base/constants.ts'
import * as controlConstants from '../../src/base/constants-control.ts'
import * as linkConstants from '../../src/base/constants-link.ts'
import * as optionConstants from '../../src/base/constants-options.ts'
import * as errno from '../../src/base/errno.ts'
import * as tcpInfo from '../../src/base/tcp-info.ts'

/** Those of the kernel and those of the C library, which do not go together. */
const HEADERS = [
  ['errno.h', 'poll.h', 'time.h', 'sys/socket.h', 'asm/ioctls.h', 'linux/errqueue.h', 'linux/filter.h', 'linux/icmp.h']
    .concat(['linux/icmpv6.h', 'linux/if_arp.h', 'linux/if_ether.h', 'linux/if_packet.h', 'linux/in.h', 'linux/in6.h'])
    .concat(['linux/net_tstamp.h', 'linux/netfilter_ipv4.h', 'linux/netlink.h', 'linux/sockios.h', 'linux/tcp.h'])
    .concat(['linux/udp.h', 'linux/vm_sockets.h']),
  ['sys/socket.h', 'netinet/in.h', 'netinet/ip.h', 'netinet/tcp.h', 'netinet/udp.h', 'netinet/icmp6.h'],
] as const

const modules = [constants, controlConstants, linkConstants, optionConstants, errno, tcpInfo]
const ours = modules
  .flatMap((module): [string, unknown][] => Object.entries(module))
  .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && !entry[0].endsWith('_LENGTH'))

/** What the compiler complains of. */
function complaints(headers: readonly string[], lines: readonly string[]): string | null {
  const includes = headers.map((header) => `#include <${header}>`)
  const input = ['#define _GNU_SOURCE', ...includes, ...lines].join('\n')
  const { stderr, error } = spawnSync('cc', ['-fsyntax-only', '-fmax-errors=0', '-x', 'c', '-'], {
    input,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  return error === undefined ? stderr : null
}

const compiles = process.platform === 'linux' && HEADERS.every((headers) => complaints(headers, []) === '')

test.runIf(compiles)('every constant that the headers of C have has their value', () => {
  const compared = new Set<string>()
  for (const headers of HEADERS) {
    const uses = ours.map(([name]) => `long long the_${name} = (long long)${name};`)
    const unknown = new Set(
      [...(complaints(headers, uses) as string).matchAll(/'(\w+)' undeclared/g)].map(([, name]) => name as string),
    )
    const known = ours.filter(([name]) => !unknown.has(name))
    const checks = known.map(
      ([name, value]) => `_Static_assert((unsigned)(${name}) == (unsigned)(${value}LL), "${name}");`,
    )
    const wrong = complaints(headers, checks) as string
    expect([...wrong.matchAll(/static assertion failed: "(\w+)"/g)].map(([, name]) => name)).toEqual([])
    expect(wrong).toBe('')
    for (const [name] of known) compared.add(name)
  }
  expect(compared.size).toBeGreaterThan(600)
})
