// Our iperf3 and Debian's, each as client and as server: over a stack on a TAP, and over the operating system's sockets.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { amount, SOAKING } from '../soak.ts'
import { Namespace, type Outcome } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, KERNEL, KERNEL6, PLACE, STACK, STACK6 } from './served.ts'

const MEBI = 1024 * 1024

interface Sum {
  readonly bytes: number
  readonly bits_per_second: number
  readonly packets: number
  readonly lost_packets: number
}

interface Report {
  readonly start: {
    readonly connected: readonly unknown[]
    readonly cookie: string
    readonly test_start: Readonly<Record<string, unknown>>
  }
  readonly intervals: readonly { readonly sum: Sum; readonly streams: readonly Sum[] }[]
  readonly end: {
    readonly streams: readonly { readonly udp: { readonly jitter_ms: number } & Sum }[]
    readonly sum: Sum
    readonly sum_sent: Sum
    readonly sum_received: Sum
    readonly sum_sent_bidir_reverse: Sum
    readonly sum_received_bidir_reverse: Sum
    readonly cpu_utilization_percent: Readonly<Record<string, number>>
  }
  readonly server_output_json?: Report
}

/** What was tested: what the client printed, and the server. */
interface Pair {
  readonly client: Report
  readonly server: Report
}

function reportOf({ stdout, stderr, status }: Outcome): Report {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout)
}

describeNetwork('iperf3', ['iperf3', 'ss', 'sysctl'], () => {
  let namespace: Namespace

  beforeAll(() => {
    namespace = new Namespace()
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`])
  })

  afterAll(() => namespace?.close())

  /** One side, and where the other finds it. */
  interface Side {
    readonly program: string
    readonly words: readonly string[]
    readonly address: string
  }

  const debian: Side = { program: 'iperf3', words: [], address: KERNEL }
  const onOs: Side = { program: COMMAND, words: ['iperf3'], address: KERNEL }
  const onStack: Side = { program: COMMAND, words: ['iperf3', '--on', `tap:jf0,${PLACE}`], address: STACK }
  const onStack6: Side = { ...onStack, address: STACK6 }
  const debian6: Side = { ...debian, address: KERNEL6 }

  async function serving({ program, words }: Side, args: readonly string[]) {
    const running = namespace.start(program, [...words, '-s', ...args])
    if (program === COMMAND && !args.includes('-J')) await running.saying('Server listening on')
    else await listening(words)
    return running
  }

  /** Resolves when somebody listens at the port: what prints JSON says nothing until the end. */
  async function listening(words: readonly string[]): Promise<void> {
    // Nobody can look into a stack from outside, but a port that nobody listens at refuses.
    const line = words.includes('--on')
      ? `until exec 3<>/dev/tcp/${STACK}/5201; do :; done 2> /dev/null`
      : 'until ss -Hltn sport = :5201 | grep -q .; do :; done'
    expect((await namespace.shell(line)).status).toBe(0)
  }

  async function between(client: Side, server: Side, args: readonly string[]): Promise<Pair> {
    const running = await serving(server, ['-1', '-J'])
    const words = [...client.words, '-c', server.address, '-J', ...args]
    const report = reportOf(await namespace.run(client.program, words))
    return { client: report, server: reportOf(await running.ended) }
  }

  const sides = [
    ['ours on the stack, to Debian', onStack, debian],
    ['Debian, to ours on the stack', debian, onStack],
    ['ours on the operating system, to Debian', onOs, debian],
    ['Debian, to ours on the operating system', debian, onOs],
    ['ours on the stack, to Debian, IPv6', onStack6, debian6],
    ['Debian, to ours on the stack, IPv6', debian6, onStack6],
  ] as const

  describe.each(sides.slice(0, amount(4, 6)))('%s', (_, client, server) => {
    const ourServer = server.program === COMMAND
    /** Debian's client counts blocks that it could not send whole, and sends some more. */
    const went = (sum: Sum, bytes: number) => {
      if (ourServer) expect(sum.bytes).toBeGreaterThanOrEqual(bytes)
      else expect(sum.bytes).toBe(bytes)
    }
    /** Debian's server stops counting when it hears of the end, which may be before the last octets. */
    const came = (sum: Sum, bytes: number) => {
      if (ourServer) expect(sum.bytes).toBe(bytes)
      else expect(sum.bytes).toBeLessThanOrEqual(bytes)
      expect(sum.bytes).toBeGreaterThan(0)
    }

    test('TCP: so many octets; both sides say the same', async () => {
      const { client: here, server: there } = await between(client, server, ['-n', '20M'])
      went(here.end.sum_sent, 20 * MEBI)
      came(here.end.sum_received, here.end.sum_sent.bytes)
      expect(there.end.sum_received.bytes).toBe(here.end.sum_received.bytes)
      expect(here.start.cookie).toBe(there.start.cookie)
      const octets = here.intervals.reduce((sum, one) => sum + one.sum.bytes, 0)
      expect(octets).toBe(here.end.sum_sent.bytes)
      expect(here.end.sum_sent.bits_per_second).toBeGreaterThan(0)
      expect(here.end.cpu_utilization_percent).toHaveProperty('remote_total')
    })

    test('-R: the server sends', async () => {
      const { client: here, server: there } = await between(client, server, ['-R', '-n', '10M'])
      expect(here.end.sum_received.bytes).toBeGreaterThanOrEqual(10 * MEBI)
      expect(here.end.sum_sent.bytes).toBe(there.end.sum_sent.bytes)
      if (ourServer) expect(there.end.sum_sent.bytes).toBe(10 * MEBI)
    })

    // The end comes in the middle of a block, of which the other side would have the rest. A second at full speed takes both processors:
    // once as a client and once as a server, on the stack and on the operating system, but in a soak.
    const atFullSpeed = SOAKING || client === onStack || (server === onOs && client === debian)
    test.each([['-t 1 --bidir -P 2'], ['-t 1 -R'], ['-t 1']].slice(0, atFullSpeed ? amount(1, 3) : 0))(
      '%s: as much as goes',
      async (words = '') => {
        const { client: here, server: there } = await between(client, server, words.split(' '))
        expect(here.end.sum_received.bytes).toBeGreaterThan(0)
        // Each side knows of itself: Debian's server says nothing of the client's octets.
        const side = words.includes('-R') ? 'sum_sent' : 'sum_received'
        expect(here.end[side].bytes).toBe(there.end[side].bytes)
      },
    )

    test('-P 3: three streams, whose sum is what was asked for', async () => {
      const { client: here, server: there } = await between(client, server, ['-P', '3', '-n', '12M'])
      expect([here, there].map(({ start }) => start.connected.length)).toEqual([3, 3])
      went(here.end.sum_sent, 12 * MEBI)
      came(here.end.sum_received, here.end.sum_sent.bytes)
      expect(there.end.sum_received.bytes).toBe(here.end.sum_received.bytes)
    })

    test('--bidir: both send', async () => {
      const { client: here, server: there } = await between(client, server, ['--bidir', '-n', '4M'])
      expect(here.end.sum_sent.bytes).toBeGreaterThan(0)
      expect(here.end.sum_received.bytes).toBe(there.end.sum_received.bytes)
      expect(here.end.sum_sent_bidir_reverse.bytes).toBe(there.end.sum_sent_bidir_reverse.bytes)
    })

    test('-u -b: datagrams with numbers', async () => {
      const args = ['-u', '-b', '20M', '-l', '1200', '-n', '240000']
      const { client: here, server: there } = await between(client, server, args)
      expect(here.end.sum_sent).toMatchObject({ packets: 200, bytes: 240_000 })
      expect(here.end.sum.lost_packets).toBe(there.end.sum.lost_packets)
      // Those that come last may come after the end was heard of; those before them are lost only if they were.
      expect(there.end.sum_received.bytes + 1200 * there.end.sum.lost_packets).toBe(1200 * there.end.sum.packets)
      // One that comes alone has nothing to be measured against.
      if (here.end.sum.packets > 1) expect(here.end.streams[0]?.udp.jitter_ms).toBeGreaterThan(0)
    })

    test('-u -R, with counters of 64 bits', async () => {
      const args = ['-u', '-R', '-b', '20M', '-l', '1200', '-k', '100', '--udp-counters-64bit']
      const { client: here, server: there } = await between(client, server, args)
      expect(here.intervals.reduce((sum, one) => sum + one.sum.bytes, 0)).toBeGreaterThanOrEqual(120_000)
      expect(here.end.sum_sent.bytes).toBe(there.end.sum_sent.bytes)
      expect(here.end.sum.packets).toBeLessThanOrEqual(there.end.sum_sent.packets)
    })
  })

  test('-k 3 -l 1000 -w -M -N -S -C -O -T: the other side is told, and obeys', async () => {
    const args = ['-k', '3', '-l', '1000', '-w', '64K', '-M', '1000', '-N', '-S', '0x10', '-C', 'reno', '-T', 'title']
    for (const [client, server] of [
      [onStack, debian],
      [debian, onStack],
    ] as const) {
      const { client: here, server: there } = await between(client, server, [...args, '--extra-data', 'more'])
      const expected = { blksize: 1000, blocks: 3, tos: 16, protocol: 'TCP', num_streams: 1 }
      expect(here.start.test_start).toMatchObject(expected)
      expect(there.start.test_start).toMatchObject(expected)
      expect(here).toMatchObject({ title: 'title', extra_data: 'more', end: { sender_tcp_congestion: 'reno' } })
      expect(there).toMatchObject({ title: 'title', extra_data: 'more' })
      expect(here.end.sum_sent.bytes).toBe(3000)
    }
  })

  test('-t 1 -O 1 -i 0.5: intervals, of which those at the beginning are left out', async () => {
    const { client: here, server: there } = await between(debian, onStack, [
      '-t',
      '1',
      '-O',
      '1',
      '-i',
      '0.5',
      '-b',
      '8M',
    ])
    for (const { intervals } of [here, there]) {
      expect(intervals.some(({ sum }) => (sum as unknown as { omitted: boolean }).omitted)).toBe(true)
      expect(intervals.some(({ sum }) => !(sum as unknown as { omitted: boolean }).omitted)).toBe(true)
    }
    expect(there.end.sum_received.bytes).toBe(here.end.sum_received.bytes)
  })

  test('over a link that loses datagrams: both sides count the same', async () => {
    // Each side waits for a first datagram of the other, which iperf3 never sends again: lost are those that find the queue full.
    const lossy: Side = { ...onStack, words: [...onStack.words, '--impair', 'rate=20M,queue=20000'] }
    const many = ['-u', '-k', '1500', '-b', '40M', '-l', '1000']
    const { client: here, server: there } = await between(lossy, debian, many)
    expect(here.end.sum.lost_packets).toBeGreaterThan(0)
    expect(here.end.sum.lost_packets).toBe(there.end.sum.lost_packets)
    const { client: back } = await between(lossy, debian, [...many, '-R'])
    expect(back.end.sum.lost_packets).toBeGreaterThan(0)
  })

  test('the lines are laid out as those of Debian', async () => {
    const form = (text: string) =>
      text
        .replace(/\[ *\d+\]/g, '[ N]')
        .replace(/\d+\.\d\d-(\d+\.\d\d) +/g, 'time ')
        .replace(/ *\d+(\.\d+)? ([KMGT]?(Bytes|bits)(\/sec)?)/g, ' N unit$4')
        .replace(/(unit\/sec +)\d+ /g, '$1R ')
        // Debian's server stops counting when it hears of the end.
        .replace(/ 0\/[0-3] \((?:0|-?nan)%\)( +receiver)/g, ' 0/N (0%)$1')
        .replace(/port \d+/g, 'P')
        .replace(/10\.9\.0\.\d/g, 'A')
    for (const args of [
      ['-i', '30', '-n', '1M'],
      ['-i', '30', '-R', '-n', '1M', '-P', '2'],
      ['-i', '30', '-u', '-k', '3', '-b', '1M', '-l', '1000'],
    ]) {
      const outputs: string[] = []
      for (const [client, server] of [
        [onStack, debian],
        [onOs, onStack],
        [debian, onStack],
      ] as const) {
        const running = await serving(server, ['-1', '--forceflush'])
        const { stdout } = await namespace.run(client.program, [...client.words, '-c', server.address, ...args])
        await running.ended
        outputs.push(form(stdout).replace(/ *\d+\.\d{3} ms/g, ' ms'))
      }
      const [toDebian, toOurs, debians] = outputs
      expect(toDebian).toBe(debians)
      expect(toOurs).toBe(debians)
    }
  })

  test('--get-server-output: the lines and the object of the other', async () => {
    const running = await serving(onStack, ['-1'])
    const { stdout } = await namespace.run('iperf3', ['-c', STACK, '-n', '1M', '--get-server-output'])
    expect(stdout).toMatch(/Server output:\nAccepted connection from 10\.9\.0\.1, port \d+\n(.*\n)+\[.*receiver\n/)
    await running.ended
    const { client: here } = await between(onStack, debian, ['-n', '1M', '--get-server-output'])
    expect(here.server_output_json?.end.sum_received.bytes).toBe(here.end.sum_received.bytes)
  })

  test('a server that is busy refuses, and goes on with who was first', async () => {
    for (const [server, client, other] of [
      [onStack, debian, debian],
      [debian, onStack, onOs],
    ] as const) {
      const running = await serving(server, ['-i', '0.1', '--forceflush'])
      const words = ['-c', server.address, '-t', '100', '-b', '1M', '-i', '0.1', '--forceflush']
      const first = namespace.start(client.program, [...client.words, ...words])
      await first.saying(/sec .*\n.*sec /)
      expect(await namespace.run(other.program, [...other.words, '-c', server.address])).toMatchObject({
        status: 1,
        stderr: 'iperf3: error - the server is busy running a test. try again later\n',
      })
      const stopped = await first.stop('SIGTERM')
      expect(stopped).toMatchObject({ status: 1 })
      expect(stopped.stderr).toContain('iperf3: interrupt - the client has terminated\n')
      // Whoever calls before it has heard of that, or has done with it, would find it busy.
      await running.saying('iperf3: the client has terminated\n')
      await running.saying('(test #2)')
      expect((await namespace.run(client.program, [...client.words, '-c', server.address, '-n', '1K'])).status).toBe(0)
      await running.stop()
    }
  })

  test('nobody listens, the server ends, the client is killed: a line, and the statuses of iperf3', async () => {
    expect(await namespace.run(COMMAND, [...onStack.words, '-c', KERNEL, '-p', '5999'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'iperf3: error - unable to connect to server: Connection refused\n',
    })
    const json = await namespace.run(COMMAND, [...onOs.words, '-c', KERNEL, '-p', '5999', '-J'])
    expect(json).toMatchObject({ status: 1, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({ error: 'unable to connect to server: Connection refused' })

    const server = await serving(onStack, [])
    const endless = ['-t', '100', '-b', '1M', '-i', '0.1', '--forceflush']
    const killed = namespace.start('iperf3', ['-c', STACK, ...endless])
    await killed.saying(/sec .*\n.*sec /)
    await killed.stop('SIGKILL')
    await server.saying('iperf3: the client has unexpectedly closed the connection\n')
    const left = namespace.start('iperf3', ['-c', STACK, ...endless])
    await left.saying(/sec .*\n.*sec /)
    expect(await server.stop('SIGTERM')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('iperf3: interrupt - the server has terminated\n'),
    })
    expect(await left.ended).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('iperf3: error - the server has terminated\n'),
    })
  })
})
