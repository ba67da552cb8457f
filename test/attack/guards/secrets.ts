import type { AttackClass } from './guard.ts'

const test = 'test/attack/secrets.test.ts'

/** Numbers that must not be foretold, and tables whose places must not be chosen. */
export const secrets: readonly AttackClass[] = [
  {
    title: 'numbers that can be foretold: ISN, timestamps, ports, IP identifiers (NUMBER:JACK; RFC 6528, 6056, 7739)',
    guards: [
      {
        id: 'isn',
        against: 'initial sequence numbers',
        file: 'src/tcp/isn.ts',
        where: 'SequenceGenerator.initial',
        without: ['(this.#hash.ends(local, remote, (localPort << 16) | remotePort) +', '('],
        test: `${test}: initial sequence numbers of different ends do not tell of each other`,
      },
      {
        id: 'timestamp',
        against: 'timestamps',
        file: 'src/tcp/isn.ts',
        where: 'SequenceGenerator.timestampOffset',
        without: ['return this.#hash.high', 'return 0'],
        test: `${test}: timestamps of different ends begin elsewhere`,
      },
      {
        id: 'port',
        against: 'ports that connect chooses',
        file: 'src/stack/endpoint/port-table.ts',
        where: 'PortTable.ephemeral',
        without: ['const offset = this.#hash.ends(local, remote, remotePort) >>> 0', 'const offset = 0'],
        and: [
          ['src/stack/endpoint/port-table.ts', 'const group = this.#hash.high & (COUNTERS - 1)', 'const group = 0'],
        ],
        test: `${test}: ephemeral ports to one place do not tell of those to another`,
      },
      {
        id: 'port-of-bind',
        against: 'ports that bind chooses, of datagrams above all',
        file: 'src/stack/endpoint/port-table.ts',
        where: 'PortTable.#free',
        without: ['const start = randomBelow(this.#random, count)', 'const start = this.#size'],
        test: `${test}: ports of sockets that are bound to none follow no order`,
      },
      {
        id: 'ipv4-identification',
        against: 'identifications of IPv4',
        file: 'src/stack/ip4/ipv4-identification.ts',
        where: 'Ipv4Identification.next',
        without: ['this.#hash.words(this.#words, 3) & (COUNTERS - 1)', '0'],
        test: `${test}: who counts his own fragment identifiers does not see whether others get some`,
      },
      {
        id: 'ipv4-identification-atomic',
        against: 'the same of what is not to be fragmented (idle scan)',
        file: 'src/stack/ip4/ipv4-identification.ts',
        where: 'Ipv4Identification.atomic',
        without: ['(hash >>> 16) & (COUNTERS - 1)', '0'],
        test: `${test}: who counts his own fragment identifiers does not see whether others get some`,
      },
      {
        id: 'ipv6-identification',
        against: 'identifications of IPv6',
        file: 'src/stack/ip6/ipv6-identification.ts',
        where: 'Ipv6Identification.next',
        without: ['this.#groups.words(words, 8) & (COUNTERS - 1)', '0'],
        test: `${test}: who counts his own fragment identifiers does not see whether others get some`,
      },
      {
        id: 'collisions',
        against: 'places in the tables of connections and neighbours: addresses that share a bucket',
        file: 'src/base/address-hash.ts',
        where: 'AddressHash.of',
        without: ['return mix(sum)', 'return mix(Math.imul(d ^ (m[0] as number), 0x85ebca6b) ^ c ^ word)'],
        test: 'test/attack/collisions.test.ts: lie apart, whatever the key',
      },
      {
        id: 'math-random',
        against: '`Math.random` for any of them',
        file: 'src/base/random.ts',
        where: 'randomBelow',
        without: [
          'export function randomBelow',
          'export const chance = () => Math.random()\nexport function randomBelow',
        ],
        test: `${test}: nothing in the library takes Math.random`,
      },
    ],
  },
]
