import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMasterFile } from '../../src/services/names/master-file.ts'
import { decodeMessage, encodeMessage, type ResourceRecord } from '../../src/services/names/message.ts'
import { Zone } from '../../src/services/names/zone.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { FAMILIES, KERNEL, Served } from './served.ts'

// All that a master file may be written with.
const LAB = `
$ORIGIN test.
$TTL 1h
lab     IN SOA  ns.lab hostmaster\\.of.lab. (
                2026112101 ; serial
                2h 15m 2w 5m )
                NS    ns.lab
$ORIGIN lab.test.
@       300 IN  MX    10 mail
        IN 300  MX    20 mail.example.
ns              A     10.9.0.2
                AAAA  fd09::2
www             CNAME web
web             CNAME host
host            A     192.0.2.1
                A     192.0.2.2
                AAAA  2001:DB8::1
                TXT   "two strings" "with a \\"quote\\"; and \\065" plain
mail            A     192.0.2.25
_sip._udp       SRV   1 2 5060 host
*.wild          A     192.0.2.77
                TXT   ( "over"
                        "lines" )
deep.empty.name A     192.0.2.88
sub             NS    ns.sub
ns.sub          A     192.0.2.99
old             DNAME empty
\\@at            A     192.0.2.3
@               CAA   0 issue "ca.test"
odd             TYPE65280 \\# 4 0a000001
octets          A     \\# 4 c0000204
many            A     198.51.100.1
${Array.from({ length: 120 }, (_, i) => `                A     198.51.100.${i + 2}`).join('\n')}
`.replace('hostmaster\\.of.lab.', 'hostmaster.lab')

const MORE = `$ORIGIN more.test.\n@ 60 SOA ns h 1 2 3 4 5\n  60 NS ns.lab.test.\nelse 60 CNAME host.lab.test.\n`

/** What a record is, whoever reads it. */
function essence(record: ResourceRecord): string {
  return Buffer.from(encodeMessage({ id: 0, answers: [record] }))
    .toString('latin1')
    .toLowerCase()
}

describeNetwork('zones', ['dig', 'dnsmasq', 'named-checkzone', 'sysctl'], () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-zones-'))
    writeFileSync(join(folder, 'lab.zone'), LAB)
    writeFileSync(join(folder, 'more.zone'), MORE)
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  describe('the reader of master files, beside named-checkzone', () => {
    let namespace: Namespace

    beforeAll(() => {
      namespace = new Namespace()
    })

    afterAll(() => namespace?.close())

    async function check(text: string, origin = 'lab.test') {
      writeFileSync(join(folder, 'check.zone'), text)
      return namespace.run('named-checkzone', ['-i', 'none', '-D', '-o', '-', origin, join(folder, 'check.zone')])
    }

    test('reads the records that it reads', async () => {
      const { status, stdout, stderr } = await check(LAB)
      expect(status, stderr).toBe(0)
      const theirs = readMasterFile(stdout.replace(/^(?:zone |OK|dns_).*$/gm, '')).map(({ record }) => essence(record))
      expect(theirs.sort()).toEqual(Zone.parse(LAB).records.map(essence).sort())
      expect(theirs.length).toBeGreaterThan(140)
    })

    const head = '$TTL 60\n@ SOA ns h 1 2 3 4 5\n NS ns\nns A 192.0.2.1\n'
    test.each([
      ['a CNAME with others', `${head}x CNAME y\nx A 192.0.2.1\n`],
      ['a type that is not', `${head}x AA 192.0.2.1\n`],
      ['a parenthesis without end', `${head}x TXT ( a\n`],
      ['a quote without end', `${head}x TXT "a\n`],
      ['an address that is none', `${head}x A 192.0.2\n`],
      ['a port that is none', `${head}x SRV 1 2 65536 y\n`],
      ['words behind the data', `${head}x A 192.0.2.1 y\n`],
      ['an empty label', `${head}x..y A 192.0.2.1\n`],
      ['a long label', `${head}${'x'.repeat(64)} A 192.0.2.1\n`],
      ['a second SOA', `${head}@ SOA ns h 1 2 3 4 6\n`],
      ['a SOA below', `${head}x SOA ns h 1 2 3 4 6\n`],
      ['no SOA', '$TTL 60\n@ NS ns\n'],
      ['no NS', '$TTL 60\n@ SOA ns h 1 2 3 4 5\n'],
      ['a class that differs', `${head}x CH TXT y\n`],
      ['a control that is not', `$NONE x\n${head}`],
      ['octets that are too few', `${head}x TYPE300 \\# 4 0a\n`],
      ['an octet that is none', `${head}x TXT \\256\n`],
    ])('refuses what it refuses: %s', async (_, text) => {
      expect((await check(head)).status).toBe(0)
      expect((await check(text)).status).not.toBe(0)
      expect(() => Zone.parse(text, { origin: 'lab.test' })).toThrow(/^line \d+: /)
    })
  })

  describe.each(FAMILIES)('dig against a stack over $family', ({ kernel, stack }) => {
    let served: Served

    beforeAll(async () => {
      served = await Served.start({
        services: ['dns'],
        options: [
          '--zone-file',
          join(folder, 'lab.zone'),
          '--zone-file',
          join(folder, 'more.zone'),
          '--transfer',
          kernel,
        ],
      })
    })

    afterAll(() => served?.close())

    const dig = async (...words: string[]) =>
      (await served.run('dig', [`@${stack}`, '+tries=1', '+time=20', ...words])).stdout

    test.each([
      [['host.lab.test'], '192.0.2.1\n192.0.2.2\n'],
      [['host.lab.test', 'AAAA'], '2001:db8::1\n'],
      [['+tcp', 'host.lab.test', 'AAAA'], '2001:db8::1\n'],
      [['lab.test', 'MX'], '10 mail.lab.test.\n20 mail.example.\n'],
      [['host.lab.test', 'TXT'], '"two strings" "with a \\"quote\\"; and A" "plain"\n'],
      [['_sip._udp.lab.test', 'SRV'], '1 2 5060 host.lab.test.\n'],
      [['lab.test', 'CAA'], '0 issue "ca.test"\n'],
      [['odd.lab.test', 'TYPE65280'], '\\# 4 0A000001\n'],
      [['octets.lab.test'], '192.0.2.4\n'],
      [['www.lab.test'], 'web.lab.test.\nhost.lab.test.\n192.0.2.1\n192.0.2.2\n'],
      [['else.more.test', 'AAAA'], 'host.lab.test.\n2001:db8::1\n'],
      [['any.thing.wild.lab.test'], '192.0.2.77\n'],
      [['deep.old.lab.test'], 'empty.lab.test.\ndeep.empty.lab.test.\n'],
      [['+norec', 'ns.lab.test'], '10.9.0.2\n'],
    ])('%j', async (words, expected) => {
      const sorted = (text: string) => text.split('\n').sort().join('\n')
      expect(sorted(await dig('+short', ...words))).toBe(sorted(expected))
    })

    test.each([
      [['none.lab.test'], 'NXDOMAIN', 'qr aa rd', 'ANSWER: 0, AUTHORITY: 1', /lab\.test\.\s+300\s+IN\s+SOA/],
      [['mail.lab.test', 'AAAA'], 'NOERROR', 'qr aa rd', 'ANSWER: 0, AUTHORITY: 1', /SOA/],
      [['x.empty.name.lab.test'], 'NXDOMAIN', 'qr aa rd', 'ANSWER: 0, AUTHORITY: 1', /SOA/],
      [['name.lab.test'], 'NOERROR', 'qr aa rd', 'ANSWER: 0, AUTHORITY: 1', /SOA/],
      [
        ['+norec', 'a.sub.lab.test'],
        'NOERROR',
        'qr',
        'ANSWER: 0, AUTHORITY: 1',
        /ns\.sub\.lab\.test\.\s+3600\s+IN\s+A\s+192\.0\.2\.99/,
      ],
      [['www.elsewhere.test'], 'REFUSED', 'qr rd', 'ANSWER: 0, AUTHORITY: 0', /./],
      [['many.lab.test'], 'NOERROR', 'qr aa rd', 'ANSWER: 121,', /TCP/],
    ])('%j is %s', async (words, status, flags, counts, more) => {
      const text = await dig(...words)
      expect(text).toContain(`status: ${status},`)
      expect(text).toContain(`flags: ${flags};`)
      expect(text).toContain(counts)
      expect(text).toMatch(more)
      expect(text.replace(/^;; WARNING: recursion requested.*$/m, '')).not.toMatch(
        /^;; (?:warning|got bad)|malformed/im,
      )
    })

    test('the whole zone goes to whom it may (AXFR), and is read as it was written', async () => {
      const text = await dig('+noall', '+answer', '+onesoa', 'lab.test', 'AXFR')
      const theirs = readMasterFile(text).map(({ record }) => essence(record))
      expect(theirs.sort()).toEqual(Zone.parse(LAB).records.map(essence).sort())
    })

    test('a resolver that asks it has its answers: dnsmasq', async () => {
      const resolver = served.namespace.start('dnsmasq', [
        ...['--keep-in-foreground', '--log-facility=-', '--conf-file=/dev/null', '--user=root', '--pid-file'],
        ...['--no-resolv', '--no-hosts', '--bind-interfaces', `--listen-address=${KERNEL}`, `--server=${stack}`],
      ])
      await resolver.saying('started')
      for (let i = 0; i < 2; i++) {
        const short = async (...words: string[]) => (await served.run('dig', [`@${KERNEL}`, '+short', ...words])).stdout
        expect((await short('www.lab.test')).split('\n').sort()).toEqual([
          '',
          '192.0.2.1',
          '192.0.2.2',
          'host.lab.test.',
          'web.lab.test.',
        ])
        expect((await short('many.lab.test')).split('\n')).toHaveLength(122)
        expect((await served.run('dig', [`@${KERNEL}`, 'none.lab.test'])).stdout).toContain('status: NXDOMAIN')
      }
      await resolver.stop()
    })
  })

  test('the zone goes to nobody else', async () => {
    const served = await Served.start({ services: ['dns'], options: ['--zone-file', join(folder, 'lab.zone')] })
    try {
      expect((await served.run('dig', ['@10.9.0.2', 'lab.test', 'AXFR'])).stdout).toContain('Transfer failed')
    } finally {
      await served.close()
    }
  })
})

test('the zone of these tests is read by messages too', () => {
  for (const record of Zone.parse(LAB).records) {
    expect(decodeMessage(encodeMessage({ id: 1, answers: [record] })).answers).toEqual([record])
  }
})
