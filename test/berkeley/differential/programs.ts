// Programs at random: something is set up first, so that they get anywhere, and calls of all kinds follow.

import fc from 'fast-check'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_UNICAST_HOPS,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SIOCATMARK,
  SIOCINQ,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_LINGER,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PEEK_OFF,
  SO_RCVLOWAT,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../../src/base/constants.ts'
import type { Call, Target } from './call.ts'

/** What programs are about. */
export type Domain = 'tcp' | 'udp' | 'unix'

export interface Family {
  readonly family: number
  readonly addresses: readonly string[]
}

export const ipv4: Family = { family: AF_INET, addresses: ['127.0.0.1', '127.0.0.2', '0.0.0.0'] }
export const ipv6: Family = { family: AF_INET6, addresses: ['::1', '::', '::ffff:127.0.0.1'] }
export const mapped: Family = { family: AF_INET6, addresses: ['::ffff:127.0.0.1', '::', '::ffff:0.0.0.0'] }
export const unix: Family = { family: AF_UNIX, addresses: [] }

const PORTS = [4242, 4243]
// A stream bound to a broadcast address is Linux's own: docs/reference/differences.md.
const ELSEWHERE = ['203.0.113.9', '2001:db8::9', '127.0.0.1', '::1']
const on = fc.nat(6)
const length = fc.constantFrom(0, 1, 2, 5, 100, 3000)
const room = fc.constantFrom(0, 1, 3, 5, 64, 4000)

function targets(
  { family, addresses }: Family,
  ports: readonly number[],
  elsewhere: readonly string[],
): fc.Arbitrary<Target> {
  const local = fc.record({ kind: fc.constant('local' as const), of: on })
  const none = fc.constant<Target>({ kind: 'unspecified' })
  if (family === AF_UNIX) {
    const path = fc.constantFrom('\0a', '\0b', '\0c', '')
    const name = fc.record({ kind: fc.constant('unix' as const), path })
    return fc.oneof({ weight: 6, arbitrary: name }, { weight: 3, arbitrary: local }, { weight: 1, arbitrary: none })
  }
  const kind = fc.constant('internet' as const)
  const own = fc.record({ kind, address: fc.constantFrom(...addresses), port: fc.constantFrom(...ports) })
  const foreign = fc.record({
    kind,
    address: fc.constantFrom(...elsewhere),
    port: fc.constantFrom(...ports),
  })
  return fc.oneof(
    { weight: 8, arbitrary: own },
    { weight: 5, arbitrary: local },
    { weight: 1, arbitrary: none },
    { weight: 1, arbitrary: foreign },
  )
}

function flagsOf(...flags: number[]): fc.Arbitrary<number> {
  const some = fc.subarray(flags, { maxLength: 2 }).map((bits) => bits.reduce((sum, bit) => sum | bit, 0))
  return fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: some })
}

const integerOptions: readonly (readonly [number, number])[] = [
  [SOL_SOCKET, SO_REUSEADDR],
  [SOL_SOCKET, SO_REUSEPORT],
  [SOL_SOCKET, SO_OOBINLINE],
  [SOL_SOCKET, SO_RCVLOWAT],
]
const peekOffset = [SOL_SOCKET, SO_PEEK_OFF] as const
const unixOptions = [...integerOptions, peekOffset, [SOL_SOCKET, SO_PASSCRED]] as const
/** What asks for control messages, and what they then tell. */
const controlOptions4: readonly (readonly [number, number])[] = [
  [IPPROTO_IP, IP_PKTINFO],
  [IPPROTO_IP, IP_RECVTTL],
  [IPPROTO_IP, IP_RECVTOS],
  [IPPROTO_IP, IP_RECVERR],
  [IPPROTO_IP, IP_TTL],
  [IPPROTO_IP, IP_TOS],
]
const controlOptions6: readonly (readonly [number, number])[] = [
  [IPPROTO_IPV6, IPV6_RECVPKTINFO],
  [IPPROTO_IPV6, IPV6_RECVHOPLIMIT],
  [IPPROTO_IPV6, IPV6_RECVTCLASS],
  [IPPROTO_IPV6, IPV6_RECVERR],
  [IPPROTO_IPV6, IPV6_UNICAST_HOPS],
]
const readOptions: readonly (readonly [number, number])[] = [
  ...integerOptions,
  [SOL_SOCKET, SO_ERROR],
  [SOL_SOCKET, SO_TYPE],
  [SOL_SOCKET, SO_ACCEPTCONN],
  [SOL_SOCKET, SO_LINGER],
]

function option(call: 'getsockopt', among: readonly (readonly [number, number])[]): fc.Arbitrary<Call> {
  return fc.tuple(on, fc.constantFrom(...among)).map(([on, [level, name]]) => ({ call, on, level, name }))
}

function calls(domain: Domain, family: Family): fc.Arbitrary<Call> {
  const elsewhere = domain === 'tcp' ? ELSEWHERE : [...ELSEWHERE, '255.255.255.255']
  const local = targets(family, [...PORTS, 0], elsewhere)
  // Where a datagram for port 0 goes depends on who asks: docs/reference/differences.md.
  const to = domain === 'udp' ? targets(family, PORTS, elsewhere) : local
  const types = domain === 'tcp' ? [SOCK_STREAM] : domain === 'udp' ? [SOCK_DGRAM] : [1, 2, 5]
  const type = fc.constantFrom(...types)
  const how = fc.constantFrom(0, 1, 2, 0, 1, 2, 3)
  // Octets out of band are TCP's: docs/reference/differences.md.
  const urgent = domain === 'tcp' ? [MSG_OOB] : []
  const sends = flagsOf(MSG_DONTWAIT, MSG_NOSIGNAL, ...urgent)
  const errors = domain === 'unix' ? [] : [MSG_ERRQUEUE]
  const receives = flagsOf(MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, ...errors, ...urgent).map((flags) => {
    // What MSG_TRUNC does to the octet out of band, nobody has written down.
    return (flags & MSG_OOB) === 0 ? flags : flags & ~MSG_TRUNC
  })
  const is = <const T extends string>(call: T) => fc.constant(call)
  const several = (of: fc.Arbitrary<number>) => fc.array(of, { minLength: 0, maxLength: 3 })
  const control = family.family === AF_INET ? controlOptions4 : [...controlOptions4, ...controlOptions6]
  const udpOptions = [...integerOptions, peekOffset, ...control]
  const settable = domain === 'unix' ? unixOptions : domain === 'udp' ? udpOptions : integerOptions
  const set = fc
    .tuple(on, fc.constantFrom(...settable), fc.constantFrom(0, 1, 3))
    .map(([on, [level, name], value]): Call => ({ call: 'setsockopt', on, level, name, value }))
  // To linger a while would wait; not at all resets.
  const linger = on.map((on): Call => {
    return { call: 'setsockopt', on, level: SOL_SOCKET, name: SO_LINGER, value: [1, 0, 0, 0, 0, 0, 0, 0] }
  })
  // On Unix streams a read without room takes the descriptors that come next.
  const some = domain === 'unix' ? room.filter((octets) => octets > 0) : room
  const passes = domain === 'unix' ? fc.boolean() : fc.constant(false)
  return fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ call: is('socket'), family: fc.constant(family.family), type, protocol: fc.constant(0) }),
    },
    { weight: domain === 'unix' ? 2 : 0, arbitrary: fc.record({ call: is('socketpair'), type }) },
    { weight: 3, arbitrary: fc.record({ call: is('bind'), on, to: local }) },
    { weight: 2, arbitrary: fc.record({ call: is('listen'), on, backlog: fc.constantFrom(0, 1, 5, -1) }) },
    { weight: 4, arbitrary: fc.record({ call: is('connect'), on, to }) },
    { weight: 3, arbitrary: fc.record({ call: is('accept'), on, named: fc.boolean() }) },
    { weight: 6, arbitrary: fc.record({ call: is('send'), on, length, flags: sends }) },
    { weight: domain === 'tcp' ? 1 : 5, arbitrary: fc.record({ call: is('sendto'), on, length, flags: sends, to }) },
    {
      weight: 2,
      arbitrary: fc.record({
        call: is('sendmsg'),
        on,
        lengths: several(length),
        flags: sends,
        to: fc.option(to, { freq: 1 }),
        passes,
      }),
    },
    { weight: 6, arbitrary: fc.record({ call: is('recv'), on, room: some, flags: receives }) },
    { weight: 2, arbitrary: fc.record({ call: is('recvfrom'), on, room: some, flags: receives }) },
    {
      weight: 2,
      arbitrary: fc.record({
        call: is('recvmsg'),
        on,
        rooms: domain === 'unix' ? fc.constantFrom([1], [5, 3], [64, 4000]) : several(room),
        flags: domain === 'unix' ? fc.constant(0) : receives,
        control: fc.constantFrom(0, 256, 1000),
      }),
    },
    { weight: 3, arbitrary: fc.record({ call: is('shutdown'), on, how }) },
    { weight: 2, arbitrary: fc.record({ call: is('close'), on }) },
    { weight: 1, arbitrary: fc.record({ call: is('dup'), on }) },
    { weight: 1, arbitrary: fc.record({ call: is('getsockname'), on }) },
    { weight: 1, arbitrary: fc.record({ call: is('getpeername'), on }) },
    {
      weight: 1,
      arbitrary: fc.record({
        call: is('ioctl'),
        on,
        request: fc.constantFrom(SIOCINQ, domain === 'unix' ? SIOCINQ : SIOCATMARK),
      }),
    },
    { weight: domain === 'udp' ? 4 : 1, arbitrary: set },
    { weight: 1, arbitrary: linger },
    { weight: 1, arbitrary: option('getsockopt', readOptions) },
  )
}

function beginnings(domain: Domain, { family, addresses }: Family): readonly (readonly Call[])[] {
  const address = addresses[0] ?? ''
  const at = (port: number): Target => {
    return family === AF_UNIX
      ? { kind: 'unix', path: port === 4242 ? '\0a' : '\0b' }
      : { kind: 'internet', address, port }
  }
  const make = (type: number): Call => ({ call: 'socket', family, type, protocol: 0 })
  const streams = (type: number): Call[] => [
    make(type),
    make(type),
    { call: 'bind', on: 0, to: at(4242) },
    { call: 'listen', on: 0, backlog: 5 },
    { call: 'connect', on: 1, to: at(4242) },
  ]
  const pair = (type: number): Call[] => [...streams(type), { call: 'accept', on: 0, named: true }]
  const datagrams: Call[] = [
    make(SOCK_DGRAM),
    make(SOCK_DGRAM),
    { call: 'bind', on: 0, to: at(4242) },
    { call: 'bind', on: 1, to: at(4243) },
  ]
  const connected: Call[] = [
    ...datagrams,
    { call: 'connect', on: 0, to: at(4243) },
    { call: 'connect', on: 1, to: at(4242) },
  ]
  if (domain === 'tcp') return [[], streams(SOCK_STREAM), pair(SOCK_STREAM), pair(SOCK_STREAM)]
  if (domain === 'udp') return [[], datagrams, connected]
  const pairs = [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET].map((type): Call[] => [{ call: 'socketpair', type }])
  return [[], datagrams, connected, ...pairs, streams(SOCK_STREAM), pair(SOCK_STREAM), pair(SOCK_SEQPACKET)]
}

/** Programs about `domain`, with addresses of `family`. */
export function programs(domain: Domain, family: Family): fc.Arbitrary<readonly Call[]> {
  const rest = fc.array(calls(domain, family), { minLength: 1, maxLength: 30, size: 'max' })
  return fc
    .tuple(fc.constantFrom(...beginnings(domain, family)), rest)
    .map(([beginning, rest]) => [...beginning, ...rest])
}
