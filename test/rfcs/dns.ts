import type { RfcRows } from './row.ts'

const RESOLVER = 'test/services/names-resolver.test.ts'
const MESSAGE = 'test/services/names-message.test.ts'
const BOUNDS = 'src/services/names/message-bounds.ts'

/** Names: the resolver's side. */
export const dns: RfcRows = {
  title: 'DNS: RFC 1035, 1034, 1123, 2181, 5452, 6891, 7766',
  rows: [
    {
      id: 'DNS-1',
      section: 'RFC 1035 2.3.4',
      level: 'MUST',
      says: 'a label has 63 octets at most, a name 255, a datagram 512 where nothing else was agreed on',
      code: [BOUNDS, 'src/services/names/domain-name.ts'],
      tests: [`${MESSAGE}: a name `],
      without: ['length > LONGEST_NAME', 'length > 100_000'],
    },
    {
      id: 'DNS-2',
      section: 'RFC 1035 4.1.4',
      level: 'MUST',
      says: 'pointers lead to the front only, and no reader goes round in circles',
      code: [BOUNDS],
      tests: [
        `${MESSAGE}: a name that leads through more than 32 pointers`,
        `${MESSAGE}: is gone through in a number of steps that its length bounds`,
      ],
      without: ['++pointers > MOST_POINTERS', '++pointers > 1e9'],
    },
    {
      id: 'DNS-3',
      section: 'RFC 1035 4.1.1',
      level: 'MUST',
      says: 'the header: identifier, kinds, flags and codes',
      code: ['src/services/names/message.ts'],
      tests: [`${MESSAGE}: is what was written`],
      without: ['(message.truncated ? codec.TRUNCATED_RESPONSE : 0) |', ''],
    },
    {
      id: 'DNS-4',
      section: 'RFC 1035 4.2.2',
      level: 'MUST',
      says: 'on a stream the length comes before the message',
      code: ['src/services/names/stream-channel.ts'],
      tests: [`${RESOLVER}: comes what was cut in a datagram (RFC 7766 5), the length before it (RFC 1035 4.2.2)`],
      without: ['write16(frame, 0, bytes.length)', ''],
    },
    {
      id: 'DNS-5',
      section: 'RFC 1035 7.3, RFC 5452 9.1',
      level: 'MUST',
      says: 'an answer comes from whom was asked, to where it was asked from, with the same identifier and question',
      code: ['src/services/names/query.ts', 'src/services/names/exchange.ts'],
      tests: [`${RESOLVER}: is passed over and counted, and the right one heard (RFC 5452 9.1)`],
      without: ['message.id !== this.id || ', ''],
    },
    {
      id: 'DNS-6',
      section: 'RFC 5452 9.2',
      level: 'MUST',
      says: 'each question goes from a port and with an identifier that nobody can guess',
      code: ['src/services/names/query.ts', 'src/services/names/exchange.ts'],
      tests: [`${RESOLVER}: has an id and a source port that the last one had not (RFC 5452 9.2)`],
      without: ['    this.id = random.int32() & 0xffff\n', '    this.id = 7\n'],
    },
    {
      id: 'DNS-7',
      section: 'RFC 1035 4.2.1, 7.1, 7.2',
      level: 'MUST',
      says: 'other servers are asked where one does not answer, each for seconds; what one question costs is bounded',
      code: ['src/services/names/resolver.ts'],
      tests: [
        `${RESOLVER}: are asked one after the other, each for the time-out, as often as attempts says (resolv.conf(5))`,
      ],
      without: ['attempt < this.attempts; attempt++', 'attempt < 1; attempt++'],
    },
    {
      id: 'DNS-8',
      section: 'RFC 1123 6.1.3.2, RFC 7766 5',
      level: 'MUST',
      says: 'by datagram first, and by stream what was cut',
      code: ['src/services/names/exchange.ts'],
      tests: [`${RESOLVER}: comes what was cut in a datagram (RFC 7766 5), the length before it (RFC 1035 4.2.2)`],
      without: [
        'return cut ? null : { message, bytes: room.slice(0, length) }',
        'return { message, bytes: room.slice(0, length) }',
      ],
    },
    {
      id: 'DNS-9',
      section: 'RFC 2181 5.2, 8',
      level: 'MUST',
      says: 'a time to live has 31 bits: with the highest set it is 0',
      code: [BOUNDS],
      tests: [`${MESSAGE}: with a TTL of 32 bits has one of 0 (RFC 2181 8)`],
      without: ['ttl: ttl < 0 && type !== TYPE_OPT ? 0 : ttl', 'ttl'],
    },
    {
      id: 'DNS-10',
      section: 'RFC 6891 6.1.1',
      level: 'MUST',
      says: 'there is one OPT record at most, and a size below 512 counts as 512',
      code: ['src/services/names/message.ts'],
      tests: [
        `${MESSAGE}: an OPT record with a name, two of them, and an option that leads out of it (RFC 6891 6.1.1)`,
      ],
      without: ["if (edns !== null) throw new MessageError('a message has one OPT record, and this has two')", ''],
    },
    {
      id: 'DNS-11',
      section: 'RFC 1034 3.6.2',
      level: 'MUST',
      says: 'aliases are followed inside an answer, and not in circles',
      code: ['src/services/names/query-result.ts', 'src/services/names/resolver.ts'],
      tests: [
        `${RESOLVER}: that lead in a circle over several messages are refused with the one that closes it`,
        `${RESOLVER}: that lead `,
      ],
      without: [' || chain.some((earlier) => sameName(earlier.name, next))', ''],
    },
    {
      id: 'DNS-12',
      section: 'RFC 1034 3.6.2',
      level: 'SHOULD',
      says: 'no answer, however long its aliases are, is followed without end',
      code: ['src/services/names/query-result.ts'],
      tests: [`${RESOLVER}: of which a message has more than 16 in a row are refused`],
      without: ['chain.length > LONGEST_CHAIN || ', ''],
    },
  ],
}
