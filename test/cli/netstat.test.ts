import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { ControlServer } from '../../src/cli/netstat/control-server.ts'
import { chooseSockets } from '../../src/cli/netstat/netstat-flags.ts'
import { countersText, interfacesText, neighboursText, routesText } from '../../src/cli/netstat/netstat-text.ts'
import { commandName } from '../../src/cli/netstat/show-command.ts'
import { type StackSnapshot, snapshotOf } from '../../src/platform/stack-snapshot.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { NetstatEntry, NetstatProtocol } from '../../src/stack/netstat.ts'
import { Stack } from '../../src/stack/stack.ts'

describe('the control socket', () => {
  let folder: string
  let path: string
  let stack: Stack
  let open: ControlServer | null = null

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-control-'))
    path = join(folder, 'control')
    stack = new Stack({ clock: new ManualClock(), random: new SeededRandom(1) })
    const listener = new Socket(stack, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 80 })
    listener.listen(3)
  })

  afterEach(() => {
    open?.close()
    open = null
    stack.close()
    rmSync(folder, { recursive: true })
  })

  const read = (): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = ''
      connect(path)
        .on('data', (part) => {
          text += part
        })
        .on('end', () => resolve(text))
        .on('error', reject)
    })

  it('tells who connects how the stack is then, and goes away with its command', async () => {
    open = await ControlServer.open(path, stack)
    const first = JSON.parse(await read()) as StackSnapshot
    expect(first).toEqual(JSON.parse(JSON.stringify(snapshotOf(stack, commandName()))))
    expect(first.sockets).toMatchObject([{ localPort: 80, state: 'LISTEN', sendQueue: 3, pid: process.pid }])
    const other = new Socket(stack, AF_INET, SOCK_STREAM)
    other.bind({ address: '127.0.0.1', port: 81 })
    other.listen()
    expect((JSON.parse(await read()) as StackSnapshot).sockets).toHaveLength(2)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    open.close()
    open = null
    await expect(read()).rejects.toThrow('ENOENT')
  })

  it('takes the place of one that a killed command has left, but not of one that is used, nor of a file', async () => {
    const left = createServer()
    await new Promise<void>((resolve) => left.listen(`${path}-of-another`, resolve))
    renameSync(`${path}-of-another`, path)
    await expect(ControlServer.open(path, stack)).rejects.toThrow('there is something already')
    // Node looks for its file where that was.
    await new Promise((resolve) => left.close(resolve))
    open = await ControlServer.open(path, stack)
    expect(JSON.parse(await read())).toMatchObject({ pid: process.pid })
    open.close()
    open = null
    writeFileSync(path, 'text')
    await expect(ControlServer.open(path, stack)).rejects.toThrow('there is something already')
    expect(readFileSync(path, 'utf8')).toBe('text')
    rmSync(path)
    await expect(ControlServer.open(join(folder, 'no', 'folder'), stack)).rejects.toThrow('--control')
    await expect(ControlServer.open('x'.repeat(108), stack)).rejects.toThrow('must be a path of 1 to 107 octets')
  })
})

describe('jackfield netstat', () => {
  const entry = (protocol: NetstatProtocol, state: string): NetstatEntry => ({
    protocol,
    localAddress: '',
    localPort: 1,
    peerAddress: '',
    peerPort: 0,
    state,
    receiveQueue: 0,
    sendQueue: 0,
    fd: 3,
    pid: 1,
    timers: [],
    interface: null,
    details: null,
  })
  const sockets = [
    entry('tcp', 'LISTEN'),
    entry('tcp6', 'TIME-WAIT'),
    entry('udp', ''),
    entry('udp6', 'ESTABLISHED'),
    entry('icmp', ''),
    entry('raw6', ''),
    entry('unix-stream', 'LISTEN'),
    entry('unix-dgram', 'ESTABLISHED'),
  ]

  it.each([
    [{}, ['tcp6', 'udp6', 'unix-dgram']],
    [{ listening: true }, ['tcp', 'udp', 'icmp', 'raw6', 'unix-stream']],
    [{ all: true, tcp: true }, ['tcp', 'tcp6']],
    [{ all: true, udp: true, ipv6: true }, ['udp6']],
    [{ all: true, raw: true }, ['icmp', 'raw6']],
    [{ all: true, unix: true }, ['unix-stream', 'unix-dgram']],
    [{ all: true, ipv4: true }, ['tcp', 'udp', 'icmp']],
    [{ all: true, ipv4: true, ipv6: true, tcp: true }, ['tcp', 'tcp6']],
  ])('%o chooses as netstat(8)', (flags, chosen) => {
    expect(chooseSockets(sockets, flags).map(({ protocol }) => protocol)).toEqual(chosen)
  })

  it('prints routes, interfaces, neighbours and counters as tables', () => {
    expect(
      routesText([
        { destination: '10.0.0.0/24', family: 'IPv4', gateway: null, interface: 'eth0', metric: 0, source: '10.0.0.1' },
        { destination: 'default', family: 'IPv6', gateway: 'fe80::1', interface: 'eth0', metric: 7, source: null },
      ]),
    ).toBe(
      [
        'Destination  Gateway  Iface  Metric  Source',
        '10.0.0.0/24  *        eth0   0       10.0.0.1',
        '::/0         fe80::1  eth0   7       -',
        '',
      ].join('\n'),
    )
    const link = {
      name: 'eth0',
      index: 2,
      medium: 'ethernet',
      mtu: 1500,
      hardwareAddress: '02:00:00:00:00:01',
    } as const
    expect(interfacesText([{ ...link, addresses: ['10.0.0.1/24', 'fe80::1/64'] }])).toBe(
      [
        'Iface  Index  MTU   HWaddress          Address',
        'eth0   2      1500  02:00:00:00:00:01  10.0.0.1/24',
        '                                       fe80::1/64',
        '',
      ].join('\n'),
    )
    expect(neighboursText([{ address: '10.0.0.2', interface: 'eth0', hardwareAddress: null, state: 'FAILED' }])).toBe(
      'Address   HWaddress  State   Iface\n10.0.0.2  -          FAILED  eth0\n',
    )
    expect(
      countersText({ ip: { inReceives: 3, outRequests: 0 }, icmp: { icmpEchoRequests: 1 }, udp: { udpSent: 0 } }),
    ).toBe('Ip:\n    3 in receives\nIcmp:\n    1 echo requests\n')
  })
})
