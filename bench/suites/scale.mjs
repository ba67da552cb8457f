// What there costs at rest, to begin, and by the million.

import { freemem } from 'node:os'

export const name = 'scale'

/** What a million connections may take, and room for the rest of the machine. */
const MEMORY = 5 * 2 ** 30

export function peers() {
  const node = { version: process.version }
  return { 'node:net': node, 'an empty module': node, alone: {} }
}

const left = (what) => ({ program: 'scale/left.mjs', args: [what] })
const importing = (what) => ({ program: 'scale/import.mjs', args: [what] })
const NODE = 'node:net has most of a connection outside the heap, in libuv and in the kernel'
const octets = { unit: 'octets', better: 'less' }
const milliseconds = { unit: 'ms', better: 'less' }

/** A million connections want more than Node's heap has by itself, and minutes to be opened. */
const CROWD = { flags: ['--max-old-space-size=6000'], patience: 1_800_000 }

const crowded = () => (freemem() < MEMORY ? `it wants ${MEMORY / 2 ** 30} GiB that are free` : null)

const talk = (what, others) => ({
  program: 'scale/others.mjs',
  args: ['--others', String(others), '--lane', what],
  ...CROWD,
})

/** What one connection does in a second of processor time while others are open and idle, beside a process in which there is one other. */
function page(what, ...names) {
  return {
    name: `what a page loads: ${what}`,
    unit: 'KiB',
    better: 'less',
    floor: { absolute: 60 },
    aim: { absolute: 40 },
    rounds: 1,
    warm: false,
    ours: { program: 'scale/size.mjs', args: names },
  }
}

function amid(title, what, unit, others) {
  return {
    name: `${title} beside ${others.toLocaleString('en')} idle connections`,
    unit,
    better: 'more',
    floor: { alone: 0.7 },
    aim: { alone: 0.9 },
    missing: others < 1_000_000 ? null : crowded(),
    ours: talk(what, others),
    theirs: { alone: talk(what, 1) },
  }
}

export const figures = () => [
  {
    name: 'heap of an idle end of a connection, IPv4',
    ...octets,
    floor: { absolute: 1536 },
    aim: { absolute: 1024 },
    ours: left('end-4'),
    theirs: { 'node:net': left('end-node') },
    note: NODE,
  },
  {
    name: 'heap of an idle end of a connection, IPv6',
    ...octets,
    floor: { absolute: 1536 },
    aim: { absolute: 1024 },
    ours: left('end-6'),
    theirs: { 'node:net': left('end-node') },
    note: NODE,
  },
  { name: 'heap and buffers of a stack', ...octets, floor: { absolute: 200 * 1024 }, ours: left('stack') },
  { name: 'to make a stack', ...milliseconds, floor: { absolute: 1 }, ours: left('stack-time') },
  { name: 'heap and buffers of an interface, IPv4', ...octets, ours: left('interface-4') },
  { name: 'heap and buffers of an interface, IPv6', ...octets, ours: left('interface-6') },
  { name: 'heap and buffers of an interface, IPv6 by routers', ...octets, ours: left('interface-auto') },
  {
    name: 'to import jackfield in a fresh process',
    ...milliseconds,
    floor: { absolute: 40 },
    ours: importing('jackfield'),
    theirs: { 'node:net': importing('node:net'), 'an empty module': importing('empty') },
  },
  page(
    'Stack, Socket, Cable, WebSocketDevice',
    'Stack',
    'Socket',
    'Cable',
    'WebSocketDevice',
    'AF_INET',
    'SOCK_STREAM',
  ),
  page('LeanStack and Socket', 'LeanStack', 'Socket', 'AF_INET', 'SOCK_STREAM'),
  ...[10, 1000, 100_000, 1_000_000].flatMap((others) => [
    amid('a stream', 'stream', 'Gbit/s', others),
    amid('round trips', 'trip', '/s', others),
  ]),
  {
    name: 'a million connections, both ends in one process, at most',
    unit: 'GiB',
    better: 'less',
    floor: { absolute: 4 },
    aim: { absolute: 2.5 },
    rounds: 1,
    warm: false,
    missing: crowded(),
    ours: { program: 'scale/million.mjs', args: ['--lane'], ...CROWD },
  },
]
