import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AI_CANONNAME } from '../../src/services/names/netdb.ts'
import { Namespace, type Outcome } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, FAMILIES, KERNEL, KERNEL6, Served, STACK, STACK6 } from './served.ts'

const PROGRAM = fileURLToPath(new URL('./programs/names.mjs', import.meta.url))

/** What the server knows, besides the aliases and the rest on its command line. */
const HOSTS = [
  '192.0.2.80 www.test',
  '2001:db8::80 www.test',
  '192.0.2.25 mail.test',
  `${KERNEL} here.test`,
  ...Array.from({ length: 120 }, (_, i) => `198.51.100.${i + 1} many.test`),
].join('\n')

/** dnsmasq as the one who knows names under "test", on these addresses. */
async function startServer(namespace: Namespace, folder: string, addresses: readonly string[]): Promise<void> {
  writeFileSync(join(folder, 'hosts'), `${HOSTS}\n`)
  const server = namespace.start('dnsmasq', [
    '--keep-in-foreground',
    '--log-facility=-',
    '--log-queries',
    '--conf-file=/dev/null',
    '--user=root',
    '--pid-file',
    '--no-resolv',
    '--no-hosts',
    `--addn-hosts=${join(folder, 'hosts')}`,
    '--bind-interfaces',
    ...addresses.map((address) => `--listen-address=${address}`),
    '--local=/test/',
    '--local=/in-addr.arpa/',
    '--local=/ip6.arpa/',
    '--local-ttl=60',
    '--cname=alias.test,www.test',
    '--mx-host=test,mail.test,10',
    '--txt-record=text.test,one string,"and" \\another',
    '--srv-host=_sip._udp.test,www.test,5060,1,2',
    '--caa-record=test,0,issue,ca.test',
  ])
  await server.saying('read')
}

/** What dig prints, without what differs each time. dnsmasq turns the order of its answers. */
function essence(text: string): string {
  return text
    .replace(/(^[^;\n].*\n)+/gm, (records) => `${records.trimEnd().split('\n').sort().join('\n')}\n`)
    .replace(/^; <<>>.*$/gm, '; <<>>')
    .replace(/id: \d+/g, 'id: ID')
    .replace(/^;; Query time: \d+ msec$/gm, ';; Query time')
    .replace(/^;; WHEN: .*$/gm, ';; WHEN')
    .trim()
}

describeNetwork('names from dnsmasq', ['dnsmasq', 'dig', 'socat', 'sysctl'], () => {
  let namespace: Namespace
  let folder: string

  beforeAll(async () => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-names-'))
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', `${KERNEL}/24`)
    namespace.sysctl('net.ipv6.conf.jf0.disable_ipv6', 0)
    namespace.ip('address', 'add', `${KERNEL6}/64`, 'dev', 'jf0', 'nodad')
    await startServer(namespace, folder, [KERNEL, KERNEL6])
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function calls(...list: readonly (readonly unknown[])[]): Promise<unknown[]> {
    const args = [PROGRAM, `${STACK}/24,${STACK6}/64`, JSON.stringify(list)]
    const { status, stdout, stderr } = await namespace.run(process.execPath, args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return JSON.parse(stdout)
  }

  /** Our dig on a stack, and BIND's on the kernel: the same words. */
  async function digs(...words: string[]): Promise<[ours: Outcome, theirs: Outcome]> {
    const on = `tap:jf0,${STACK}/24,${STACK6}/64,dad=off`
    return [await namespace.run(COMMAND, ['dig', ...words, '--on', on]), await namespace.run('dig', words)]
  }

  describe.each([
    ['IPv4', KERNEL],
    ['IPv6', KERNEL6],
  ])('over %s', (_, server) => {
    test.each([
      ['A', ['www.test', 'A']],
      ['AAAA', ['www.test', 'AAAA']],
      ['A behind an alias', ['alias.test']],
      ['A by TCP', ['+tcp', 'www.test']],
      ['AAAA by TCP', ['+tcp', 'www.test', 'AAAA']],
      ['what is too long for UDP', ['many.test']],
      ['MX', ['test', 'MX']],
      ['TXT', ['text.test', 'TXT']],
      ['SRV', ['_sip._udp.test', 'SRV']],
      ['CAA', ['test', 'CAA']],
      ['a class of its own', ['version.bind', 'TXT', 'CH']],
      ['a name that is not', ['none.test']],
      ['a name without such records', ['mail.test', 'AAAA']],
      ['an address', ['-x', '192.0.2.80']],
      ['an IPv6 address', ['-x', '2001:db8::80']],
      ['the data alone', ['+short', 'alias.test']],
      ['without EDNS, recursion and comments', ['+noedns', '+norecurse', '+nocomments', '+nostats', 'www.test']],
      ['nothing but the answer', ['+noall', '+answer', '+dnssec', 'www.test']],
    ])('dig asks for %s, and prints what dig prints', async (_, words) => {
      const [ours, theirs] = await digs(`@${server}`, ...words)
      expect(essence(ours.stdout)).toBe(essence(theirs.stdout))
      expect(ours).toMatchObject({ status: theirs.status, stderr: '' })
    })

    test('getaddrinfo finds both families, the canonical name and the port', async () => {
      const [, found, four, none] = await calls(
        ['servers', [server]],
        ['getaddrinfo', 'alias.test', 'http', { socketType: 1, flags: AI_CANONNAME }],
        ['getaddrinfo', 'mail.test', 'submission', { socketType: 1 }],
        ['getaddrinfo', 'none.test', null, { socketType: 1 }],
      )
      expect((found as { address: string }[]).map(({ address }) => address).sort()).toEqual([
        '192.0.2.80',
        '2001:db8::80',
      ])
      expect(found).toMatchObject([{ port: 80, canonicalName: 'www.test' }, { port: 80 }])
      expect(four).toEqual([{ family: 4, address: '192.0.2.25', port: 587 }])
      expect(none).toMatchObject({ code: 'EAI_NONAME' })
    })

    test('getnameinfo finds the names of addresses', async () => {
      const [, four, six, none] = await calls(
        ['servers', [server]],
        ['getnameinfo', '192.0.2.80', 443, 0],
        ['getnameinfo', '2001:db8::80', 25, 0],
        ['getnameinfo', '192.0.2.99', 7777, 0],
      )
      expect(four).toEqual({ node: 'www.test', service: 'https' })
      expect(six).toEqual({ node: 'www.test', service: 'smtp' })
      expect(none).toEqual({ node: '192.0.2.99', service: '7777' })
    })

    test('what is cut comes by TCP, and what is known is not asked again', async () => {
      const [, many, again, counters] = await calls(
        ['servers', [server]],
        ['query', 'many.test', 'A'],
        ['query', 'MANY.test', 'A'],
        ['counters'],
      )
      expect((many as { records: string[] }).records).toHaveLength(120)
      expect(again).toEqual(many)
      expect(counters).toMatchObject({ queries: 1, streamQueries: 1, wrongAnswers: 0, timeouts: 0 })
    })

    test('the search list completes a name', async () => {
      const options = { search: ['nowhere.test', 'test'] }
      const [, found] = await calls(
        ['servers', [server], options],
        ['getaddrinfo', 'mail', 25, { socketType: 1, flags: AI_CANONNAME }],
      )
      expect(found).toEqual([{ family: 4, address: '192.0.2.25', port: 25, canonicalName: 'mail.test' }])
    })

    test('connects to a service of the kernel by their names', async () => {
      const listener = namespace.start('socat', ['-d', '-d', 'TCP4-LISTEN:25,reuseaddr', 'SYSTEM:echo 220 hello'])
      await listener.saying('listening on')
      const [, result] = await calls(['servers', [server]], ['connect', 'here.test', 'smtp'])
      expect(result).toEqual({ peer: `${KERNEL}:25`, said: '220 hello\n' })
      await listener.stop()
    })
  })

  test('dig says that nobody listens, and exits with 9', async () => {
    const [ours, theirs] = await digs(`@${KERNEL}`, '-p', '5399', '+tries=1', 'www.test')
    expect(essence(ours.stdout)).toBe(essence(theirs.stdout))
    expect([ours.status, theirs.status]).toEqual([9, 9])
  })

  test.each([
    ['several questions', ['+nostats', 'www.test', 'A', 'test', 'MX', '+noall', '+answer', '-x', '192.0.2.80']],
    ['a type for all, and another for one', ['+noall', '+answer', 'TXT', 'text.test', 'www.test', 'A', 'mail.test']],
    ['a type that closes the words for types', ['+noall', '+question', '-t', 'A', 'mx', '-q', 'txt']],
    ['an address and a port of its own', ['-b', '0.0.0.0#5555', '+nostats', 'www.test', 'mail.test']],
    ['lines of a file', ['+nostats', 'www.test', '-f', 'batch']],
    ['lines of a file, in short', ['+short', '-f', 'batch']],
    ['a file that is not there', ['-f', 'nix', 'www.test']],
  ])('dig asks %s, and prints what dig prints', async (_, words) => {
    const batch = join(folder, 'batch')
    writeFileSync(batch, '# a comment\n\n; another\nwww.test A\n test MX +noall +answer\n-x 192.0.2.80 +nostats')
    const [ours, theirs] = await digs(`@${KERNEL}`, ...words.map((word) => word.replace(/^batch$/, batch)))
    expect(essence(ours.stdout)).toBe(essence(theirs.stdout))
    expect(ours.status).toBe(theirs.status)
    const warnings = (text: string) => text.split('\n').filter((line) => line.startsWith(';;'))
    expect(warnings(ours.stderr)).toEqual(warnings(theirs.stderr))
  })

  test('dig asks on where one question has no answer, and exits with 9', async () => {
    const [ours, theirs] = await digs('-p', '5399', `@${KERNEL}`, '+tries=1', 'www.test', 'mail.test')
    expect(essence(ours.stdout)).toBe(essence(theirs.stdout))
    expect([ours.status, theirs.status]).toEqual([9, 9])
  })

  test.each([
    ['@nowhere www.test', 'names no server by its address'],
    [`@${KERNEL} www.test -t NONSENSE`, 'no record type "NONSENSE"'],
    [`@${KERNEL} a..b`, 'cannot be a domain name'],
    [`@${KERNEL} +nonsense a`, 'dig has no +nonsense'],
    [`@${KERNEL} -6 a`, 'other family'],
    [`@${KERNEL} a @${KERNEL6}`, 'has two servers'],
    [`@${KERNEL} -b nix a`, 'an address of ours, such as 192.0.2.7 or 192.0.2.7#5353'],
    [`@${KERNEL} -b fd00::1 a`, 'is of the other family than -b'],
  ])('dig %s is refused: %s', async (words, message) => {
    const [ours] = await digs(...words.split(' '))
    expect(ours).toMatchObject({ status: 1, stdout: '' })
    expect(ours.stderr).toContain(message)
  })
})

// What is kept is told with the time that it has left.
const newly = (text: string) => text.replace(/(?<=[\t ])(?:[1-5]?\d|60)(?=[\t ]IN)/g, '60')

describeNetwork("dig against a stack's forwarder", ['dnsmasq', 'dig', 'sysctl'], () => {
  describe.each(FAMILIES)('over $family', ({ family, kernel, stack }) => {
    const second = family === 'IPv4' ? '10.9.0.3' : 'fd09::3'
    let served: Served
    let folder: string

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'jackfield-names-'))
      writeFileSync(join(folder, 'own'), '10.7.0.1 one.lan one\nfd07::1 one.lan\n')
      served = await Served.start({
        services: [`dns=${kernel}`],
        on: '10.9.0.3/24,fd09::3/64',
        options: ['--hosts', join(folder, 'own'), '--zone', 'lan'],
      })
      await startServer(served.namespace, folder, [kernel])
    })

    afterAll(async () => {
      await served?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const dig = async (...words: string[]) => (await served.run('dig', words)).stdout

    // Each twice: what the forwarder has been told, and what it has kept.
    test.each([
      [['www.test']],
      [['www.test', 'AAAA']],
      [['+tcp', 'www.test']],
      [['wWw.TeSt']],
      [['alias.test']],
      [['many.test']],
      [['+noedns', 'many.test']],
      [['+tcp', 'many.test']],
      [['test', 'MX']],
      [['text.test', 'TXT']],
      [['_sip._udp.test', 'SRV']],
      [['test', 'CAA']],
      [['none.test']],
      [['-x', '192.0.2.80']],
      [['+dnssec', '+cdflag', 'www.test']],
    ])('%j is what dnsmasq says, and says again', async (words) => {
      const theirs = essence(await dig(`@${kernel}`, ...words))
      expect(theirs).toContain('status: N')
      for (let i = 0; i < 2; i++) {
        expect(newly(essence(await dig(`@${stack}`, ...words)).replaceAll(stack, kernel))).toBe(theirs)
      }
    })

    test('hears its answer from whichever address it has asked (RFC 2181 4.1)', async () => {
      for (const address of [stack, second]) {
        const answer = await dig(`@${address}`, '+tries=1', '+time=20', 'www.test')
        expect(answer).toContain('status: NOERROR')
        expect(answer).toContain(`;; SERVER: ${address}#53`)
        expect(answer).not.toContain('unexpected source')
      }
    })

    test('answers for its own names, forwards and back', async () => {
      expect(await dig(`@${stack}`, '+short', 'one.lan')).toBe('10.7.0.1\n')
      expect(await dig(`@${stack}`, '+short', '+tcp', 'one.lan', 'AAAA')).toBe('fd07::1\n')
      expect(await dig(`@${stack}`, '+short', '-x', '10.7.0.1')).toBe('one.lan.\n')
      expect(await dig(`@${stack}`, '+short', '-x', 'fd07::1')).toBe('one.lan.\n')
      expect(await dig(`@${stack}`, 'two.lan')).toMatch(
        /status: NXDOMAIN[\s\S]*flags: qr aa rd ra;[\s\S]*lan\.\s+60\s+IN\s+SOA/,
      )
    })

    test('is used by the programs of the kernel side, many at once', async () => {
      const line = `for i in $(seq 40); do dig @${stack} +short +tries=1 +time=20 www.test & done; wait`
      const { stdout } = await served.shell(line)
      expect(stdout).toBe('192.0.2.80\n'.repeat(40))
    })
  })
})
