// The stack on a TAP in a network namespace, the kernel's client in C at the other end: `jackfield serve echo discard chargen`. Beside
// it gVisor's netstack on a TAP of its own (and, where large segments count, on a packet socket on a veth, which is how it has them),
// node:net on the kernel's loopback, and the kernel itself over a veth: iperf3 for streams, an epoll server in C for the rest.

import { existsSync } from 'node:fs'
import { compileC, compileGvisor, versionOf } from '../tap/compiled.mjs'

export const name = 'tap'

export function peers({ folder }) {
  const unable =
    process.platform !== 'linux' || process.getuid() !== 0
      ? 'it makes a network namespace, for which it must run as root on Linux'
      : existsSync('/dev/net/tun')
        ? compileC(folder, 'client')
        : 'there is no /dev/net/tun'
  if (unable !== null) return { jackfield: { missing: unable } }
  const failed = compileGvisor(folder)
  const version = versionOf('dpkg-query', '--show', 'golang-gvisor-gvisor-dev')
  const gvisor = failed === null ? { version: `${version}, ${versionOf('go', 'version')}` } : { missing: failed }
  const iperf3 = versionOf('iperf3', '--version')
  const server = compileC(folder, 'server')
  return {
    gvisor,
    'gvisor without RACK': gvisor,
    'packet-socket gvisor': gvisor,
    'node:net': { version: process.version },
    iperf3: iperf3 === null ? { missing: 'there is no iperf3' } : { version: iperf3 },
    'over IPv4': {},
    kernel: server === null ? { version: versionOf('uname', '-r') } : { missing: server },
  }
}

const NAMES = {
  gvisor: 'gvisor',
  'gvisor without RACK': 'gvisor-no-rack',
  'packet-socket gvisor': 'gvisor-packet',
  'node:net': 'node',
  iperf3: 'iperf3',
  kernel: 'kernel',
  'over IPv4': 'jackfield',
}
const BOTH = ['gvisor', 'gvisor without RACK']
const BULK = [...BOTH, 'packet-socket gvisor', 'node:net', 'iperf3']
const SMALL = [...BOTH, 'node:net', 'kernel']

export function figures({ folder }) {
  const lane = (system, args) => ({
    program: 'tap/lane.mjs',
    args: [folder, system, ...args.map(String)],
    under: ['unshare', '--net'],
  })
  const figure = (name, args, names, more, ours = 'jackfield') => ({
    name,
    ...more,
    ours: lane(ours, args),
    theirs: Object.fromEntries(names.map((peer) => [peer, lane(NAMES[peer], args)])),
  })
  const gigabits = { unit: 'Gbit/s', better: 'more' }
  const micros = { unit: 'µs', better: 'less', floor: { gvisor: 0.7 }, aim: { absolute: 10 } }
  const perSecond = { unit: '/s', better: 'more', floor: { gvisor: 2 } }
  const send = ['send', 9]
  const recv = ['recv', 19]
  const trip = ['ping-pong', 7, 64]
  return [
    figure('kernel → application', send, BULK, {
      ...gigabits,
      floor: { absolute: 15, gvisor: 5 },
      aim: { absolute: 25 },
    }),
    figure('application → kernel', recv, BULK, {
      ...gigabits,
      floor: { absolute: 20, gvisor: 5 },
      aim: { absolute: 45 },
    }),
    ...[
      ['kernel → application, no offloads', send],
      ['application → kernel, no offloads', recv],
    ].map(([name, args]) =>
      figure(name, args, BOTH, { ...gigabits, floor: { gvisor: 1.5 }, aim: { absolute: 5 } }, 'jackfield-plain'),
    ),
    figure('round trip, 64 octets, one processor', trip, SMALL, { ...micros, pins: ['0', '0'] }),
    figure('round trip, 64 octets, two processors', trip, SMALL, { ...micros, pins: ['0', '1'] }),
    figure('connections, 1 at a time', ['connections', 7, 1], SMALL, { ...perSecond, aim: { absolute: 70_000 } }),
    figure('connections, 32 at a time', ['connections', 7, 32], SMALL, { ...perSecond, aim: { absolute: 90_000 } }),
    ...[16, 64].map((window) =>
      figure(`datagrams there and back, ${window} under way`, ['udp', 7, window, 64], SMALL, {
        ...perSecond,
        aim: { absolute: 500_000 },
      }),
    ),
    figure('IPv6: kernel → application', send, ['over IPv4'], gigabits, 'jackfield-6'),
    figure('IPv6: application → kernel', recv, ['over IPv4'], gigabits, 'jackfield-6'),
    figure('IPv6: round trip', trip, ['over IPv4'], { unit: 'µs', better: 'less', pins: ['0', '1'] }, 'jackfield-6'),
  ]
}
