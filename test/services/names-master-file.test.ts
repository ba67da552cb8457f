import { describe, expect, test } from 'vitest'
import { readMasterFile } from '../../src/services/names/master-file.ts'
import { MasterFileError } from '../../src/services/names/master-lines.ts'
import { Zone } from '../../src/services/names/zone.ts'

const read = (text: string, origin?: string) => readMasterFile(text, { origin }).map(({ record }) => record)
const APEX = '@ SOA ns.a. h.a. 1 2 3 4 5\n NS ns.a.\n'

describe('an entry', () => {
  test('has owner, time, class and type; time and class may change places or be left out (RFC 1035 5.1)', () => {
    const text = '$TTL 7\na.test. 5 IN A 192.0.2.1\n  IN 6 A 192.0.2.2\n\tA 192.0.2.3\n 8 A 192.0.2.4\n'
    expect(read(text).map(({ name, ttl, data }) => `${name} ${ttl} ${String(data)}`)).toEqual([
      'a.test 5 192.0.2.1',
      'a.test 6 192.0.2.2',
      'a.test 7 192.0.2.3',
      'a.test 8 192.0.2.4',
    ])
  })

  test('without a time has that of $TTL, else the last one that was said, else the minimum of the SOA', () => {
    const ttls = (text: string) => read(text, 'a').map(({ ttl }) => ttl)
    expect(ttls(`${APEX}`)).toEqual([5, 5])
    expect(ttls('@ 9 SOA ns h 1 2 3 4 5\n NS ns\n')).toEqual([9, 9])
    expect(ttls('$TTL 1h30m\n@ SOA ns h 1 2 3 4 5\n 1w NS ns\n A 192.0.2.1\n')).toEqual([5400, 604_800, 5400])
  })

  test('may have a type or a number as its owner', () => {
    expect(read('A 5 A 192.0.2.1\n7 A 192.0.2.1\nIN IN A 192.0.2.1\n', 'b').map(({ name }) => name)).toEqual([
      'A.b',
      '7.b',
      'IN.b',
    ])
  })

  test('goes on over lines in parentheses, with comments', () => {
    const [soa] = read('@ 1 SOA ns h ( 1 ; serial\n 1h ; refresh )\n ( 2h ) ; and more\n\n 3 4 ) ; end\n', 'a')
    expect(soa?.data).toMatchObject({ serial: 1, refresh: 3600, retry: 7200, expire: 3, minimum: 4 })
  })

  test('may end the text without the end of a line, and lines may end as on Windows', () => {
    expect(read('a. 1 A 192.0.2.1\r\nb. 1 A 192.0.2.2')).toHaveLength(2)
  })
})

describe('a name', () => {
  const names = (text: string, origin?: string) => read(text, origin).map(({ name }) => name)

  test('is relative without a dot at its end, @ is the origin, and $ORIGIN may be relative itself', () => {
    const text =
      '@ 1 A 192.0.2.1\nb A 192.0.2.1\nc.test. A 192.0.2.1\n$ORIGIN sub\nd A 192.0.2.1\n$ORIGIN .\ne A 192.0.2.1\n'
    expect(names(text, 'a')).toEqual(['a', 'b.a', 'c.test', 'd.sub.a', 'e'])
  })

  test('has escapes: what they stand for is a letter like others', () => {
    expect(names('\\@ 1 A 192.0.2.1\na\\;b A 192.0.2.1\n\\066c A 192.0.2.1\n\\$x A 192.0.2.1\n', 'a')).toEqual([
      '@.a',
      'a;b.a',
      'Bc.a',
      '$x.a',
    ])
    expect(names('b\\195\\188cher 1 A 192.0.2.1\nbücher A 192.0.2.1\n', 'a')).toEqual(['bücher.a', 'bücher.a'])
  })
})

describe('data', () => {
  const data = (text: string) => {
    const [record] = read(`x 1 ${text}\n`, 'a')
    return record?.data
  }

  test('of TXT is strings of octets, in quotes or not', () => {
    const strings = data('TXT plain "with blanks; and (such)" "a \\"quote\\"" "" \\200 \\\\ ü') as readonly Uint8Array[]
    expect(strings.map((octets) => Buffer.from(octets).toString('latin1'))).toEqual([
      'plain',
      'with blanks; and (such)',
      'a "quote"',
      '',
      '\xc8',
      '\\',
      '\xc3\xbc',
    ])
  })

  test('of the other types is read', () => {
    expect(data('MX 10 mail')).toEqual({ preference: 10, exchange: 'mail.a' })
    expect(data('SRV 1 2 3 host.b.')).toEqual({ priority: 1, weight: 2, port: 3, target: 'host.b' })
    expect(data('DNAME @')).toBe('a')
    expect(String(data('AAAA 2001:DB8::1'))).toBe('2001:db8::1')
    expect(data('CAA 0 issue "ca.test"')).toEqual(Uint8Array.of(0, 5, ...Buffer.from('issueca.test')))
  })

  test('of any type may be octets (RFC 3597 5)', () => {
    expect(data('TYPE65280 \\# 4 0a00 0001')).toEqual(Uint8Array.of(10, 0, 0, 1))
    expect(String(data('A \\# 4 0A000001'))).toBe('10.0.0.1')
    expect(data('HINFO \\# 0')).toEqual(new Uint8Array())
    expect(data('TYPE15 \\# 5 000a 0162 00')).toEqual({ preference: 10, exchange: 'b' })
  })
})

describe('what cannot be is refused, with its line', () => {
  test.each([
    ['$INCLUDE other.zone', 1, '$INCLUDE is not read: put it all into one file'],
    ['$GENERATE 1-9 a A 1.2.3.4', 1, 'there is no $GENERATE: there are $ORIGIN and $TTL'],
    ['$ORIGIN', 1, '$ORIGIN has one value'],
    ['$TTL 1x', 1, '"1x" is no time to live: write seconds, such as 3600, or 1h'],
    ['$TTL 2147483648', 1, '"2147483648" is no time to live: write seconds, such as 3600, or 1h'],
    ['\n\nwww 1 A 192.0.2.1', 3, '"www" is relative, and there is no $ORIGIN: write one, or a dot at the end'],
    [' 1 A 192.0.2.1', 1, 'there is no owner, here or before'],
    ['a.', 1, 'there is an owner, and no type of a record behind it'],
    ['a. 1 MXX b.', 1, 'there is no type "MXX"'],
    ['a. 1 ANY', 1, 'ANY is no type of a record'],
    ['a. A 192.0.2.1', 1, 'a has no time to live: write $TTL 3600 before it'],
    ['a. 1 CH TXT x', 1, 'the class is CH, and only IN is read'],
    ['a. 1 A 192.0.2.256', 1, '"192.0.2.256" is no IPv4 address, which A has'],
    ['a. 1 AAAA 192.0.2.1', 1, '"192.0.2.1" is no IPv6 address, which AAAA has'],
    ['a. 1 A 192.0.2.1 192.0.2.2', 1, 'A has "192.0.2.2" behind its data'],
    ['a. 1 MX mail.', 1, 'MX has "mail." as its preference, which is a number from 0 to 65535'],
    ['a. 1 MX 10', 1, 'MX lacks its exchange'],
    ['a. 1 SRV 1 2 65536 b.', 1, 'SRV has "65536" as its port, which is a number from 0 to 65535'],
    ['a. 1 SOA b. c. 1 2 3 4', 1, 'SOA lacks its minimum'],
    ['a. 1 SOA b. c. 1 2 3 x 4', 1, 'SOA has "x" as its expire, which is a number of seconds'],
    ['a. 1 TXT', 1, 'TXT lacks its string'],
    [`a. 1 TXT ${'x'.repeat(256)}`, 1, 'the string of TXT has 256 octets, and 255 fit'],
    ['a. 1 TXT "x', 1, 'a string in quotes has no end on its line'],
    ['a. 1 TXT \\256', 1, '"\\256" is no octet: \\000 to \\255 are'],
    ['a. 1 TXT \\', 1, 'a "\\" has nothing behind it'],
    ['a. 1 TXT (\nx', 1, 'a "(" has no ")" behind it'],
    ['a. 1 TXT x\n x )', 2, 'there is a ")" and no "(" before it'],
    ['a..b. 1 A 192.0.2.1', 1, '"a..b." has a label without a letter'],
    ['.a. 1 A 192.0.2.1', 1, '".a." has a label without a letter'],
    ['a\\.b. 1 A 192.0.2.1', 1, '"a\\\\.b." has a label with a dot in it, which is not supported'],
    ['\\255. 1 A 192.0.2.1', 1, '"\\\\255." has a label that is not UTF-8, which is not supported'],
    [`${'x'.repeat(64)}. 1 A 192.0.2.1`, 1, 'cannot be a name: labels have 1 to 63 octets, a name 255 in all'],
    ['a. 1 LOC 51 0 0 N', 1, 'the data of LOC is not read in words: write it as \\# LENGTH HEXADECIMAL (RFC 3597)'],
    ['a. 1 TYPE1 \\# 3 0a0000', 1, 'data of type 1 is 3 octets long, which it cannot be'],
    ['a. 1 LOC \\# 2 0a', 1, 'LOC is to have 2 octets of data, and has 1'],
    ['a. 1 LOC \\# 1 0', 1, '"0" is not octets in hexadecimal'],
  ])('%j', (text, line, message) => {
    let told: unknown
    try {
      readMasterFile(text)
    } catch (error) {
      told = error
    }
    expect(told).toBeInstanceOf(MasterFileError)
    expect((told as MasterFileError).line).toBe(line)
    expect((told as Error).message).toContain(`line ${line}: `)
    expect((told as Error).message).toContain(message)
  })

  test.each([
    ['$TTL 1\na. NS b.\n', 3, 'there is no SOA record, which says what the zone is'],
    [`$ORIGIN a.\n${APEX}x A 192.0.2.1\nx CNAME y\n`, 5, 'x.a has a CNAME record, and others beside it'],
    [`$ORIGIN a.\n${APEX}x CNAME z\nx CNAME y\n`, 5, 'x.a has two CNAME records'],
    [`$ORIGIN a.\n${APEX}x DNAME z\nx DNAME y\n`, 5, 'x.a has two DNAME records'],
    [`$ORIGIN a.\n${APEX}x SOA z. y. 1 2 3 4 5\n`, 4, 'x.a has a SOA record, which only the zone a itself has'],
    [`$ORIGIN a.\n${APEX}@ SOA z. y. 1 2 3 4 6\n`, 4, 'a has two SOA records'],
    [`$ORIGIN a.\n${APEX}b. A 192.0.2.1\n`, 4, 'b does not lie in the zone a'],
    ['$ORIGIN a.\n@ SOA ns.a. h.a. 1 2 3 4 5\n', 3, 'the zone a has no NS record of its own'],
  ])('a zone: %j', (text, line, message) => {
    expect(() => Zone.parse(text)).toThrow(new MasterFileError(line, message))
  })
})
