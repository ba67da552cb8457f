// Frames and bytes: what it takes to read, write and sum one. Beside it a reference, the same work by DataView and fresh objects: it says
// what the machine makes of plain JavaScript, and is no product.

export const name = 'wire'

const REFERENCE = 'DataView reference'

export const peers = () => ({ [REFERENCE]: { version: process.version } })

const lane = (who, ...args) => ({ program: 'wire/lane.mjs', args: [who, ...args.map(String)] })
const both = (...args) => ({ ours: lane('ours', ...args), theirs: { [REFERENCE]: lane('reference', ...args) } })
const nanoseconds = { unit: 'ns', better: 'less', pins: ['0'] }
const gigabits = { unit: 'Gbit/s', better: 'more', pins: ['0'] }

export const figures = () => [
  ...[4, 6].flatMap((version) => [
    { name: `read Ethernet, IPv${version}, TCP`, ...nanoseconds, ...both('parse', version, 128) },
    { name: `write Ethernet, IPv${version}, TCP`, ...nanoseconds, ...both('build', version, 128) },
  ]),
  ...[
    ['64 octets', 64, 4],
    ['1500 octets', 1500, 4],
    ['64 KiB', 65535, 4],
    ['1500 octets, IPv6', 1500, 6],
  ].flatMap(([text, size, version]) => [
    { name: `read and verify, ${text}`, ...nanoseconds, ...both('receive', version, size) },
    { name: `checksum, ${text}`, ...gigabits, ...both('sum', version, size, 'gigabits') },
  ]),
]
