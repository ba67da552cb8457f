import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, FAMILIES, KERNEL, Served, STACK } from './served.ts'

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
          const args = ['-c', '3', '-i', '0.01', '-w', '10', '-s', String(size), stack]
          const { status, stdout } = await served.run('ping', args)
          expect(stdout).not.toContain('wrong data')
          expect(status).toBe(0)
          // It may have asked once more before the third answer came: every request is answered all the same.
          const asked = Number(/(\d+) packets transmitted/.exec(stdout)?.[1])
          expect(asked).toBeGreaterThanOrEqual(3)
          await answered(served, family, before + asked)
        },
      )

      test('20000 in a flood are answered, every one', async () => {
        const before = answers(served, family)
        await served.run('ping', ['-q', '-f', '-c', '20000', stack], { within: 30_000 })
        // ping(8) waits for the last answers no longer than its shortest interval: the kernel counts on.
        await answered(served, family, before + 20000)
      })
    })
  })

  describe('from the stack', () => {
    let namespace: Namespace

    beforeAll(() => {
      namespace = new Namespace()
      // The interface is there before the command and after it: the administrator has set it up.
      namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
      namespace.configure('jf0', `${KERNEL}/24`)
    })

    afterAll(() => namespace?.close())

    const ping = (...args: string[]) =>
      namespace.run(COMMAND, ['ping', ...args, '--on', `tap:jf0,${STACK}/24,via ${KERNEL}`], { within: 30_000 })

    test('the kernel answers, and it is printed as ping(8) prints it', async () => {
      const { status, stdout, stderr } = await ping(KERNEL, '-c', '3', '-i', '0.01')
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const lines = stdout.split('\n')
      expect(lines[0]).toBe(`PING ${KERNEL} (${KERNEL}) 56(84) bytes of data.`)
      for (const i of [1, 2, 3]) {
        expect(lines[i]).toMatch(new RegExp(`^64 bytes from ${KERNEL}: icmp_seq=${i} ttl=64 time=[\\d.]+ ms$`))
      }
      expect(lines.slice(4, 6)).toEqual(['', `--- ${KERNEL} ping statistics ---`])
      expect(lines[6]).toMatch(/^3 packets transmitted, 3 received, 0% packet loss, time \d+ms$/)
      expect(lines[7]).toMatch(/^rtt min\/avg\/max\/mdev = [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms$/)
    })

    test.each(['0', '1473', '60000', '65507'])('of %s octets, fragments and all', async (size) => {
      const { stdout } = await ping(KERNEL, '-c', '3', '-i', '0.01', '-s', size)
      expect(stdout).toContain('3 packets transmitted, 3 received, 0% packet loss')
    })

    test('2000 in a flood are answered, every one', async () => {
      const { stdout } = await ping(KERNEL, '-f', '-c', '2000')
      expect(stdout).toContain('2000 packets transmitted, 2000 received, 0% packet loss')
    })

    test('nobody has the address: the host is unreachable, and the exit status is 1', async () => {
      const { status, stdout } = await ping('10.9.0.77', '-c', '1', '-W', '5')
      expect(stdout).toContain('1 packets transmitted, 0 received')
      expect(stdout).toMatch(/From 10\.9\.0\.2 icmp_seq=1 Destination Host Unreachable/)
      expect(status).toBe(1)
    })

    test('a router that says no: its words are printed', async () => {
      namespace.sysctl('net.ipv4.ip_forward', 1)
      namespace.ip('route', 'add', 'unreachable', '192.0.2.0/24')
      namespace.ip('route', 'add', 'prohibit', '198.51.100.0/24')
      const unreachable = await ping('192.0.2.1', '-c', '1')
      expect(unreachable.stdout).toContain(`From ${KERNEL} icmp_seq=1 Destination Host Unreachable`)
      const prohibited = await ping('198.51.100.1', '-c', '1')
      expect(prohibited.stdout).toContain(`From ${KERNEL} icmp_seq=1 Packet filtered`)
      expect(prohibited.status).toBe(1)
    })

    test('no answer within the time: loss, and the exit status is 1', async () => {
      namespace.sysctl('net.ipv4.icmp_echo_ignore_all', 1)
      const { status, stdout } = await ping(KERNEL, '-c', '2', '-i', '0.01', '-W', '0.2')
      namespace.sysctl('net.ipv4.icmp_echo_ignore_all', 0)
      expect(stdout).toContain('2 packets transmitted, 0 received, 100% packet loss')
      expect(status).toBe(1)
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
      [['nowhere', '-c', '1'], '"nowhere" is no IPv4 address'],
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
