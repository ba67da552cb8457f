import type { AttackClass } from './guard.ts'

const bounds = 'src/services/names/message-bounds.ts'
const query = 'src/services/names/query.ts'
const zones = 'test/services/names-zone-server.test.ts'
const forged = 'test/services/names-resolver.test.ts: is passed over and counted, and the right one heard'

/** DNS, from outside. */
export const names: readonly AttackClass[] = [
  {
    title: 'DNS: answers that nobody asked for, or that can be foretold (RFC 5452)',
    guards: [
      {
        id: 'dns-id',
        against: 'an id that can be foretold',
        file: query,
        where: 'Query',
        without: ['this.id = random.int32() & 0xffff', 'this.id = 7'],
        test: 'test/services/names-resolver.test.ts: has an id and a source port that the last one had not',
      },
      {
        id: 'dns-other-id',
        against: 'another id',
        file: query,
        where: 'Query.isAnsweredBy',
        without: [' || message.id !== this.id', ''],
        test: forged,
      },
      {
        id: 'dns-no-answer',
        against: 'a query, in place of an answer',
        file: query,
        where: 'Query.isAnsweredBy',
        without: ['if (!message.response || ', 'if ('],
        test: forged,
      },
      {
        id: 'dns-no-question',
        against: 'an answer without the question',
        file: query,
        where: 'Query.isAnsweredBy',
        without: [
          'if (question === null) return message.rcode === FORMERR || message.rcode === NOTIMP',
          'if (question === null) return true',
        ],
        test: forged,
      },
      {
        id: 'dns-other-type',
        against: 'another type or class',
        file: query,
        where: 'Query.isAnsweredBy',
        without: [
          'if (question.type !== this.question.type || question.class !== this.question.class) return false',
          '',
        ],
        test: forged,
      },
      {
        id: 'dns-other-name',
        against: 'another name',
        file: query,
        where: 'Query.isAnsweredBy',
        without: [
          'return this.#mixedCase ? question.name === this.question.name : sameName(question.name, this.question.name)',
          'return true',
        ],
        test: forged,
      },
      {
        id: 'dns-case',
        against: 'other letters, where they were mixed (0x20)',
        file: query,
        where: 'Query.isAnsweredBy',
        without: ['this.#mixedCase ? question.name === this.question.name : ', ''],
        test: 'test/services/names-resolver.test.ts: with the case of letters changed is the same name, unless case is mixed',
      },
      {
        id: 'dns-port',
        against: 'another port of the server, or another host',
        file: 'src/services/names/exchange.ts',
        where: 'Exchange.#byDatagram',
        without: [
          'await socket.connect(server)\n      await socket.send(query.bytes, 0, { signal, timeout })',
          'await socket.sendto(query.bytes, server, 0, { timeout })',
        ],
        test: 'test/services/names-resolver.test.ts: from another port of the server is not heard',
      },
    ],
  },
  {
    title: 'services that one forged datagram makes answer each other for ever (CVE-1999-0103)',
    guards: [
      {
        id: 'service-loop',
        against: 'a datagram from the port of echo, daytime or chargen',
        file: 'src/services/datagram-server.ts',
        where: 'DatagramServer.run',
        without: [' || answersAnything(from.port)', ''],
        test: 'test/services/services.test.ts: is not answered: two services would talk for ever',
      },
      {
        id: 'dns-loop',
        against: 'an answer at a server of names',
        file: 'src/services/names/name-server.ts',
        where: 'NameServer.answer',
        without: [' || ((bytes[2] as number) & 0x80) !== 0', ''],
        test: 'test/services/names-forwarder.test.ts: nothing that is no query',
      },
    ],
  },
  {
    title: 'DNS messages: pointers in circles, lengths, counts, labels that read as others (NAME:WRECK, RFC 9267)',
    guards: [
      {
        id: 'dns-pointers',
        against: 'a name through very many pointers',
        file: bounds,
        where: 'skipName',
        without: ['if (++pointers > MOST_POINTERS) throw', 'if (bytes === null) throw'],
        test: 'test/services/names-message.test.ts: a name that leads through more than 32 pointers',
      },
      {
        id: 'dns-circle',
        against: 'pointers in a circle, or forwards',
        file: bounds,
        where: 'skipName',
        without: ['limit = here\n', 'limit = end\n'],
        and: [
          [
            bounds,
            "if (++pointers > MOST_POINTERS) throw new MessageError('a name leads through too many pointers')",
            'if (++pointers > 64) return after',
          ],
        ],
        test: 'test/services/names-message.test.ts: refused with a MessageError is',
      },
      {
        id: 'dns-name-length',
        against: 'a name of more than 255 octets',
        file: bounds,
        where: 'skipName',
        without: ["if (length > LONGEST_NAME) throw new MessageError('a name is longer than 255 octets')", ''],
        test: 'test/services/names-message.test.ts: refused with a MessageError is',
      },
      {
        id: 'dns-label',
        against: 'a label of an unknown kind',
        file: bounds,
        where: 'skipName',
        without: ["if (octet > 63) throw new MessageError('a name has a label of an unknown kind')", ''],
        test: 'test/services/names-message.test.ts: refused with a MessageError is',
      },
      {
        id: 'dns-counts',
        against: 'counts of very many records',
        file: bounds,
        where: 'findBounds',
        without: ['if (counts[0] + counts[1] + counts[2] > limits.records) {', 'if (counts[0] < 0) {'],
        test: 'test/services/names-message.test.ts: more than 1024 records that are there',
      },
      {
        id: 'dns-data',
        against: 'record data that leads out of the message',
        file: bounds,
        where: 'findRecord',
        without: ['if (end > bytes.length) throw new MessageError("a record\'s data is cut off")', ''],
        test: 'test/services/names-message.test.ts: data of an unknown type that leads out of the message',
      },
      {
        id: 'dns-data-length',
        against: 'record data of another length than its type has',
        file: bounds,
        where: 'checkData',
        without: ['if (at !== end) throw', 'if (at === -1) throw'],
        test: 'test/services/names-message.test.ts: refused with a MessageError is',
      },
      {
        id: 'dns-dot',
        against: 'a label with a dot, which reads as two',
        file: bounds,
        where: 'skipName',
        without: ["if (bytes[i] === 0x2e) throw new MessageError('a label has a dot in it')", ''],
        test: 'test/services/names-message.test.ts: refused with a MessageError is',
      },
      {
        id: 'dns-utf8',
        against: 'a dot that is written longer than it need be',
        file: bounds,
        where: 'skipName',
        without: [
          "if (!ascii && !isText(bytes.subarray(here + 1, next))) throw new MessageError('a label is no text')",
          '',
        ],
        test: 'test/services/names-message.test.ts: refused with a MessageError is',
      },
    ],
  },
  {
    title: 'a peer that says or takes an octet at a time, to hold a connection (slow loris, CVE-2007-6750)',
    guards: [
      {
        id: 'dns-slow-question',
        against: 'a question that never ends',
        file: 'src/services/names/name-server.ts',
        where: 'NameServer.stream',
        without: ['readFramed(socket, { timeout: IDLE_TIME })', 'readFramed(socket)'],
        test: `${zones}: that says its question octet by octet has ten seconds for the length`,
      },
      {
        id: 'dns-unread-answer',
        against: 'answers that nobody reads',
        file: 'src/services/names/name-server.ts',
        where: 'sendWhole',
        without: ['socket.send(bytes, 0, { timeout: IDLE_TIME })', 'socket.send(bytes)'],
        test: `${zones}: that reads nothing of what it asks for is let go of`,
      },
      {
        id: 'dns-slow-answer',
        against: 'an answer that never ends',
        file: 'src/services/names/stream-channel.ts',
        where: 'StreamChannel.ask',
        without: ['alarm.set(clock.now() + timeout)', 'alarm.set(clock.now() + 9 * timeout)'],
        test: 'test/services/names-resolver.test.ts: octet by octet comes no answer',
      },
    ],
  },
]
