import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { digCommand } from '../../src/cli/dig/dig.ts'
import { type DigRequest, parseDig } from '../../src/cli/dig/dig-arguments.ts'
import { batchLines } from '../../src/cli/dig/dig-batch.ts'
import { type DigItem, type DigOption, digItems } from '../../src/cli/dig/dig-items.ts'
import { digJson } from '../../src/cli/dig/dig-json.ts'
import { dataText, digText, nameText, recordText, shortText } from '../../src/cli/dig/dig-text.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { decodeMessage, encodeMessage, type ResourceRecord } from '../../src/services/names/message.ts'

/** A line of words, with options as they are written. */
const plan = (text: string) => {
  const options = new Map<string, DigOption>([
    ...([
      ['-x', 'reverse'],
      ['-q', 'name'],
      ['-t', 'type'],
      ['-c', 'class'],
      ['-p', 'port'],
      ['-b', 'bind'],
    ] as const),
  ])
  const parts = text.split(' ').filter(Boolean)
  const items: DigItem[] = []
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const option = options.get(part) ?? null
    const value = option === null ? part : (parts.shift() as string)
    items.push({ option, value, text: part })
  }
  return parseDig(items)
}
const words = (text: string) => plan(text).requests[0] as DigRequest

describe('the words of dig', () => {
  test.each<[string, Partial<DigRequest>]>([
    ['www.example', { question: { name: 'www.example', type: 'A', class: 1 }, server: null }],
    ['WWW.Example. aaaa', { question: { name: 'WWW.Example', type: 'AAAA', class: 1 } }],
    ['x TYPE65', { question: { name: 'x', type: 'HTTPS', class: 1 } }],
    ['version.bind txt ch', { question: { name: 'version.bind', type: 'TXT', class: 3 } }],
    ['-q mx mx', { question: { name: 'mx', type: 'MX', class: 1 } }],
    ['-t A mx', { question: { name: 'mx', type: 'A', class: 1 } }],
    ['', { question: { name: '.', type: 'NS', class: 1 } }],
    ['x', { stream: false, short: false, recursion: true, edns: true, dnssec: false, timeout: 5000, tries: 3 }],
    [
      'x +tcp +short +norec +cd +noad',
      { stream: true, short: true, recursion: false, checkingDisabled: true, authenticData: false },
    ],
    ['x +vc +novc', { stream: false }],
    ['x', { https: null, port: 53 }],
    ['x +https +nohttps', { https: null }],
    ['x +https=/other?a=b', { https: '/other?a=b' }],
    ['x +noedns', { edns: false }],
    ['x +noedns +do', { edns: true, dnssec: true }],
    ['x +time=2 +tries=1', { timeout: 2000, tries: 1 }],
    ['x +retry=0', { tries: 1 }],
    ['x +short', { command: false }],
    ['x +trace', { trace: true, dnssec: true }],
    ['x +multi +nottl +nocl', { sections: { multiline: true, ttlid: false, class: false } as never }],
  ])('%j', (text, expected) => {
    expect(words(text)).toMatchObject(expected)
  })

  test('say what is shown', () => {
    const shown = (text: string) => {
      const { command, sections } = words(text)
      const { comments, question, answer, authority, additional, stats } = sections
      return [command, comments, question, answer, authority, additional, stats].map(Number).join('')
    }
    expect(shown('x')).toBe('1111111')
    expect(shown('x +noall')).toBe('0000000')
    expect(shown('x +noall +answer +stats')).toBe('0001001')
    expect(shown('x +nocomments +noquestion')).toBe('1001111')
    expect(shown('x +noall +all')).toBe('1111111')
  })

  test.each([
    ['MX lab.test', { name: 'lab.test', type: 'MX', class: 1 }],
    ['ch txt version.bind', { name: 'version.bind', type: 'TXT', class: 3 }],
    ['ns', { name: '.', type: 'NS', class: 1 }],
    ['aaaa -q mx', { name: 'mx', type: 'AAAA', class: 1 }],
  ])('a type or class may stand before the name: %j', (text, question) => {
    expect(words(text).question).toEqual(question)
  })

  test('several questions: what is in front of the first is for all, what is behind a name for that one', () => {
    const { requests, serverFirst, warnings } = plan(
      '+tcp MX +noall one two A +notcp +answer -x 192.0.2.9 three @192.0.2.1',
    )
    expect(
      requests.map(({ question, stream, sections }) => [question.name, question.type, stream, sections.answer]),
    ).toEqual([
      ['one', 'MX', true, false],
      ['two', 'A', false, true],
      ['9.2.0.192.in-addr.arpa', 'MX', true, false],
      ['three', 'MX', true, false],
    ])
    expect(requests.map(({ server }) => server?.address ?? null)).toEqual([null, null, null, '192.0.2.1'])
    expect(serverFirst).toBe(false)
    expect(warnings).toEqual([';; Warning, extra type option'])
  })

  test('+short, +nocmd, -p and -b are for all, wherever they stand', () => {
    const { requests, serverFirst } = plan('@192.0.2.1 one two +short -p 5300 three -b 192.0.2.7#99')
    expect(requests.map(({ short, command, port }) => [short, command, port])).toEqual(
      Array(3).fill([true, false, 5300]),
    )
    expect(requests.map(({ source }) => String(source))).toEqual(Array(3).fill('192.0.2.7:99'))
    expect(serverFirst).toBe(true)
  })

  test('lines of a file have what the command line says, and each what it says itself', () => {
    const { common, named } = plan('@192.0.2.1 +tcp -p 5300')
    expect(named).toBe(false)
    const line = (...values: string[]) =>
      parseDig(
        values.map((value) => ({ option: null, value, text: value })),
        common,
      ).requests
    expect(line('one', 'MX', '+notcp')).toMatchObject([
      { question: { name: 'one', type: 'MX' }, stream: false, port: 5300 },
    ])
    expect(line('two')).toMatchObject([{ question: { name: 'two', type: 'A' }, stream: true, port: 5300 }])
  })

  test('words and options in their order, as they may be written', () => {
    const { options } = digCommand('1.2.3')
    const items = digItems(
      ['-4x', '192.0.2.1', 'a', '--type=MX', '-p53', '--on', 'os', '--json', '-t', 'A', '--', '-b'],
      options,
    )
    expect(items.map(({ option, value }) => [option, value])).toEqual([
      ['ipv4', ''],
      ['reverse', '192.0.2.1'],
      [null, 'a'],
      ['type', 'MX'],
      ['port', '53'],
      ['type', 'A'],
      [null, '-b'],
    ])
    const wrong =
      (...line: string[]) =>
      () =>
        digItems(line, options, true)
    expect(wrong('a', '--on', 'os')).toThrow('--on is for all questions: write it before -f, on the command line')
    expect(wrong('a', '-z')).toThrow("unknown option '-z'")
    expect(wrong('a', '-p')).toThrow("option '-p, --port <port>' argument missing")
    expect(wrong('a', '-p', 'x')).toThrow("'x' is invalid. It must be a whole number from 1 to 65535")
  })

  test('name the server and its port', () => {
    expect(String(words('@192.0.2.53 x').server)).toBe('192.0.2.53:53')
    expect(words('@192.0.2.53 x').serverName).toBeNull()
    expect(words('@server x')).toMatchObject({ server: null, serverName: 'server' })
    expect(String(words('x @2001:db8::53 -p 5353').server)).toBe('[2001:db8::53]:5353')
  })

  test('by HTTPS at port 443, where no other is named', () => {
    expect(words('@192.0.2.53 +https')).toMatchObject({ https: '/dns-query', port: 443 })
    expect(String(words('@192.0.2.53 +https').server)).toBe('192.0.2.53:443')
    expect(String(words('@192.0.2.53').server)).toBe('192.0.2.53:53')
  })

  test('after -x are of the name of an address', () => {
    expect(words('-x 192.0.2.1').question).toEqual({ name: '1.2.0.192.in-addr.arpa', type: 'PTR', class: 1 })
    expect(words('-x ::1 any').question).toMatchObject({ type: 'ANY' })
  })

  test.each([
    ['@ x', '"@" names no server'],
    ['@one @two x', 'two servers, one and two'],
    ['@192.0.2.1 x @192.0.2.2', 'two servers'],
    ['a..b', 'cannot be a domain name'],
    ['x -t NONSENSE', 'no record type "NONSENSE"'],
    ['x -c NONSENSE', 'no class "NONSENSE"; write IN, CH or HS'],
    ['x +nonsense', 'dig has no +nonsense'],
    ['x +constructor', 'dig has no +constructor'],
    ['x +short=1', 'dig has no +short=1'],
    ['x +https=dns', '+https=dns must be given a path, such as +https=/dns-query'],
    ['x +time', 'whole number from 1 to 300'],
    ['x +tries=0', 'whole number from 1 to 100'],
    ['-x x', '-x "x" is no IP address'],
    ['-b 192.0.2.1#99999 x', '-b "192.0.2.1#99999" must be ADDRESS[#PORT]'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => words(text)).toThrow(UsageError)
    expect(() => words(text)).toThrow(message)
  })
})

describe('what dig prints', () => {
  const record = (rest: Partial<ResourceRecord>) =>
    ({ name: 'a.example', class: 1, ttl: 60, ...rest }) as unknown as ResourceRecord
  const octets = (...values: number[]) => new Uint8Array(values)

  test('has nothing in it that a terminal would obey (RFC 1035 5.1)', () => {
    expect(nameText('.')).toBe('.')
    expect(nameText('a b\x1b[31m.ex"am;ple.ü')).toBe('a\\ b\\027[31m.ex\\"am\\;ple.\\195\\188.')
    const data = [new TextEncoder().encode('say "hi" \\ \x07'), octets(0xff)]
    expect(dataText(record({ kind: 'text', type: 'TXT', data }))).toBe('"say \\"hi\\" \\\\ \\007" "\\255"')
  })

  test('shows data of types that it does not know as octets (RFC 3597 5)', () => {
    expect(dataText(record({ kind: 'other', type: 'TYPE65280', data: octets(1, 0xab) }))).toBe('\\# 2 01AB')
    expect(dataText(record({ kind: 'other', type: 'NULL', data: octets() }))).toBe('\\# 0')
    expect(dataText(record({ kind: 'other', type: 'CAA', data: octets(0, 1, 0x61, 0x62) }))).toBe('0 a "b"')
    expect(dataText(record({ kind: 'other', type: 'CAA', data: octets(0, 9, 0x61) }))).toBe('\\# 3 000961')
  })

  test('+multiline, +nottlid and +nocl: columns, and an SOA of several lines, as BIND has them', () => {
    const sections = { comments: false, question: false, answer: true, authority: true, additional: true, stats: false }
    const soa = record({
      kind: 'soa',
      type: 'SOA',
      data: { mname: 'ns.a', rname: 'h.a', serial: 7, refresh: 7200, retry: 5400, expire: 1_209_600, minimum: 0 },
    })
    expect(recordText(soa, { ...sections, multiline: true })).toBe(
      'a.example.\t\t60 IN SOA ns.a. h.a. (\n' +
        '\t\t\t\t7          ; serial\n' +
        '\t\t\t\t7200       ; refresh (2 hours)\n' +
        '\t\t\t\t5400       ; retry (1 hour 30 minutes)\n' +
        '\t\t\t\t1209600    ; expire (2 weeks)\n' +
        '\t\t\t\t0          ; minimum (0 seconds)\n' +
        '\t\t\t\t)',
    )
    const text = record({ kind: 'text', type: 'TXT', data: [octets(0x61)] })
    expect(recordText(text, { ...sections, ttlid: false })).toBe('a.example.\t\tIN\tTXT\t"a"')
    expect(recordText(text, { ...sections, class: false })).toBe('a.example.\t\t60\tTXT\t"a"')
    expect(recordText(text, { ...sections, ttlid: false, class: false })).toBe('a.example.\t\tTXT\t"a"')
  })

  test('is the answer in sections, with what it cost', () => {
    const address = IpAddress.parse('192.0.2.1') as IpAddress
    const bytes = encodeMessage({
      id: 4711,
      response: true,
      recursionDesired: true,
      rcode: 16,
      question: { name: 'a.example', type: 'A', class: 1 },
      answers: [record({ kind: 'address', type: 'A', data: address })],
      additionals: [
        record({ kind: 'other', type: 'NSEC3PARAM', data: octets(1), name: 'a-name-of-some-length.example' }),
      ],
      edns: { udpPayloadSize: 1232, version: 0, dnssecOk: true },
    })
    const message = decodeMessage(bytes)
    const answer = { message, bytes, server: SocketAddress.internet('192.0.2.53', 53), transport: 'udp' } as const
    const { sections } = words('x')
    expect(digText(answer, sections, 3.4, new Date(Date.UTC(2026, 0, 2, 3, 4, 5)))).toBe(
      [
        ';; Got answer:',
        ';; ->>HEADER<<- opcode: QUERY, status: BADVERS, id: 4711',
        ';; flags: qr rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 2',
        ';; WARNING: recursion requested but not available',
        '',
        ';; OPT PSEUDOSECTION:',
        '; EDNS: version: 0, flags: do; udp: 1232',
        ';; QUESTION SECTION:',
        ';a.example.\t\t\tIN\tA',
        '',
        ';; ANSWER SECTION:',
        'a.example.\t\t60\tIN\tA\t192.0.2.1',
        '',
        ';; ADDITIONAL SECTION:',
        'a-name-of-some-length.example. 60 IN\tNSEC3PARAM \\# 1 01',
        '',
        ';; Query time: 3 msec',
        ';; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)',
        ';; WHEN: Fri Jan 02 03:04:05 UTC 2026',
        `;; MSG SIZE  rcvd: ${bytes.length}`,
        '',
        '',
      ].join('\n'),
    )
    expect(shortText(message)).toBe('192.0.2.1\n')
    const line = digJson(answer, 3.4)
    expect(line.endsWith('}\n')).toBe(true)
    expect(JSON.parse(line)).toEqual({
      ...{ ID: 4711, QR: 1, Opcode: 0, AA: 0, TC: 0, RD: 1, RA: 0, AD: 0, CD: 0, RCODE: 16, status: 'BADVERS' },
      ...{ QNAME: 'a.example.', QTYPEname: 'A', QCLASS: 1 },
      answerRRs: [{ NAME: 'a.example.', TYPEname: 'A', CLASS: 1, TTL: 60, data: '192.0.2.1' }],
      authorityRRs: [],
      additionalRRs: [
        { NAME: 'a-name-of-some-length.example.', TYPEname: 'NSEC3PARAM', CLASS: 1, TTL: 60, data: '\\# 1 01' },
      ],
      edns: { version: 0, udpPayloadSize: 1232, DO: 1 },
      ...{ server: '192.0.2.53:53', transport: 'udp', milliseconds: 3.4, length: bytes.length },
    })
  })
})

test('a file of questions is read line by line, and one without lines is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-dig-'))
  const read = async (text: string) => {
    writeFileSync(join(folder, 'batch'), text)
    const lines = []
    for await (const { number, words: found } of batchLines(join(folder, 'batch'))) lines.push([number, ...found])
    return lines
  }
  try {
    expect(await read('# one\n\n; two\n a.test  MX\nb.test')).toEqual([
      [4, 'a.test', 'MX'],
      [5, 'b.test'],
    ])
    await expect(read('x'.repeat(65_537))).rejects.toThrow('-f: a line is longer than 65536 characters')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
