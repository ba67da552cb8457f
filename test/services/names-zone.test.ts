import { describe, expect, test } from 'vitest'
import { HostsFile } from '../../src/services/names/hosts-file.ts'
import { KnownNames } from '../../src/services/names/known-names.ts'
import { LocalZone } from '../../src/services/names/local-zone.ts'
import { NOERROR, NXDOMAIN, type ResourceRecord } from '../../src/services/names/message.ts'
import { YXDOMAIN, Zone } from '../../src/services/names/zone.ts'

// The zone of RFC 4592 section 2.2.1, with aliases, a part that others have, and a renamed part.
const EXAMPLE = `
$ORIGIN example.
$TTL 3600
@                 SOA   ns1 hostmaster 1 2 3 4 300
                  NS    ns1
                  NS    ns.elsewhere.test.
                  MX    10 mail
ns1               A     192.0.2.53
                  AAAA  2001:db8::53
mail              A     192.0.2.25
*                 TXT   "this is a wildcard"
*                 MX    10 host1
sub.*             TXT   "this is not a wildcard"
host1             A     192.0.2.1
_ssh._tcp.host1   SRV   0 0 22 host1
_ssh._tcp.host2   SRV   0 0 22 host2
subdel            NS    ns.subdel
                  NS    ns.elsewhere.test.
ns.subdel         A     192.0.2.99
www               CNAME host1
twice             CNAME www
away              CNAME www.elsewhere.test.
other             CNAME there.second
nowhere           CNAME none.host1
left              CNAME right
right             CNAME left
down              CNAME x.subdel
old               DNAME new
a.new             A     192.0.2.77
`

const SECOND = `
$ORIGIN second.example.
@ 60 IN SOA ns hostmaster ( 1 2 3 4 30 )
  60 IN NS ns
ns 60 IN A 192.0.2.54
there 60 IN A 192.0.2.200
`

const known = new KnownNames(new LocalZone(new HostsFile('10.7.0.1 one.lan'), 'lan', 60), [
  Zone.parse(EXAMPLE),
  Zone.parse(SECOND),
])

const word = (record: ResourceRecord) => {
  const { kind, data } = record
  if (kind === 'mx') return `${data.preference} ${data.exchange}`
  if (kind === 'srv') return `${data.port} ${data.target}`
  if (kind === 'soa') return data.mname
  return kind === 'text' ? new TextDecoder().decode(data[0]) : String(data)
}
const words = (records: readonly ResourceRecord[]) =>
  records.map((record) => `${record.name} ${record.type} ${word(record)}`)

function ask(name: string, type = 'A', others = false) {
  const answer = known.answer({ name, type, class: 1 }, others)
  if (answer === null) throw new Error('not known')
  const { rcode, authoritative, beyond } = answer
  return {
    rcode,
    authoritative,
    beyond,
    answers: words(answer.answers),
    authorities: words(answer.authorities),
    additionals: words(answer.additionals),
    ttls: answer.authorities.map(({ ttl }) => ttl),
  }
}

describe('what is there', () => {
  test('is answered, in any letters', () => {
    const answer = { rcode: NOERROR, authoritative: true, answers: ['host1.example A 192.0.2.1'], authorities: [] }
    expect(ask('HOST1.Example')).toMatchObject(answer)
  })

  test('brings the addresses of hosts that it leads to (RFC 1034 4.3.2, step 6)', () => {
    expect(ask('example', 'MX')).toMatchObject({
      answers: ['example MX 10 mail.example'],
      additionals: ['mail.example A 192.0.2.25'],
    })
    expect(ask('example', 'NS').additionals).toEqual(['ns1.example A 192.0.2.53', 'ns1.example AAAA 2001:db8::53'])
    expect(ask('_ssh._tcp.host1.example', 'SRV').additionals).toEqual(['host1.example A 192.0.2.1'])
  })

  test('is one set of it where all is asked for (RFC 8482 4.1)', () => {
    expect(ask('ns1.example', 'ANY').answers).toEqual(['ns1.example A 192.0.2.53'])
  })
})

describe('what is not there', () => {
  const none = { answers: [], authorities: ['example SOA ns1.example'], ttls: [300], authoritative: true }

  test('is a name without that type: no error, and the SOA says for how long (RFC 2308 2.2 and 3)', () => {
    expect(ask('host1.example', 'AAAA')).toMatchObject({ ...none, rcode: NOERROR })
  })

  test('is no name, below one that is (RFC 2308 2.1)', () => {
    expect(ask('a.host1.example')).toMatchObject({ ...none, rcode: NXDOMAIN })
  })

  test('is a name that only others lie below (an empty non-terminal, RFC 8020)', () => {
    expect(ask('_tcp.host1.example', 'ANY')).toMatchObject({ ...none, rcode: NOERROR })
  })

  test('is asked of others, or refused, outside the zones', () => {
    expect(known.answer({ name: 'elsewhere.test', type: 'A', class: 1 }, true)).toBeNull()
    expect(known.answer({ name: 'xexample', type: 'A', class: 1 }, false)).toBeNull()
  })
})

// RFC 4592 section 2.2.1 has these questions and their answers.
describe('a wildcard', () => {
  test.each([
    ['host3.example', 'MX', ['host3.example MX 10 host1.example']],
    ['foo.bar.example', 'TXT', ['foo.bar.example TXT this is a wildcard']],
    ['sub.*.example', 'TXT', ['sub.*.example TXT this is not a wildcard']],
    ['*.example', 'TXT', ['*.example TXT this is a wildcard']],
  ])('answers %s %s', (name, type, answers) => {
    expect(ask(name, type)).toMatchObject({ answers, rcode: NOERROR })
  })

  test.each([
    ['host3.example', 'A', NOERROR, 'has no such type'],
    ['host1.example', 'MX', NOERROR, 'there is such a name'],
    ['_telnet._tcp.host1.example', 'SRV', NXDOMAIN, 'the closest name has no wildcard'],
    ['ghost.*.example', 'MX', NXDOMAIN, 'the closest name is a wildcard, and has none'],
  ])('does not answer %s %s: %i, for %s', (name, type, rcode) => {
    expect(ask(name, type)).toMatchObject({ answers: [], rcode, authorities: ['example SOA ns1.example'] })
  })

  test('does not reach into a part that others have', () => {
    expect(ask('host.subdel.example', 'A').authoritative).toBe(false)
  })
})

describe('a part that others have', () => {
  test('is left to them, with the addresses that are needed to get there, and no authority', () => {
    expect(ask('deep.x.subdel.example')).toMatchObject({
      rcode: NOERROR,
      authoritative: false,
      answers: [],
      authorities: ['subdel.example NS ns.subdel.example', 'subdel.example NS ns.elsewhere.test'],
      additionals: ['ns.subdel.example A 192.0.2.99'],
    })
    expect(ask('ns.subdel.example').answers).toEqual([])
  })

  test('is asked of others where there are some', () => {
    expect(known.answer({ name: 'x.subdel.example', type: 'A', class: 1 }, true)).toBeNull()
  })
})

describe('an alias', () => {
  test('is followed to its end', () => {
    expect(ask('twice.example').answers).toEqual([
      'twice.example CNAME www.example',
      'www.example CNAME host1.example',
      'host1.example A 192.0.2.1',
    ])
  })

  test('is itself the answer where it is asked for', () => {
    expect(ask('twice.example', 'CNAME').answers).toEqual(['twice.example CNAME www.example'])
  })

  test('leads from one zone into another', () => {
    expect(ask('other.example').answers).toEqual([
      'other.example CNAME there.second.example',
      'there.second.example A 192.0.2.200',
    ])
  })

  test('to what is not there is followed by its code (RFC 6604 2.1)', () => {
    const answer = { rcode: NXDOMAIN, answers: ['nowhere.example CNAME none.host1.example'], authoritative: true }
    expect(ask('nowhere.example')).toMatchObject({ ...answer, authorities: ['example SOA ns1.example'] })
  })

  test('out of all zones says where it leads', () => {
    expect(ask('away.example')).toMatchObject({ beyond: 'www.elsewhere.test', rcode: NOERROR, authorities: [] })
    expect(ask('down.example', 'A', true)).toMatchObject({ beyond: 'x.subdel.example' })
    expect(ask('down.example')).toMatchObject({
      beyond: null,
      authoritative: true,
      additionals: ['ns.subdel.example A 192.0.2.99'],
    })
  })

  test('in a circle ends where it began', () => {
    expect(ask('left.example').answers).toEqual([
      'left.example CNAME right.example',
      'right.example CNAME left.example',
    ])
  })
})

describe('a renamed part (RFC 6672)', () => {
  test('has aliases for all below it, and none itself', () => {
    expect(ask('a.old.example').answers).toEqual([
      'old.example DNAME new.example',
      'a.old.example CNAME a.new.example',
      'a.new.example A 192.0.2.77',
    ])
    expect(ask('old.example')).toMatchObject({ answers: [], rcode: NOERROR })
  })

  test('says so where the new name is too long', () => {
    const label = 'x'.repeat(59)
    const zone = Zone.parse(`${SECOND}old 60 DNAME ${label}.${label}.test.\n`)
    expect(zone.find(`${label}.${label}.${'y'.repeat(20)}.old.second.example`, 'A')).toEqual({
      kind: 'nothing',
      rcode: YXDOMAIN,
    })
  })
})

test('the table of hosts comes before zones, and its names are where aliases lead', () => {
  const zone = Zone.parse(`${SECOND}host 60 CNAME one.lan.\none 60 A 192.0.2.9\n`)
  const both = new KnownNames(
    new LocalZone(new HostsFile('10.7.0.1 one.lan\n10.7.0.2 one.second.example'), 'lan', 60),
    [zone],
  )
  const answer = (name: string) => words(both.answer({ name, type: 'A', class: 1 }, false)?.answers ?? [])
  expect(answer('host.second.example')).toEqual(['host.second.example CNAME one.lan', 'one.lan A 10.7.0.1'])
  expect(answer('one.second.example')).toEqual(['one.second.example A 10.7.0.2'])
})

describe('a zone of records', () => {
  const { records } = Zone.parse(SECOND)

  test('is what its text would be', () => {
    expect(new Zone('Second.Example.', records).find('there.second.example', 'A')).toMatchObject({ kind: 'records' })
  })

  test('has the least time to live of each set, and each record once (RFC 2181 5)', () => {
    const [a] = records.filter(({ name }) => name === 'there.second.example')
    if (a?.kind !== 'address') throw new Error('no record')
    const more = new Zone('second.example', [...records, { ...a, ttl: 7 }])
    expect(more.records).toHaveLength(records.length)
    const other = Zone.parse(`${SECOND}there 5 A 65.0.0.1\nthere 9 A 97.0.0.1\n`).find('there.second.example', 'A')
    expect(other.kind === 'records' && other.records.map(({ ttl }) => ttl)).toEqual([5, 5, 5])
  })

  test.each([
    [[], 'the zone second.example has no SOA record'],
    [records.slice(0, 1), 'the zone second.example has no NS record of its own'],
    [[{ ...records[0], class: 3 }], 'records[0]: second.example has class 3, and only 1 (IN) is served'],
    [[{ ...records[0], ttl: -1 }], 'records[0]: second.example has a time to live of -1, and 0 to 2147483647 may be'],
    [[{ ...records[0], name: 'a.test' }], 'records[0]: a.test does not lie in the zone second.example'],
    [[{ ...records[0], type: 'ANY' }], 'records[0]: second.example ANY: ANY is no type of a record'],
  ])('is refused where it is none: %#', (wrong, message) => {
    expect(() => new Zone('second.example', wrong as ResourceRecord[])).toThrow(new RangeError(message))
  })

  test('names what is not what it takes', () => {
    expect(() => new Zone(1 as never, records)).toThrow(new TypeError('name must be a string, got 1'))
    expect(() => new Zone('a..b', records)).toThrow(new RangeError('name must be a domain name, got "a..b"'))
    expect(() => new Zone('a', null as never)).toThrow(new TypeError('records must be an array, got null'))
    expect(() => Zone.parse(null as never)).toThrow(new TypeError('text must be a string, got null'))
    expect(() => Zone.parse('', { origin: 'a..b' })).toThrow('options.origin must be a domain name, got "a..b"')
    expect(
      () => new KnownNames(new LocalZone(new HostsFile(), null, 1), [Zone.parse(SECOND), Zone.parse(SECOND)]),
    ).toThrow(new RangeError('options.zones has the zone second.example twice'))
  })
})
