import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeLayers } from '../../src/wire/describe.ts'
import {
  BOOTREPLY,
  BOOTREQUEST,
  DHCPACK,
  DHCPDISCOVER,
  DHCPOFFER,
  DhcpMessage,
  readDhcp,
  writeDhcp,
} from '../../src/wire/dhcp.ts'
import {
  addressesOf,
  addressOctets,
  domainOf,
  maskLengthOf,
  routesOctets,
  routesOf,
  searchListOctets,
  searchListOf,
  textOctets,
  textOf,
  uint16Of,
  uint32Of,
} from '../../src/wire/dhcp-values.ts'
import { hex, octets } from '../device/recorder.ts'
import { readCorpus } from './corpus.ts'

const HEAD = '01 01 06 00  11 22 33 44  00 05 80 00'
const ADDRESSES = '0a 00 00 01  0a 00 00 02  0a 00 00 03  0a 00 00 04'
const CHADDR = `02 00 00 00 00 01 ${'00 '.repeat(10)}`
const COOKIE = '63 82 53 63'

/** A message with these octets for options, file and sname. */
function message(options: string, { head = HEAD, sname = '', file = '', cookie = COOKIE } = {}): Uint8Array {
  const field = (text: string, length: number) => {
    const bytes = new Uint8Array(length)
    bytes.set(octets(text))
    return bytes
  }
  return Uint8Array.of(
    ...octets(`${head} ${ADDRESSES} ${CHADDR}`),
    ...field(sname, 64),
    ...field(file, 128),
    ...octets(`${cookie} ${options}`),
  )
}

function read(bytes: Uint8Array) {
  return readDhcp(bytes, 0, bytes.length)
}

function optionsOf(bytes: Uint8Array): Record<number, string> | string {
  const found = read(bytes)
  if (typeof found === 'string') return found
  return Object.fromEntries([...found.options].map(([code, value]) => [code, hex(value)]))
}

describe('reading', () => {
  test('the fields of a message (RFC 2131 section 2)', () => {
    expect(read(message('35 01 01 32 04 0a 00 00 09 ff', { sname: '61 62', file: '63' }))).toEqual({
      op: BOOTREQUEST,
      type: DHCPDISCOVER,
      htype: 1,
      hops: 0,
      xid: 0x11223344,
      secs: 5,
      broadcast: true,
      ciaddr: 0x0a000001,
      yiaddr: 0x0a000002,
      siaddr: 0x0a000003,
      giaddr: 0x0a000004,
      chaddr: octets('02 00 00 00 00 01'),
      sname: 'ab',
      file: 'c',
      options: new Map([[50, octets('0a 00 00 09')]]),
    })
  })

  test.each([
    ['cut off in front of the options', () => message('').slice(0, 239), 'too short'],
    ['empty', () => new Uint8Array(0), 'too short'],
    ['op 0', () => message('ff', { head: HEAD.replace('01', '00') }), 'bad op'],
    ['op 3', () => message('ff', { head: HEAD.replace('01', '03') }), 'bad op'],
    ['hlen 17', () => message('ff', { head: HEAD.replace('06', '11') }), 'bad hlen'],
    ['another cookie', () => message('ff', { cookie: '63 82 53 64' }), 'no cookie'],
    ['an option without its length', () => message('35'), 'options overrun'],
    ['an option over the end', () => message('35 01 01 32 04 0a 00 00'), 'options overrun'],
    ['a message type of two octets', () => message('35 02 01 01 ff'), 'bad message type'],
    ['a message type of none', () => message('35 00 ff'), 'bad message type'],
    ['two message types (RFC 3396)', () => message('35 01 01 35 01 05 ff'), 'bad message type'],
    ['message type 0', () => message('35 01 00 ff'), 'bad message type'],
    [
      'options over the end of file',
      () => message('34 01 01 ff', { file: `${'00 '.repeat(126)} 0c 05` }),
      'options overrun',
    ],
    [
      'options over the end of sname',
      () => message('34 01 02 ff', { sname: `${'00 '.repeat(62)} 0c 05` }),
      'options overrun',
    ],
  ])('%s is no message', (_, bytes, fault) => {
    expect(read(bytes())).toBe(fault)
  })

  test('padding is passed over, and what is behind the end is not read', () => {
    expect(optionsOf(message('00 00 0c 01 61 00 ff 0c 09'))).toEqual({ 12: '61' })
  })

  test('options may end where the message does', () => {
    expect(optionsOf(message('0c 01 61'))).toEqual({ 12: '61' })
  })

  test('an option that appears again goes on (RFC 3396 section 7)', () => {
    expect(optionsOf(message('0c 01 61 0f 01 7a 0c 02 62 63 ff'))).toEqual({ 12: '61 62 63', 15: '7a' })
  })

  test('options go on in file, then in sname (RFC 2131 section 4.1, RFC 3396 section 5)', () => {
    const bytes = message('0c 01 61 34 01 03 ff', { sname: '0c 01 63 ff 0c', file: '0c 01 62 34 01 00 ff' })
    expect(optionsOf(bytes)).toEqual({ 12: '61 62 63' })
    expect(read(bytes)).toMatchObject({ sname: '', file: '' })
  })

  test('a message of BOOTP has no type', () => {
    expect(read(message('ff'))).toMatchObject({ type: 0 })
  })

  test('names that are not of printed signs are none', () => {
    expect(read(message('ff', { sname: '61 0a 62', file: '61 ff' }))).toMatchObject({ sname: '', file: '' })
  })
})

describe('writing', () => {
  test('a message that is read is the one that was written', () => {
    const value = fc.uint8Array({ maxLength: 300 })
    const address = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const uint16 = fc.integer({ min: 0, max: 65_535 })
    const options = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 254 }), value), { selector: ([code]) => code })
    const text = fc.stringMatching(/^[ -~]{0,60}$/)
    fc.assert(
      fc.property(
        fc.record({ xid: address, secs: uint16, ciaddr: address, yiaddr: address, siaddr: address, giaddr: address }),
        fc.record({ type: fc.integer({ min: 1, max: 255 }), broadcast: fc.boolean(), sname: text, file: text }),
        fc.uint8Array({ maxLength: 16 }),
        options,
        (numbers, others, chaddr, list) => {
          const written = Object.assign(new DhcpMessage(), numbers, others, { chaddr })
          written.options = new Map(
            list.filter(([code]) => code !== 52 && code !== 53) as [number, Uint8Array<ArrayBuffer>][],
          )
          expect(read(writeDhcp(written, 4096))).toEqual(written)
        },
      ),
    )
  })

  test('is never shorter than 300 octets (RFC 1542 section 2.1), and ends the options', () => {
    const bytes = writeDhcp(Object.assign(new DhcpMessage(), { type: DHCPDISCOVER }))
    expect(bytes.length).toBe(300)
    expect(hex(bytes.subarray(236, 245))).toBe('63 82 53 63 35 01 01 ff 00')
  })

  test('a value of more than 255 octets is cut (RFC 3396 section 6)', () => {
    const ack = Object.assign(new DhcpMessage(), { type: DHCPACK })
    ack.options.set(119, new Uint8Array(300).fill(7))
    const bytes = writeDhcp(ack)
    expect(hex(bytes.subarray(240, 246))).toBe('35 01 05 77 ff 07')
    expect(hex(bytes.subarray(500, 504))).toBe('77 2d 07 07')
  })

  test('what does not fit goes into file, then sname; what fits nowhere is left out, and no octet is too many', () => {
    const reply = Object.assign(new DhcpMessage(), { op: BOOTREPLY, type: DHCPOFFER })
    const sizes = [200, 80, 100, 40, 300, 8] as const
    sizes.forEach((size, i) => {
      reply.options.set(200 + i, new Uint8Array(size).fill(i))
    })
    const bytes = writeDhcp(reply, 548)
    expect(bytes.length).toBeLessThanOrEqual(548)
    const again = read(bytes) as DhcpMessage
    expect([...again.options].map(([code, { length }]) => [code, length])).toEqual([
      [200, 200],
      [201, 80],
      [202, 100],
      [203, 40],
      [205, 8],
    ])
  })

  test('a field that holds a text is not used for options', () => {
    const reply = Object.assign(new DhcpMessage(), { op: BOOTREPLY, type: DHCPOFFER, file: 'boot.img' })
    reply.options.set(200, new Uint8Array(250))
    reply.options.set(201, new Uint8Array(100))
    reply.options.set(202, new Uint8Array(40))
    const again = read(writeDhcp(reply, 548)) as DhcpMessage
    expect(again.file).toBe('boot.img')
    expect([...again.options.keys()]).toEqual([200, 202])
  })
})

describe('values', () => {
  test.each([
    ['addresses', addressesOf, '0a 00 00 01 c0 00 02 01', [0x0a000001, 0xc0000201 | 0]],
    ['no address', addressesOf, '', null],
    ['part of an address', addressesOf, '0a 00 00', null],
    ['a mask', maskLengthOf, 'ff ff fe 00', 23],
    ['a mask of all', maskLengthOf, 'ff ff ff ff', 32],
    ['a mask of nothing', maskLengthOf, '00 00 00 00', 0],
    ['a mask with a hole', maskLengthOf, 'ff 00 ff 00', null],
    ['seconds', uint32Of, 'ff ff ff ff', 0xffffffff],
    ['seconds of three octets', uint32Of, 'ff ff ff', null],
    ['a number of 16 bits', uint16Of, '05 dc', 1500],
    ['a text with the zeros of C behind it', textOf, '61 62 00 00', 'ab'],
    ['a text with a line feed', textOf, '61 0a', null],
    ['a domain with its dot', domainOf, '61 2e 62 2e', 'a.b'],
    ['a domain with a space', domainOf, '61 20 62', null],
    ['a domain with an empty label', domainOf, '61 2e 2e 62', null],
    ['a label of 64', domainOf, '61 '.repeat(64), null],
    [
      'routes (RFC 3442)',
      routesOf,
      '00 0a 00 00 01  11 0a 0b ff 00 00 00 00',
      [
        { prefix: 0, length: 0, router: 0x0a000001 },
        { prefix: 0x0a0b8000, length: 17, router: 0 },
      ],
    ],
    ['a route of 33 bits', routesOf, '21 0a 00 00 00 00 0a 00 00 01', null],
    ['a route that is cut off', routesOf, '18 0a 00 00 0a 00 00', null],
    ['no route', routesOf, '', null],
    ['a search list (RFC 3397)', searchListOf, '01 61 01 62 00  01 63 c0 02', ['a.b', 'c.b']],
    ['a name that points at itself', searchListOf, 'c0 00', null],
    ['a name that points forwards', searchListOf, '01 61 c0 04 01 62 00', null],
    ['a name that goes round', searchListOf, '01 61 c0 00', null],
    ['half a pointer', searchListOf, '01 61 00 c0', null],
    ['the root', searchListOf, '00', null],
    ['a label over the end', searchListOf, '05 61 62', null],
    ['a label with a dot in it', searchListOf, '03 61 2e 62 00', null],
    ['a label of a reserved kind', searchListOf, '40 61 00', null],
    ['a name without its end', searchListOf, '01 61', null],
  ])('%s', (_, reader: (value: Uint8Array) => unknown, text, value) => {
    expect(reader(octets(text))).toEqual(value)
  })

  test('what is written is read', () => {
    const routes = [
      { prefix: 0x0a000000, length: 8, router: 0x0a000001 },
      { prefix: 0, length: 0, router: 0x0a000002 },
      { prefix: 0x0a0b0c0d, length: 32, router: 0 },
    ]
    expect(routesOf(routesOctets(routes))).toEqual(routes)
    expect(searchListOf(searchListOctets(['lab.example', 'example.']))).toEqual(['lab.example', 'example'])
    expect(addressesOf(addressOctets(-1, 1))).toEqual([-1, 1])
    expect(textOf(textOctets('host'))).toBe('host')
  })
})

describe('in words', () => {
  const packets = readCorpus().filter(({ line }) => line.includes('BOOTP'))

  test('the messages of the corpus: busybox udhcpc, dnsmasq, nmap', () => {
    expect(packets).toHaveLength(3)
    const fields = packets.map(({ bytes }) => {
      const layer = describeLayers(bytes, 0, bytes.length, 'ethernet').find(({ layer }) => layer === 'DHCP')
      return layer?.fields.map(({ name, value }) => `${name} ${value}`) ?? []
    })
    expect(fields[0]).toEqual([
      'op Request',
      'htype 1',
      'hlen 6',
      'hops 0',
      'xid 0x9cb87f7f',
      'secs 0',
      'flags 0x0000',
      'ciaddr 0.0.0.0',
      'yiaddr 0.0.0.0',
      'siaddr 0.0.0.0',
      'giaddr 0.0.0.0',
      'chaddr 02:00:00:00:0a:02',
      'option DHCP-Message (53), length 1: Discover',
      'option MSZ (57), length 2: 576',
      'option Parameter-Request (55), length 7: 1, 3, 6, 12, 15, 28, 42',
      'option Vendor-Class (60), length 12: udhcp 1.35.0',
      'option Client-ID (61), length 7: 01.02.00.00.00.0a.02',
    ])
    expect(fields[1]?.slice(12)).toEqual([
      'option DHCP-Message (53), length 1: Offer',
      'option Server-ID (54), length 4: 10.9.1.1',
      'option Lease-Time (51), length 4: 3600',
      'option RN (58), length 4: 1800',
      'option RB (59), length 4: 3150',
      'option Subnet-Mask (1), length 4: 255.255.255.0',
      'option BR (28), length 4: 10.9.1.255',
      'option Default-Gateway (3), length 4: 10.9.1.1',
      'option Domain-Name-Server (6), length 4: 10.9.1.1',
    ])
    expect(fields[2]?.[6]).toBe('flags broadcast')
  })
})
