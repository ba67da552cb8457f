import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { amount } from '../soak.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, FAMILIES, KERNEL, KERNEL6, PLACE, Served, STACK } from './served.ts'

const FLOOD = amount(2000, 20_000)

type Family = (typeof FAMILIES)[number]['family']

/** Echo replies that the kernel has received: IcmpInEchoReps, Icmp6InEchoReplies. */
function answers(served: Served, family: Family): number {
  if (family === 'IPv6') {
    return Number(/^Icmp6InEchoReplies\s+(\d+)$/m.exec(served.namespace.read('/proc/net/snmp6'))?.[1])
  }
  const text = served.namespace.read('/proc/net/snmp')
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Icmp: ')) as [string, string]
  return Number(values.split(' ')[names.split(' ').indexOf('InEchoReps')])
}

/** Waits until the kernel has received so many, not more. */
async function answered(served: Served, family: Family, count: number): Promise<void> {
  while (answers(served, family) < count) await served.run('sleep', ['0.05'])
  expect(answers(served, family)).toBe(count)
}

describeNetwork('echo requests', ['ping', 'sysctl'], () => {
  describe.each(['tap', 'tun'] as const)('from the kernel, over %s', (kind) => {
    let served: Served

    beforeAll(async () => {
      served = await Served.start({ kind })
    })

    afterAll(() => served?.close())

    describe.each(FAMILIES)('and $family', ({ family, stack }) => {
      test.each([0, 1, 56, 1452, 1453, 1472, 1473, 8000, 60000, 65507])(
        'of %i octets are answered, fragments and all',
        async (size) => {
          const before = answers(served, family)
          // (With -w it would go on asking until it has three answers: hundreds of fragments are more than the interface keeps for who is busy.)
          const args = ['-c', '3', '-i', '0.01', '-W', '20', '-s', String(size), stack]
          const { status, stdout } = await served.run('ping', args)
          expect(stdout).not.toContain('wrong data')
          expect(status).toBe(0)
          // It may have ended before the last answer came: the kernel counts on.
          await answered(served, family, before + 3)
        },
      )

      test(`${FLOOD} in a flood are answered, every one`, async () => {
        const before = answers(served, family)
        await served.run('ping', ['-q', '-f', '-c', String(FLOOD), stack])
        // ping(8) waits for the last answers no longer than its shortest interval: the kernel counts on.
        await answered(served, family, before + FLOOD)
      })
    })
  })

  describe('from the stack', () => {
    let namespace: Namespace
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-ping-'))

    beforeAll(() => {
      namespace = new Namespace()
      // The interface is there before the command and after it: the administrator has set it up.
      namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
      namespace.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`])
    })

    afterAll(async () => {
      await namespace?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const ping = (...args: string[]) => namespace.run(COMMAND, ['ping', ...args, '--on', `tap:jf0,${PLACE}`])

    describe.each([
      {
        ...FAMILIES[0],
        greeting: `PING ${KERNEL} (${KERNEL}) 56(84) bytes of data.`,
        nobody: '10.9.0.77',
        nobodyThere: 'Destination Host Unreachable',
        forward: 'net.ipv4.ip_forward',
        beyond: '192.0.2.1',
        far: '192.0.2.0/24',
        behind: '203.0.113.1',
        words: 'Packet filtered',
        ignore: 'net.ipv4.icmp_echo_ignore_all',
        fits: 1472,
      },
      {
        ...FAMILIES[1],
        greeting: `PING ${KERNEL6}(${KERNEL6}) 56 data bytes`,
        nobody: 'fd09::77',
        nobodyThere: 'Destination unreachable: Address unreachable',
        forward: 'net.ipv6.conf.all.forwarding',
        beyond: '2001:db8:1::1',
        far: '2001:db8:1::/48',
        behind: '2001:db8:2::1',
        words: 'Destination unreachable: Administratively prohibited',
        ignore: 'net.ipv6.icmp.echo_ignore_all',
        fits: 1452,
      },
    ])(
      'over $family',
      ({ kernel, stack, greeting, nobody, nobodyThere, forward, beyond, far, behind, words, ignore, fits }) => {
        test('the kernel answers, and it is printed as ping(8) prints it', async () => {
          const { status, stdout, stderr } = await ping(kernel, '-c', '3', '-i', '0.01')
          expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
          const lines = stdout.split('\n')
          expect(lines[0]).toBe(greeting)
          for (const i of [1, 2, 3]) {
            expect(lines[i]).toMatch(new RegExp(`^64 bytes from ${kernel}: icmp_seq=${i} ttl=64 time=[\\d.]+ ms$`))
          }
          expect(lines.slice(4, 6)).toEqual(['', `--- ${kernel} ping statistics ---`])
          expect(lines[6]).toMatch(/^3 packets transmitted, 3 received, 0% packet loss, time \d+ms$/)
          expect(lines[7]).toMatch(/^rtt min\/avg\/max\/mdev = [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms(, pipe \d+)?$/)
        })

        test('-I: by an interface, whose address is told', async () => {
          const { status, stdout } = await ping(kernel, '-c', '1', '-I', 'jf0')
          expect(stdout).toContain(` from ${stack} jf0: 56`)
          expect(stdout).toContain('1 packets transmitted, 1 received, 0% packet loss')
          expect(status).toBe(0)
        })

        test.each(['0', '60000', '65507'])('of %s octets, fragments and all', async (size) => {
          const { stdout } = await ping(kernel, '-c', '3', '-i', '0.01', '-s', size)
          expect(stdout).toContain('3 packets transmitted, 3 received, 0% packet loss')
        })

        test('-M do: what fits is sent, an octet more is too long', async () => {
          const whole = await ping(kernel, '-c', '1', '-M', 'do', '-s', String(fits))
          expect(whole.stdout).toContain('1 received')
          const more = await ping(kernel, '-c', '1', '-M', 'do', '-s', String(fits + 1))
          expect(more.stderr).toMatch(/^jackfield: ping: local error: message too long, mtu[=:] ?1500\n$/)
          expect(more.stdout).toContain('1 packets transmitted, 0 received, +1 errors, 100% packet loss')
          expect(more.status).not.toBe(0)
        })

        test('2000 in a flood are answered, every one', async () => {
          const { stdout } = await ping(kernel, '-f', '-c', '2000')
          expect(stdout).toContain('2000 packets transmitted, 2000 received, 0% packet loss')
        })

        test('-q prints the first line and the last ones', async () => {
          const { stdout } = await ping(kernel, '-q', '-c', '2', '-i', '0.01')
          expect(stdout.split('\n').map((line) => line.slice(0, 4))).toEqual([
            greeting.slice(0, 4),
            '',
            '--- ',
            '2 pa',
            'rtt ',
            '',
          ])
        })

        test('nobody has the address: the host is unreachable, and the exit status is 1', async () => {
          const { status, stdout } = await ping(nobody, '-c', '1', '-W', '20')
          expect(stdout).toContain('1 packets transmitted, 0 received')
          expect(stdout).toContain(`From ${stack} icmp_seq=1 ${nobodyThere}\n`)
          expect(status).toBe(1)
        })

        test('a router that says no, and one where the hops are spent: their words are printed', async () => {
          namespace.sysctl(forward, 1)
          namespace.ip('route', 'add', 'prohibit', far)
          const prohibited = await ping(beyond, '-c', '1')
          expect(prohibited.stdout).toContain(`From ${kernel} icmp_seq=1 ${words}\n`)
          expect(prohibited.status).toBe(1)
          // It would go back where it came from, had it a hop left.
          namespace.ip('route', 'add', behind, 'via', stack)
          const spent = await ping(behind, '-c', '1', '-t', '1')
          expect(spent.stdout).toMatch(/ icmp_seq=1 (Time to live exceeded|Time exceeded: Hop limit)\n/)
        })

        test('no answer within the time: loss, and the exit status is 1', async () => {
          namespace.sysctl(ignore, 1)
          const { status, stdout } = await ping(kernel, '-c', '2', '-i', '0.01', '-W', '0.2')
          namespace.sysctl(ignore, 0)
          expect(stdout).toContain('2 packets transmitted, 0 received, 100% packet loss')
          expect(status).toBe(1)
        })
      },
    )

    test('names of --hosts: the family that is asked for, and names in what is printed unless -n', async () => {
      const hosts = join(folder, 'hosts')
      writeFileSync(hosts, `${KERNEL} kernel\n${KERNEL6} kernel\n`)
      const named = await ping('kernel', '-4', '-c', '1', '--hosts', hosts)
      expect(named.stdout).toContain(
        `PING kernel (${KERNEL}) 56(84) bytes of data.\n64 bytes from kernel (${KERNEL}): `,
      )
      const numeric = await ping('kernel', '-6', '-n', '-c', '1', '--hosts', hosts)
      expect(numeric.stdout).toContain(`PING kernel(${KERNEL6}) 56 data bytes\n64 bytes from ${KERNEL6}: icmp_seq=1`)
    })

    test('a link-local address with the name of its link', async () => {
      const own = /inet6 (fe80::\S+)\/64/.exec(namespace.ip('-6', 'address', 'show', 'dev', 'jf0'))?.[1]
      const { stdout } = await ping(`${own}%jf0`, '-c', '1')
      expect(stdout).toContain(`64 bytes from ${own}%jf0: icmp_seq=1 ttl=64`)
    })

    test('over an interface that is not up: one line says so, and what to do', async () => {
      const where = `tap:jf1,10.9.1.2/24`
      const { status, stdout, stderr } = await namespace.run(COMMAND, [
        ...['ping', '10.9.1.1', '-c', '1', '-W', '0.1', '--on', where],
      ])
      expect(stderr).toBe(
        "jackfield: jf1 is not up, nothing gets through; the kernel's side: " +
          'ip address add 10.9.1.1/24 dev jf1; ip link set jf1 up\n',
      )
      expect(stdout).toContain('1 packets transmitted, 0 received')
      expect(status).toBe(1)
    })

    test('SIGINT ends it with the summary', async () => {
      const running = namespace.start(COMMAND, ['ping', KERNEL, '-i', '0.01', '--on', `tap:jf0,${STACK}/24`])
      await running.saying('icmp_seq=3')
      const { status, stdout } = await running.stop('SIGINT')
      expect(stdout).toMatch(/\d+ packets transmitted, \d+ received, 0% packet loss/)
      expect(status).toBe(0)
    })

    test.each([
      [['nowhere', '-c', '1'], '"nowhere" is no address, and names are not known: --dns says whom to ask'],
      [[KERNEL, '-6'], 'Address family for hostname not supported'],
      [[KERNEL, '-4', '-6'], 'there are both -4 and -6'],
      [[KERNEL, '--dns', 'server'], '--dns "server" is no address'],
      [[KERNEL, '-c', '0'], 'It must be a whole number from 1'],
      [[KERNEL, '-s', '65508'], 'It must be a whole number from 0 to 65507'],
      [[KERNEL, '-i', 'soon'], 'It must be a number of seconds'],
    ])('%j is refused in one line with status 2', async (args, message) => {
      const { status, stderr } = await ping(...args)
      expect(stderr).toMatch(/^jackfield: [^\n]+\n$/)
      expect(stderr).toContain(message)
      expect(status).toBe(2)
    })
  })
})
