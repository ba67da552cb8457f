// The command on the operating system's own sockets, beside Debian's programs on the same: one host of the kernel's, a router of ours,
// another host of the kernel's.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { ROUTED, Routed } from './routed.ts'
import { COMMAND } from './served.ts'

/** What is the same whoever runs it and when: times left out. */
function timeless({ status, stdout }: Outcome): { status: number | null; text: string } {
  const text = stdout
    .replace(/time[= ][\d.]+ ?ms/g, 'time')
    .replace(/ipg\/ewma [\d./]+ ms|, pipe \d+/g, '')
    .replace(/= [\d./]+ ms/g, '= times')
    .replace(/[\d.]+ ms/g, 'ms')
    .replace(/icmp_seq=(\d+) +/g, 'icmp_seq=$1 ')
  return { status, text: text.trimEnd() }
}

const UNPRIVILEGED = ['--reuid=65534', '--regid=65534', '--clear-groups']

describeNetwork("the command on the operating system's sockets", ['ping', 'traceroute', 'nc', 'curl', 'dig'], () => {
  let routed: Routed
  let sources = 0
  const near = (program: string, ...args: string[]) => routed.near.run(program, args)
  const ours = (...args: string[]) => routed.near.run(COMMAND, args)

  beforeAll(async () => {
    routed = await Routed.start()
    for (const namespace of [routed.near, routed.far]) {
      namespace.sysctl('net.ipv4.icmp_ratemask', 0)
      namespace.sysctl('net.ipv6.icmp.ratelimit', 0)
    }
    writeFileSync(join(routed.folder, 'page.txt'), 'from afar\n'.repeat(10_000))
  })

  afterAll(() => routed?.close())

  test('ping by an interface that does not lead there is not answered, as that of Debian', async () => {
    const args = ['-n', '-c', '1', '-W', '1', '-I', 'jf0', '127.0.0.1']
    const real = timeless(await near('ping', ...args))
    expect(real.text).toContain('0 received')
    expect(timeless(await ours('ping', ...args))).toEqual(real)
  })

  test('dig asks a server by its name, as that of BIND; and repeats what it was asked for', async () => {
    const hosts = join(routed.folder, 'names')
    writeFileSync(hosts, '192.0.2.7 far.test\n')
    const server = routed.near.start(COMMAND, ['serve', 'dns:5399', '--hosts', hosts, '--zone', 'test'])
    await server.saying(/^ready$/m)
    const args = ['-4', '-p', '5399', '@localhost', 'far.test']
    const shown = ({ status, stdout }: Outcome) => ({
      status,
      text: stdout.replace(/^; <<>>.*$|, id: \d+|time: \d+|WHEN: .*$/gm, ''),
    })
    const mine = await ours('dig', ...args)
    expect(shown(mine)).toEqual(shown(await near('dig', ...args)))
    expect(mine.stdout).toContain(';; SERVER: 127.0.0.1#5399(localhost) (UDP)')
    expect(mine.stdout).toMatch(/^; <<>> jackfield \S+ dig <<>> -4 -p 5399 @localhost far\.test$/m)
    await server.stop()
    const unknown = await ours('dig', '@nowhere.invalid', 'x')
    expect(unknown).toMatchObject({ status: 1, stdout: '' })
    expect(unknown.stderr).toMatch(/^jackfield: nowhere\.invalid: [^\n]+\n$/)
  })

  describe.each(ROUTED)('over $family', ({ flag, far, nearRouter }) => {
    /** An address of the near host's that the router has told no errors yet: it tells each only so many a second. */
    const source = (): string => {
      const address = nearRouter.replace(/2$/, String(10 + sources++))
      routed.near.ip(
        'address',
        'add',
        `${address}/${flag === '-4' ? 24 : 64}`,
        'dev',
        'jf0',
        ...(flag === '-4' ? [] : ['nodad']),
      )
      return address
    }
    const nobody = far.replace(/1$/, '77')

    // All at once (-l): who has had an answer waits for the next no longer than a round trip or the interval has taken.
    test.each([
      ['a host', ['-c', '3', '-l', '3'], far],
      ['long requests', ['-c', '2', '-l', '2', '-s', '4000'], far],
      ['a quiet one', ['-c', '2', '-l', '2', '-q'], far],
      ['one that dies on the way', ['-c', '1', '-t', '1'], far],
      ['by an interface', ['-c', '2', '-l', '2', '-I', 'jf0'], far],
    ])('ping, as a raw socket and as one for everybody: %s', async (_, args, target) => {
      const all = ['-n', '-W', '20', ...args, target]
      const real = timeless(await near('ping', ...all))
      expect(timeless(await ours('ping', ...all))).toEqual(real)
      routed.near.sysctl('net.ipv4.ping_group_range', '0 2147483647')
      expect(timeless(await near('setpriv', ...UNPRIVILEGED, COMMAND, 'ping', ...all))).toEqual(real)
      routed.near.sysctl('net.ipv4.ping_group_range', '1 0')
    })

    test('ping without any right to it says what to do', async () => {
      const { status, stdout, stderr } = await near('setpriv', ...UNPRIVILEGED, COMMAND, 'ping', '-c', '1', far)
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
      expect(stderr).toMatch(/^jackfield: ping: a raw socket needs root or CAP_NET_RAW, .*ping_group_range[^\n]*\n$/)
    })

    test.each([
      ['UDP', []],
      ['UDP to one port', ['-U', '-p', '9']],
      ['ICMP', ['-I']],
      ['TCP', ['-T', '-p', '9']],
    ])('traceroute by %s goes the way that that of Debian goes', async (_, how) => {
      const args = [flag, '-n', '-q', '1', '-w', '20', '-s', source(), ...how, far]
      const real = timeless(await near('traceroute', ...args))
      expect(real.text).toContain(` 1  ${nearRouter}  ms`)
      expect(timeless(await ours('traceroute', ...args))).toEqual(real)
    })

    test('traceroute by ICMP where it is allowed to everybody', async () => {
      routed.near.sysctl('net.ipv4.ping_group_range', '0 2147483647')
      const args = ['-I', '-n', '-q', '1', '-w', '20', '-s', source(), far]
      const real = timeless(await near('traceroute', ...args))
      expect(timeless(await near('setpriv', ...UNPRIVILEGED, COMMAND, 'traceroute', ...args))).toEqual(real)
      routed.near.sysctl('net.ipv4.ping_group_range', '1 0')
    })

    test('serve answers curl, dig and nc, over both transports, and ours do', async () => {
      const services = ['echo', 'dns', `http=${routed.folder}`]
      writeFileSync(join(routed.folder, 'hosts'), `${far} far.test\n`)
      const hosts = join(routed.folder, 'hosts')
      const server = routed.far.start(COMMAND, ['serve', ...services, '--hosts', hosts, '--zone', 'test'])
      await server.saying(/^ready$/m)
      const url = `http://${far.includes(':') ? `[${far}]` : far}/page.txt`
      const page = 'from afar\n'.repeat(10_000)
      expect((await near('curl', '-sS', url)).stdout).toBe(page)
      expect((await ours('fetch', url)).stdout).toBe(page)
      const type = far.includes(':') ? 'AAAA' : 'A'
      expect((await near('dig', '+short', `@${far}`, 'far.test', type)).stdout).toBe(`${far}\n`)
      expect((await ours('dig', '+short', `@${far}`, 'far.test', type)).stdout).toBe(`${far}\n`)
      expect((await ours('fetch', '--dns-servers', far, flag, 'http://far.test/page.txt')).stdout).toBe(page)
      for (const program of ['nc', COMMAND]) {
        const words = program === COMMAND ? ['nc'] : []
        const stream = await routed.near.run(program, [...words, '-N', far, '7'], { input: 'over a stream\n' })
        expect(stream).toEqual({ status: 0, stdout: 'over a stream\n', stderr: '' })
        const datagram = await routed.near.run(program, [...words, '-u', '-W', '1', far, '7'], {
          input: 'by datagram\n',
        })
        expect(datagram.stdout).toBe('by datagram\n')
      }
      const { status, stderr } = await server.stop('SIGINT')
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    })

    test('nc listens, and nc of Debian calls', async () => {
      const listener = routed.far.start(COMMAND, ['nc', '-l', '-n', '-v', '4242'], { input: 'welcome\n' })
      await listener.saying('Listening on')
      const { stdout } = await routed.near.run('nc', [flag, '-N', far, '4242'], { input: 'hello\n' })
      expect(stdout).toBe('welcome\n')
      expect(await listener.ended).toMatchObject({ status: 0, stdout: 'hello\n' })
    })

    test('an address that nobody has', async () => {
      const { status, stdout } = await ours('ping', '-n', '-c', '1', '-W', '20', nobody)
      expect(status).toBe(1)
      expect(stdout).toMatch(/^From \S+ icmp_seq=1 Dest\w* (Host U|u)nreachable/m)
    })
  })
})
