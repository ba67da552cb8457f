// Two stacks in one process, application to application by promises, beside node:net and node:dgram between two processes on the
// kernel's loopback.

export const name = 'inprocess'

export const peers = () => ({
  'node:net': { version: process.version },
  'node:dgram': { version: process.version },
  'over IPv4': {},
  direct: {},
})

const lane = (...args) => ({ program: 'inprocess/lane.mjs', args })
const node = (...args) => ({ program: 'ends/pair.mjs', args: ['node', ...args] })

const bulk = (path, version = '4') => lane('sink', 'source', path, version)
const trips = (path, version = '4') => lane('pong', 'ping', path, version)
const datagrams = (path, version = '4') => lane('echo', 'echoed', path, version)
const connections = (path, count) => lane('greet', 'connections', path, '4', count)

const gigabits = { unit: 'Gbit/s', better: 'more' }
const micros = { unit: 'µs', better: 'less' }
const perSecond = { unit: '/s', better: 'more' }
const bulkGoal = { floor: { 'node:net': 1 }, aim: { 'node:net': 1.6 } }
const tripGoal = { floor: { absolute: 4 }, aim: { absolute: 2.5 } }
const connectionGoal = { floor: { 'node:net': 8 }, aim: { 'node:net': 14 } }

const nodeBulk = { 'node:net': node('sink', 'source') }
const nodeTrips = { 'node:net': { ...node('pong', 'ping'), pins: ['0', '0'] } }
const nodeConnections = (count) => ({ 'node:net': node('greet', 'connections', count) })
const nodeDatagrams = { 'node:dgram': node('echo', 'echoed') }

const one = { pins: ['0'] }

export const figures = () => [
  { name: 'stream', ...gigabits, ...bulkGoal, ours: bulk('cable'), theirs: nodeBulk },
  { name: 'stream, checksums computed', ...gigabits, ...bulkGoal, ours: bulk('summed'), theirs: nodeBulk },
  { name: 'stream, packets of 1500 with check sequences', ...gigabits, ours: bulk('plain'), theirs: nodeBulk },
  { name: 'stream, loopback', ...gigabits, ...bulkGoal, ours: bulk('loopback'), theirs: nodeBulk },
  { name: 'round trip, 64 octets', ...micros, ...tripGoal, ...one, ours: trips('cable'), theirs: nodeTrips },
  {
    name: 'round trip, 64 octets, loopback',
    ...micros,
    ...tripGoal,
    ...one,
    ours: trips('loopback'),
    theirs: nodeTrips,
  },
  ...['1', '32'].flatMap((count) => [
    {
      name: `connections, ${count} at a time`,
      ...perSecond,
      ...connectionGoal,
      ours: connections('cable', count),
      theirs: nodeConnections(count),
    },
    {
      name: `connections, ${count} at a time, loopback`,
      ...perSecond,
      ...connectionGoal,
      ours: connections('loopback', count),
      theirs: nodeConnections(count),
    },
  ]),
  { name: 'datagrams there and back', ...perSecond, ours: datagrams('cable'), theirs: nodeDatagrams },
  { name: 'datagrams there and back, loopback', ...perSecond, ours: datagrams('loopback'), theirs: nodeDatagrams },

  { name: 'IPv6: stream', ...gigabits, ours: bulk('cable', '6'), theirs: { 'over IPv4': bulk('cable') } },
  { name: 'IPv6: round trip', ...micros, ...one, ours: trips('cable', '6'), theirs: { 'over IPv4': trips('cable') } },
  { name: 'IPv6: datagrams', ...perSecond, ours: datagrams('cable', '6'), theirs: { 'over IPv4': datagrams('cable') } },
  ...['4', '6'].flatMap((version) => [
    {
      name: `routed IPv${version}: stream`,
      ...gigabits,
      ours: bulk('routed', version),
      theirs: { direct: bulk('cable', version) },
    },
    {
      name: `routed IPv${version}: round trip`,
      ...micros,
      ...one,
      ours: trips('routed', version),
      theirs: { direct: trips('cable', version) },
    },
    {
      name: `routed IPv${version}: datagrams`,
      ...perSecond,
      ours: datagrams('routed', version),
      theirs: { direct: datagrams('cable', version) },
    },
  ]),
  {
    name: 'a packet through the router, IPv6',
    unit: 'ns',
    better: 'less',
    ours: { program: 'inprocess/forward.mjs', args: ['time', '6'] },
    theirs: { 'over IPv4': { program: 'inprocess/forward.mjs', args: ['time', '4'] } },
  },
  ...['4', '6'].map((version) => ({
    name: `heap of a packet through the router, IPv${version}`,
    unit: 'octets',
    better: 'less',
    ours: { program: 'inprocess/forward.mjs', args: ['heap', version] },
  })),
]
