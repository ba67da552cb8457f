// The operating system's sockets by our promises, and by the ways of node:net and node:dgram under `--import jackfield/register`, against node:net and
// node:dgram themselves: two processes on the kernel's loopback.

export const name = 'os'

export function peers() {
  const node = { version: process.version }
  return {
    ...(process.platform !== 'linux' && { jackfield: { missing: 'it measures sockets of Linux' } }),
    "node:net, on('data')": node,
    'node:net, onread': node,
    'node:net': node,
    'node:dgram': node,
  }
}

const ends = (...args) => ({ program: 'ends/pair.mjs', args })
const goals = (peer, floor, aim) => ({ floor: { [peer]: floor }, aim: { [peer]: aim } })

const ONE = { pins: ['0', '0'] }
const TWO = { pins: ['0', '1'] }
const gigabits = { unit: 'Gbit/s', better: 'more' }
const micros = { unit: 'µs', better: 'less' }
const perSecond = { unit: '/s', better: 'more' }
const nodeTrips = { 'node:net': ends('node', 'pong', 'ping') }
const nodeEcho = { 'node:dgram': ends('node', 'echo', 'echoed') }

export const figures = () => [
  {
    name: 'stream',
    ...gigabits,
    floor: { "node:net, on('data')": 1.2, 'node:net, onread': 1 },
    aim: { "node:net, on('data')": 1.6, 'node:net, onread': 1.1 },
    ours: ends('jackfield', 'sink', 'source'),
    theirs: {
      "node:net, on('data')": ends('node', 'sink', 'source'),
      'node:net, onread': ends('node', 'source', 'onreadSink'),
    },
  },
  {
    name: 'round trip, 64 octets, one processor',
    ...micros,
    ...ONE,
    ...goals('node:net', 0.95, 0.8),
    ours: ends('jackfield', 'pong', 'ping'),
    theirs: nodeTrips,
  },
  {
    name: 'round trip, 64 octets, two processors',
    ...micros,
    ...TWO,
    ...goals('node:net', 1.1, 0.95),
    ours: ends('jackfield', 'pong', 'ping'),
    theirs: nodeTrips,
  },
  {
    name: 'the same with busyPoll',
    ...micros,
    ...TWO,
    ...goals('node:net', 0.6, 0.45),
    ours: ends('busy', 'pong', 'ping'),
    theirs: nodeTrips,
  },
  ...[
    ['1', 1.8, 2.2],
    ['32', 2, 3],
  ].map(([count, floor, aim]) => ({
    name: `connections, ${count} at a time`,
    ...perSecond,
    ...goals('node:net', floor, aim),
    ours: ends('jackfield', 'greet', 'connections', count),
    theirs: { 'node:net': ends('node', 'greet', 'connections', count) },
  })),
  ...[
    ['one by one', 'echo', 'echoed', 1.5, 2],
    ['recvmmsg and sendmmsg', 'batchEcho', 'batchEchoed', 2, 2.8],
    ['segmentation offload', 'segmentEcho', 'segmentEchoed', 8, 18],
  ].map(([how, server, client, floor, aim]) => ({
    name: `datagrams there and back, ${how}`,
    ...perSecond,
    ...goals('node:dgram', floor, aim),
    ours: ends('jackfield', server, client),
    theirs: nodeEcho,
  })),
  {
    name: 'register: stream',
    ...gigabits,
    ...goals("node:net, on('data')", 0.8, 1),
    ours: ends('register', 'sink', 'source'),
    theirs: { "node:net, on('data')": ends('node', 'sink', 'source') },
  },
  {
    name: 'register: round trip, 64 octets',
    ...micros,
    ...ONE,
    ...goals('node:net', 1.25, 1),
    ours: ends('register', 'pong', 'ping'),
    theirs: nodeTrips,
  },
  {
    name: 'register: connections, 32 at a time',
    ...perSecond,
    ...goals('node:net', 0.8, 1),
    ours: ends('register', 'greet', 'connections', '32'),
    theirs: { 'node:net': ends('node', 'greet', 'connections', '32') },
  },
  {
    name: 'register: datagrams there and back',
    ...perSecond,
    ...goals('node:dgram', 0.8, 1),
    ours: ends('register', 'echo', 'echoed'),
    theirs: nodeEcho,
  },
  {
    name: 'processor of a thousand idle sockets',
    unit: 'µs/s',
    better: 'less',
    ours: ends('jackfield', '-', 'idle'),
    theirs: { 'node:dgram': ends('node', '-', 'idle') },
  },
]
