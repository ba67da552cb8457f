// A stack without this and that: what its calls say, and what goes on without.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_JOIN_GROUP,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  MSG_FASTOPEN,
  SO_MEMINFO,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_INFO,
  TCP_MD5SIG,
} from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import type { Device } from '../../src/device/device.ts'
import { optionEntries } from '../../src/socket/option-table.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { simpleKind } from '../../src/socket/simple-options.ts'
import { isSimple } from '../../src/socket/simple-values.ts'
import { Socket } from '../../src/socket/socket.ts'
import { LeanStack } from '../../src/stack/lean-stack.ts'
import { ipOptions } from '../../src/stack/parts/ip-options.ts'
import { multicast } from '../../src/stack/parts/multicast.ts'
import { optionStructs } from '../../src/stack/parts/option-structs.ts'
import { pingSockets } from '../../src/stack/parts/ping-sockets.ts'
import { rawSockets } from '../../src/stack/parts/raw-sockets.ts'
import { routerDiscovery } from '../../src/stack/parts/router-discovery.ts'
import { routing } from '../../src/stack/parts/routing.ts'
import { tcpFastOpen } from '../../src/stack/parts/tcp-fast-open.ts'
import { tcpInfo } from '../../src/stack/parts/tcp-info.ts'
import { tcpSignatures } from '../../src/stack/parts/tcp-signatures.ts'
import { unixSockets } from '../../src/stack/parts/unix-sockets.ts'
import type { StackPart } from '../../src/stack/stack-parts.ts'

function leanStack(...parts: StackPart[]): LeanStack {
  return new LeanStack({ clock: new ManualClock(1000), random: new SeededRandom(1) }, parts)
}

/** The code of the error that `call` throws; null: none. */
function failure(call: () => unknown): string | null {
  try {
    call()
    return null
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

const GROUP = { group: '239.1.2.3' }
const GROUP6 = { group: 'ff05::1:3' }

describe('a lean stack, and one with the part', () => {
  test('unixSockets: AF_UNIX is EAFNOSUPPORT', () => {
    expect(failure(() => new Socket(leanStack(), AF_UNIX, SOCK_STREAM))).toBe('EAFNOSUPPORT')
    expect(failure(() => Socket.pair(leanStack(), AF_UNIX, SOCK_DGRAM))).toBe('EAFNOSUPPORT')
    expect(failure(() => Socket.pair(leanStack(unixSockets), AF_UNIX, SOCK_DGRAM))).toBe(null)
  })

  test.each([
    [AF_INET, IPPROTO_IP, IP_TTL],
    [AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_HOPS],
  ])('ipOptions: those of family %i are ENOPROTOOPT', (family, level, name) => {
    const without = new Socket(leanStack(), family, SOCK_STREAM)
    expect(failure(() => without.setsockopt(level, name, 9))).toBe('ENOPROTOOPT')
    expect(failure(() => without.getsockopt(level, name))).toBe('ENOPROTOOPT')
    const having = new Socket(leanStack(ipOptions), family, SOCK_STREAM)
    having.setsockopt(level, name, 9)
    expect(having.getsockopt(level, name)).toBe(9)
  })

  test('optionStructs: structs are octets, and errors say numbers', () => {
    const without = new Socket(leanStack(), AF_INET, SOCK_STREAM)
    expect(without.getsockopt(SOL_SOCKET, SO_MEMINFO)).toBeInstanceOf(Uint8Array)
    expect(() => without.setsockopt(SOL_SOCKET, SO_REUSEADDR, 'yes' as never)).toThrow('option 2 of level 1 takes')
    const having = new Socket(leanStack(optionStructs), AF_INET, SOCK_STREAM)
    expect(having.getsockopt(SOL_SOCKET, SO_MEMINFO)).toHaveProperty('rmem_alloc')
    expect(() => having.setsockopt(SOL_SOCKET, SO_REUSEADDR, 'yes' as never)).toThrow('SO_REUSEADDR takes')
  })

  test('what an option is does not depend on its parts', () => {
    const stack = leanStack()
    for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
      const endpoint = stack.endpoint(new Socket(stack, AF_INET6, type).fd) as Endpoint
      const other = optionEntries().filter(({ level, name, kind }) => {
        const there = endpoint.getOption(level, name, new Uint8Array(1024)) >= 0
        return there && simpleKind(level, name) !== (isSimple(kind) ? kind : 'bytes')
      })
      expect(other).toEqual([])
    }
  })

  test('IPV6_V6ONLY is no option that a stack can be without', () => {
    const socket = new Socket(leanStack(), AF_INET6, SOCK_STREAM)
    expect(socket.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(false)
    socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, true)
    expect(socket.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(true)
    socket.bind({ address: '::1', port: 0 })
    expect(failure(() => socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, false))).toBe('EINVAL')
  })

  test('multicast: to join a group is ENOPROTOOPT', () => {
    for (const parts of [[], [ipOptions]]) {
      const stack = leanStack(...parts)
      const [four, six] = [new Socket(stack, AF_INET, SOCK_DGRAM), new Socket(stack, AF_INET6, SOCK_DGRAM)]
      expect(failure(() => four.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, GROUP))).toBe('ENOPROTOOPT')
      expect(failure(() => six.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, GROUP6))).toBe('ENOPROTOOPT')
    }
    const stack = leanStack(multicast)
    stack.attach(new Cable().left, { address: ['10.0.0.1/24', 'fe80::1/64'] })
    const [four, six] = [new Socket(stack, AF_INET, SOCK_DGRAM), new Socket(stack, AF_INET6, SOCK_DGRAM)]
    four.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, { ...GROUP, ifindex: 2 })
    six.setsockopt(IPPROTO_IPV6, IPV6_JOIN_GROUP, { ...GROUP6, ifindex: 2 })
    // Its options are among those of IP.
    four.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 3)
  })

  test('rawSockets: a raw socket is ESOCKTNOSUPPORT', () => {
    expect(failure(() => new Socket(leanStack(), AF_INET, SOCK_RAW, IPPROTO_ICMP))).toBe('ESOCKTNOSUPPORT')
    expect(failure(() => new Socket(leanStack(rawSockets), AF_INET, SOCK_RAW, IPPROTO_ICMP))).toBe(null)
  })

  test.each([
    [AF_INET, IPPROTO_ICMP],
    [AF_INET6, IPPROTO_ICMPV6],
  ])('pingSockets: of family %i, EPROTONOSUPPORT', (family, protocol) => {
    expect(failure(() => new Socket(leanStack(), family, SOCK_DGRAM, protocol))).toBe('EPROTONOSUPPORT')
    expect(failure(() => new Socket(leanStack(pingSockets), family, SOCK_DGRAM, protocol))).toBe(null)
  })

  test('tcpFastOpen: its options are ENOPROTOOPT, MSG_FASTOPEN is EOPNOTSUPP, a key a TypeError', () => {
    const without = new Socket(leanStack(), AF_INET, SOCK_STREAM)
    expect(failure(() => without.setsockopt(IPPROTO_TCP, TCP_FASTOPEN, 5))).toBe('ENOPROTOOPT')
    expect(failure(() => without.getsockopt(IPPROTO_TCP, TCP_FASTOPEN_CONNECT))).toBe('ENOPROTOOPT')
    expect(failure(() => without.trySend(new Uint8Array(1), MSG_FASTOPEN))).toBe('EOPNOTSUPP')
    const options = { clock: new ManualClock(), random: new SeededRandom(1), tcp: { fastOpenKey: '0-0-0-1' } }
    expect(() => new LeanStack(options)).toThrow('options.tcp.fastOpenKey needs the part tcpFastOpen')
    const having = new Socket(new LeanStack(options, [tcpFastOpen]), AF_INET, SOCK_STREAM)
    having.setsockopt(IPPROTO_TCP, TCP_FASTOPEN, 5)
    expect(having.getsockopt(IPPROTO_TCP, TCP_FASTOPEN)).toBe(5)
    expect(failure(() => having.trySend(new Uint8Array(1), MSG_FASTOPEN))).toBe('EINVAL')
  })

  test('tcpInfo: TCP_INFO is ENOPROTOOPT', () => {
    expect(failure(() => new Socket(leanStack(), AF_INET, SOCK_STREAM).getsockopt(IPPROTO_TCP, TCP_INFO))).toBe(
      'ENOPROTOOPT',
    )
    const having = new Socket(leanStack(tcpInfo), AF_INET, SOCK_STREAM)
    expect(having.getsockopt(IPPROTO_TCP, TCP_INFO)).toHaveProperty('tcpi_state', 7)
  })

  test('tcpSignatures: a key is ENOPROTOOPT', () => {
    const key = { address: SocketAddress.internet('192.0.2.9', 0), key: Uint8Array.of(1) }
    const set = (...parts: StackPart[]) =>
      failure(() => new Socket(leanStack(...parts), AF_INET, SOCK_STREAM).setsockopt(IPPROTO_TCP, TCP_MD5SIG, key))
    expect([set(), set(optionStructs), set(tcpSignatures)]).toEqual(['ENOPROTOOPT', 'ENOPROTOOPT', null])
  })

  test('routerDiscovery: to listen to routers is a TypeError that names it', () => {
    const { left } = new Cable()
    expect(() => leanStack().attach(left, { ipv6: 'auto' })).toThrow(
      new TypeError("ipv6 'auto' needs the part routerDiscovery, which this stack has not"),
    )
    expect(leanStack(routerDiscovery).attach(left, { ipv6: 'auto' }).ipv6?.discovery).not.toBe(null)
  })

  test('routing: to forward, or to advertise oneself as a router, is a TypeError that names it', () => {
    const options = { clock: new ManualClock(1000), random: new SeededRandom(1), forwarding: true }
    const needs = 'needs the part routing, which this stack has not'
    expect(() => new LeanStack(options)).toThrow(new TypeError(`options.forwarding ${needs}`))
    expect(new LeanStack(options, [routing]).forwarding).toBe(true)
    const { left, right } = new Cable()
    const advertise = (stack: LeanStack, device: Device) =>
      stack.attach(device, { address: 'fe80::1/64' }).advertise({ prefixes: ['2001:db8::/64'] })
    expect(() => advertise(leanStack(), left)).toThrow(new TypeError(`advertise ${needs}`))
    advertise(leanStack(routing), right).close()
  })

  test('what is no part is a TypeError that says so', () => {
    expect(() => leanStack({ unixx: null } as StackPart)).toThrow('options.parts[0]')
    expect(() => leanStack(3 as StackPart)).toThrow(TypeError)
  })
})
