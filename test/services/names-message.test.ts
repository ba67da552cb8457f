import { describe, expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { randomBelow, SeededRandom } from '../../src/base/random.ts'
import {
  decodeMessage,
  encodeMessage,
  type Message,
  MessageError,
  NXDOMAIN,
  type ResourceRecord,
} from '../../src/services/names/message.ts'
import { findBounds } from '../../src/services/names/message-bounds.ts'
import { responseName, typeName, typeNumber } from '../../src/services/names/record-type.ts'

function hex(text: string): Uint8Array {
  const octets = text.replace(/#.*/g, '').match(/[0-9a-f]{2}/g) ?? []
  return Uint8Array.from(octets, (octet) => Number.parseInt(octet, 16))
}

const utf8 = (text: string) => new TextEncoder().encode(text)

/** An answer with a pointer (RFC 1035 4.1.4), as servers send it. */
const ANSWER = hex(`
  12 34                        # id
  81 80                        # response, recursion desired and available
  00 01 00 02 00 00 00 01      # one question, two answers, one additional
  03 77 77 77 07 65 78 61 6d 70 6c 65 00   # www.example
  00 01 00 01                  # A, IN
  c0 0c 00 05 00 01            # www.example: CNAME, IN
  00 00 01 2c 00 04            # 300 seconds, 4 octets
  01 68 c0 10                  # h.example
  c0 29 00 01 00 01            # h.example: A, IN
  00 00 00 3c 00 04            # 60 seconds, 4 octets
  c0 00 02 50                  # 192.0.2.80
  00 00 29 04 d0               # OPT, 1232 octets
  00 00 80 00 00 00            # version 0, DO, no options
`)

const record = (name: string, rest: Partial<ResourceRecord>) =>
  ({ name, class: 1, ttl: 60, ...rest }) as unknown as ResourceRecord

const EVERYTHING: Message = {
  id: 0xbeef,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: true,
  rcode: NXDOMAIN,
  question: { name: 'www.Example', type: 'AAAA', class: 1 },
  answers: [
    record('a.example', { kind: 'address', type: 'A', data: IpAddress.parse('192.0.2.1') as IpAddress }),
    record('a.example', { kind: 'address', type: 'AAAA', data: IpAddress.parse('2001:db8::1') as IpAddress }),
    record('a.example', { kind: 'name', type: 'CNAME', data: 'b.example' }),
    record('1.2.0.192.in-addr.arpa', { kind: 'name', type: 'PTR', data: 'a.example' }),
    record('d.example', { kind: 'name', type: 'DNAME', data: 'e.example' }),
    record('example', { kind: 'mx', type: 'MX', data: { preference: 10, exchange: 'mail.example' } }),
    record('_sip._udp.example', {
      kind: 'srv',
      type: 'SRV',
      data: { priority: 1, weight: 2, port: 5060, target: 'sip.example' },
    }),
    record('t.example', { kind: 'text', type: 'TXT', data: [utf8('one'), new Uint8Array(0), utf8('thrée')] }),
    record('x.example', { kind: 'other', type: 'TYPE65280', data: hex('00 01 02 c0 00') }),
    record('x.example', { kind: 'other', type: 'DNSKEY', data: hex('01 01 07 08') }),
  ],
  authorities: [
    record('example', {
      kind: 'soa',
      type: 'SOA',
      data: {
        mname: 'ns.example',
        rname: 'root.example',
        serial: 0xfffffffe,
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: 4,
      },
    }),
    record('.', { kind: 'name', type: 'NS', data: '.' }),
  ],
  additionals: [],
  edns: { udpPayloadSize: 1232, version: 0, dnssecOk: true },
}

describe('a message', () => {
  test('is read with its pointers followed', () => {
    expect(decodeMessage(ANSWER)).toMatchObject({
      id: 0x1234,
      response: true,
      opcode: 0,
      recursionDesired: true,
      recursionAvailable: true,
      authoritative: false,
      rcode: 0,
      question: { name: 'www.example', type: 'A', class: 1 },
      answers: [
        { kind: 'name', name: 'www.example', type: 'CNAME', ttl: 300, data: 'h.example' },
        { kind: 'address', name: 'h.example', type: 'A', ttl: 60 },
      ],
      additionals: [],
      edns: { udpPayloadSize: 1232, version: 0, dnssecOk: true },
    })
    expect(String(decodeMessage(ANSWER).answers[1]?.data)).toBe('192.0.2.80')
  })

  test('is what was written', () => {
    expect(decodeMessage(encodeMessage(EVERYTHING))).toEqual(EVERYTHING)
    const other = { ...EVERYTHING, rcode: 23, opcode: 5, truncated: true, authenticData: true, checkingDisabled: false }
    expect(decodeMessage(encodeMessage(other))).toEqual(other)
  })

  test('keeps the class of its question', () => {
    const question = { name: 'version.bind', type: 'TXT', class: 3 }
    expect(decodeMessage(encodeMessage({ id: 1, question })).question).toEqual(question)
  })

  test('with a TTL of 32 bits has one of 0 (RFC 2181 8)', () => {
    const bytes = ANSWER.slice()
    bytes[35] = 0x80
    expect(decodeMessage(bytes).answers[0]?.ttl).toBe(0)
  })

  test.each(['a..b', `${'a'.repeat(64)}.b`, `${'abcdefg.'.repeat(31)}abcdefgh`, '', 'co\r.www.a', 'co\n.b'])(
    'cannot be about %j: RangeError',
    (name) => {
      expect(() => encodeMessage({ id: 1, question: { name, type: 'A', class: 1 } })).toThrow(RangeError)
      const answers = [record('a', { kind: 'name', type: 'PTR', data: name })]
      expect(() => encodeMessage({ id: 1, answers })).toThrow(RangeError)
    },
  )

  test('of more than 65,535 octets cannot be written', () => {
    const answers = [1, 2].map(() => record('a', { kind: 'other', type: 'NULL', data: new Uint8Array(40_000) }))
    expect(() => encodeMessage({ id: 1, answers })).toThrow(RangeError)
  })
})

/** A message with one question whose name is these octets, at offset 12. */
const withName = (name: string, rest = '') => hex(`00 00 00 00 00 01 00 00 00 00 00 00 ${name} ${rest} 00 01 00 01`)
/** A message with one answer, of the root, with this type and data. */
const withData = (type: string, data: string) => {
  const octets = hex(data)
  const length = octets.length.toString(16).padStart(4, '0')
  return hex(`00 00 80 00 00 00 00 01 00 00 00 00 00 ${type} 00 01 00 00 00 00 ${length} ${data}`)
}

describe('refused with a MessageError is', () => {
  test.each([
    ['nothing', ''],
    ['less than a header', '00 00 00 00 00 00 00 00 00 00 00'],
    ['a count of questions that are not there', '00 00 00 00 00 01 00 00 00 00 00 00'],
    ['a count of records that are not there', '00 00 00 00 00 00 00 01 00 00 00 00'],
    ['more than 1024 records', '00 00 00 00 00 00 01 56 01 56 01 56'],
    ['two questions (RFC 9619)', '00 00 00 00 00 02 00 00 00 00 00 00 00 00 01 00 01 00 00 01 00 01'],
  ])('%s', (_, text) => {
    expect(() => decodeMessage(hex(text))).toThrow(MessageError)
  })

  test('more than 65,535 octets', () => {
    expect(() => decodeMessage(new Uint8Array(65_536))).toThrow(MessageError)
  })

  test.each([
    ['that is cut off', '03 61 61'],
    ['whose length leads out of the message', '3f 61 61 61'],
    ['that points to itself', 'c0 0c'],
    ['that points to its own beginning', '01 61 c0 0c'],
    // A name indeed, behind the question.
    ['that points forwards', 'c0 12 00 01 00 01 00'],
    ['that points into the header', 'c0 04'],
    ['with half a pointer', '01 61 c0'],
    ['with a label of kind 01 (RFC 6891 5)', `41 ${'61 '.repeat(65)} 00`],
    ['with a label of kind 10', `81 ${'61 '.repeat(129)} 00`],
    ['with a dot in a label', '03 61 2e 62 00'],
    ['with a dot in a label, written as two octets', '04 61 c0 ae 62 00'],
    ['with a letter that is written as two octets', '02 c1 a1 00'],
    ['with a label that is no UTF-8', '01 e9 00'],
    ['of more than 255 octets', `${`3f ${'61 '.repeat(63)}`.repeat(4)} 00`],
  ])('a name %s', (_, name) => {
    expect(() => findBounds(withName(name))).toThrow(MessageError)
    expect(() => decodeMessage(withName(name))).toThrow(MessageError)
  })

  test('data of an unknown type that leads out of the message', () => {
    const record = (length: string) =>
      hex(`00 00 84 00 00 00 00 01 00 00 00 00  00 00 ff 00 01 00 00 00 00 00 ${length} 61`)
    expect(decodeMessage(record('01')).answers).toHaveLength(1)
    expect(() => decodeMessage(record('02'))).toThrow(MessageError)
  })

  test('more than 1024 records that are there', () => {
    const message = (count: number) => {
      const bytes = new Uint8Array(12 + 11 * count)
      bytes.set([0x84, 0], 2)
      bytes.set([count >>> 8, count & 255], 6)
      for (let i = 0; i < count; i++) bytes.set(hex('00 ff 00 00 01 00 00 00 00 00 00'), 12 + 11 * i)
      return bytes
    }
    expect(decodeMessage(message(1024)).answers).toHaveLength(1024)
    expect(() => decodeMessage(message(1025))).toThrow(MessageError)
  })

  test('a name that leads through more than 32 pointers', () => {
    // Forty pointers, each to the one before it, in the data of a record; the next record's name begins at the last.
    const chain = Array.from({ length: 40 }, (_, i) => (i === 0 ? '00 00' : `c0 ${(0x15 + 2 * i).toString(16)}`)).join(
      ' ',
    )
    const record = (name: string) => `${name} 00 01 00 01 00 00 00 00 00 04 c0 00 02 01`
    const message = (at: number) =>
      hex(`00 00 80 00 00 00 00 02 00 00 00 00
           00 ff 00 00 01 00 00 00 00 00 50 ${chain}
           ${record(`c0 ${(0x17 + 2 * at).toString(16)}`)}`)
    expect(decodeMessage(message(20)).answers[1]?.name).toBe('.')
    expect(() => decodeMessage(message(38))).toThrow(MessageError)
  })

  test.each([
    ['A of 3 octets', '00 01', 'c0 00 02'],
    ['A of 5 octets', '00 01', 'c0 00 02 01 00'],
    ['AAAA of 4 octets', '00 1c', 'c0 00 02 01'],
    ['CNAME without a name', '00 05', ''],
    ['CNAME that goes on after its name', '00 05', '01 61 00 00'],
    ['CNAME that leads out of its data', '00 05', '03 61 61'],
    ['MX without a name', '00 0f', '00 0a'],
    ['SRV without a name', '00 21', '00 00 00 00 00 00'],
    ['SOA without numbers', '00 06', '00 00'],
    ['TXT without a string', '00 10', ''],
    ['TXT whose string is longer than it', '00 10', '05 61'],
  ])('%s', (_, type, data) => {
    expect(() => decodeMessage(withData(type, data))).toThrow(MessageError)
  })

  test('an OPT record with a payload below 512 octets stands for 512 (RFC 6891 6.2.3)', () => {
    const decoded = decodeMessage(hex('00 00 80 00 00 00 00 00 00 00 00 01 00 00 29 01 ff 00 00 00 00 00 00'))
    expect(decoded.edns?.udpPayloadSize).toBe(512)
    expect(
      decodeMessage(encodeMessage({ id: 1, edns: { udpPayloadSize: 0, version: 0, dnssecOk: false } })).edns,
    ).toEqual({
      udpPayloadSize: 512,
      version: 0,
      dnssecOk: false,
    })
  })

  test('an OPT record with a name, two of them, and an option that leads out of it (RFC 6891 6.1.1)', () => {
    const opt = '00 00 29 04 d0 00 00 00 00 00 00'
    const head = (count: number) => `00 00 80 00 00 00 00 00 00 00 00 0${count}`
    expect(decodeMessage(hex(`${head(1)} ${opt}`)).edns?.udpPayloadSize).toBe(1232)
    expect(() => decodeMessage(hex(`${head(2)} ${opt} ${opt}`))).toThrow(MessageError)
    expect(() => decodeMessage(hex(`${head(1)} 01 61 ${opt}`))).toThrow(MessageError)
    expect(() => decodeMessage(hex(`${head(1)} ${opt.slice(0, -6)} 00 06 00 03 00 04 00 00`))).toThrow(MessageError)
  })
})

describe('whatever comes', () => {
  const samples = [ANSWER, encodeMessage(EVERYTHING)]

  /** Throws where reading does anything but give a message or a MessageError. */
  function survives(bytes: Uint8Array): void {
    try {
      decodeMessage(bytes)
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
    }
  }

  test('cut off anywhere is refused', () => {
    for (const sample of samples) {
      for (let length = 0; length < sample.length; length++) {
        expect(() => decodeMessage(sample.subarray(0, length)), `${length}`).toThrow(MessageError)
      }
    }
  })

  test('every octet with every value in the one, every bit turned in the other', () => {
    const [answer, everything] = samples as [Uint8Array, Uint8Array]
    for (let at = 0; at < answer.length; at++) {
      const bytes = answer.slice()
      for (let value = 0; value < 256; value++) {
        bytes[at] = value
        survives(bytes)
      }
    }
    for (let bit = 0; bit < 8 * everything.length; bit++) {
      const bytes = everything.slice()
      bytes[bit >>> 3] = (bytes[bit >>> 3] as number) ^ (1 << (bit & 7))
      survives(bytes)
    }
  })

  test('10,000 messages with a few octets changed at random, 10,000 of noise', () => {
    const random = new SeededRandom(53)
    for (const sample of samples) {
      for (let i = 0; i < 5000; i++) {
        const bytes = sample.slice(0, randomBelow(random, 4) === 0 ? randomBelow(random, sample.length) : sample.length)
        for (let flips = 1 + randomBelow(random, 6); flips > 0; flips--) {
          bytes[randomBelow(random, bytes.length)] = randomBelow(random, 256)
        }
        survives(bytes)
      }
    }
    for (let i = 0; i < 10_000; i++) {
      const bytes = new Uint8Array(randomBelow(random, 80)).map(() => randomBelow(random, 256))
      // Few counts, so that it does not end at the first.
      bytes.fill(0, 4, 12)
      if (bytes.length > 12) bytes[5 + 2 * randomBelow(random, 4)] = 1
      survives(bytes)
    }
  })

  test('is gone through in a number of steps that its length bounds: names of 1024 records, each through 32 pointers', () => {
    // 1024 records in 64 KiB, all of whose names lead through the longest chain there may be: counted by what is read.
    const bytes = new Uint8Array(65_535)
    bytes.set(hex('00 00 80 00 00 00 04 00 00 00 00 00'))
    // The first record's data: a chain of pointers.
    bytes.set(hex('00 00 ff 00 01 00 00 00 00 00 42'), 12)
    for (let i = 1; i < 33; i++) bytes.set([0xc0, 23 + 2 * (i - 1)], 23 + 2 * i)
    let at = 23 + 66
    for (let i = 1; i < 1024; i++, at += 12)
      bytes.set(hex(`c0 ${(23 + 2 * 31).toString(16)} 00 ff 00 01 00 00 00 00 00 00`), at)
    let reads = 0
    const counted = new Proxy(bytes, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads++
        return Reflect.get(target, key)
      },
    })
    expect(findBounds(counted).answers).toHaveLength(1024)
    expect(reads).toBeGreaterThan(1024 * 32)
    expect(reads).toBeLessThan(1024 * (32 * 4 + 20))
  })
})

describe('types and codes', () => {
  test('have names, and numbers where they have none (RFC 3597 5)', () => {
    expect(['A', 'aaaa', 'https', 'TYPE1', 'TYPE65280'].map(typeNumber)).toEqual([1, 28, 65, 1, 65280])
    expect([1, 28, 65, 257, 65280].map(typeName)).toEqual(['A', 'AAAA', 'HTTPS', 'CAA', 'TYPE65280'])
    expect(() => typeNumber('NONSENSE')).toThrow(RangeError)
    expect(() => typeNumber('TYPE65536')).toThrow(RangeError)
    expect([0, 3, 5, 9, 16, 12].map(responseName)).toEqual([
      'NOERROR',
      'NXDOMAIN',
      'REFUSED',
      'NOTAUTH',
      'BADVERS',
      'RESERVED12',
    ])
  })
})
