import { describe, expect, it } from 'vitest'
import type { NetstatEntry, NetstatSystem } from '../../src/base/netstat-entry.ts'
import { checkFlags, chooseRoutes, kindsOf, readRepeat, viewOf } from '../../src/cli/netstat/netstat-flags.ts'
import { countersText, headingText, interfacesText } from '../../src/cli/netstat/netstat-text.ts'
import { formatNetstat, formatSystem, type NetstatTextOptions } from '../../src/stack/netstat-text.ts'

describe('-c', () => {
  it.each([
    [true, { interval: 1000 }],
    ['5', { interval: 5000 }],
    ['.5', { interval: 500 }],
    ['t', { interval: 1000, flags: { tcp: true } }],
    ['tan4', { interval: 1000, flags: { tcp: true, all: true, numeric: true, ipv4: true } }],
    ['/run/control', { interval: 1000, path: '/run/control' }],
  ])('%j is %o', (continuous, meant) => {
    expect(readRepeat(undefined, { continuous })).toMatchObject(meant)
  })

  it.each(['0', '0.0', '1e3', '-1', '86401', '.', ''])('%j is no time', (continuous) => {
    expect(() => readRepeat(undefined, { continuous })).toThrow(`-c ${JSON.stringify(continuous)} must be a number`)
  })

  it('takes no second path', () => {
    expect(() => readRepeat('/run/a', { continuous: '/run/b' })).toThrow('-c "/run/b" must be a number of seconds')
    expect(readRepeat('/run/a', {})).toEqual({ path: '/run/a', flags: {}, interval: null })
  })
})

describe('flags', () => {
  it('of one program and of all exclude each other', () => {
    expect(() => checkFlags('/run/a', { userspace: true })).toThrow('--userspace is for a list of all')
    expect(() => checkFlags('', {})).toThrow('"" must be a path of 1 to 107 octets')
    expect(() => checkFlags('x'.repeat(108), {})).toThrow('must be a path of 1 to 107 octets')
    expect(() => checkFlags('x'.repeat(107), {})).not.toThrow()
    expect(() => checkFlags(undefined, { all: true, listening: true })).toThrow('-a and -l exclude each other')
    expect(() => checkFlags(undefined, { os: true, userspace: true })).not.toThrow()
  })

  it.each([
    [{}, 'sockets'],
    [{ route: true, statistics: true }, 'routes'],
    [{ interfaces: true }, 'interfaces'],
    [{ neighbours: true }, 'neighbours'],
    [{ statistics: true }, 'counters'],
  ])('%o list %s', (flags, view) => {
    expect(viewOf(flags)).toBe(view)
  })

  it.each([
    [{}, 'tcp udp raw icmp unix'],
    [{ tcp: true }, 'tcp'],
    [{ raw: true, unix: true }, 'raw icmp unix'],
    [{ ipv6: true }, 'tcp udp raw icmp'],
    [{ ipv4: true, ipv6: true }, 'tcp udp raw icmp unix'],
  ])('%o ask the operating system for %s', (flags, kinds) => {
    expect(kindsOf(flags).join(' ')).toBe(kinds)
  })

  it('choose routes of a family', () => {
    const route = { destination: 'default', gateway: null, interface: 'eth0', metric: 0, source: null }
    const routes = [{ ...route, family: 'IPv4' } as const, { ...route, family: 'IPv6' } as const]
    expect(chooseRoutes(routes, { ipv6: true })).toEqual([routes[1]])
    expect(chooseRoutes(routes, { ipv4: true })).toEqual([routes[0]])
    expect(chooseRoutes(routes, {})).toEqual(routes)
  })
})

describe('the table', () => {
  const system: NetstatSystem = {
    ...{ inode: 1061, peerInode: null, uid: 1000, cookie: '1c', memory: null, file: null },
    ...{ holders: [], typeOfService: 16, trafficClass: null, mark: null, v6only: null, shutdown: 2 },
  }
  const entry: NetstatEntry = {
    ...{ protocol: 'tcp', localAddress: '10.0.0.1', localPort: 80, peerAddress: '10.0.0.2', peerPort: 50000 },
    ...{
      state: 'ESTABLISHED',
      receiveQueue: 0,
      sendQueue: 7,
      fd: 3,
      pid: 12,
      timers: [],
      interface: null,
      details: null,
    },
  }
  const lines = (one: NetstatEntry, options: NetstatTextOptions) =>
    formatNetstat([one], options)
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().replace(/ +/g, ' '))
  const heading = 'Proto Recv-Q Send-Q Local Address Foreign Address State'

  it('has who holds a socket as is asked for', () => {
    const row = 'tcp 0 7 10.0.0.1:80 10.0.0.2:50000 ESTABLISHED'
    expect(lines(entry, {})).toEqual([`${heading} PID/FD`, `${row} 12/3`])
    expect(lines(entry, { holders: 'none' })).toEqual([heading, row])
    expect(lines(entry, { holders: 'program', program: 'web server' })).toEqual([
      `${heading} PID/FD/Program`,
      `${row} 12/3/web server`,
    ])
    const holders = [
      { pid: 12, fd: 3, name: 'node' },
      { pid: 13, fd: 4, name: 'sh' },
    ]
    expect(lines({ ...entry, system: { ...system, holders } }, { holders: 'program' })[1]).toBe(
      `${row} 12/3/node,13/4/sh`,
    )
    expect(lines({ ...entry, fd: null, pid: null, system }, { holders: 'program' })[1]).toBe(`${row} -`)
  })

  it('has names of services where they are known, of TCP and UDP alone', () => {
    const serviceName = (port: number, transport: string) => (port === 80 ? `http-${transport}` : null)
    const name = (protocol: NetstatEntry['protocol']) =>
      lines({ ...entry, protocol }, { serviceName })[1]?.split(' ')[3]
    expect(name('tcp6')).toBe('10.0.0.1:http-tcp')
    expect(name('udp')).toBe('10.0.0.1:http-udp')
    expect(name('raw')).toBe('10.0.0.1:80')
    expect(lines(entry, { serviceName })[1]).toContain('10.0.0.2:50000')
  })

  it('has the numbers of Unix sockets of the operating system, most of which have no name', () => {
    const unix = { ...entry, protocol: 'unix-stream', localAddress: '', peerAddress: '/run/a' } as const
    expect(lines({ ...unix, system: { ...system, peerInode: 1062 } }, { holders: 'none' })[1]).toBe(
      'u_str 0 7 * 1061 /run/a 1062 ESTABLISHED',
    )
    expect(lines({ ...unix, system }, { holders: 'none' })[1]).toBe('u_str 0 7 * 1061 /run/a * ESTABLISHED')
    expect(lines(unix, { holders: 'none' })[1]).toBe('u_str 0 7 * /run/a ESTABLISHED')
  })

  it('has what the system knows in the words of ss', () => {
    expect(lines({ ...entry, system }, { details: true })[2]).toBe('uid:1000 ino:1061 sk:1c tos:0x10 shutdown:-w')
    const memory = {
      ...{
        received: 1,
        receiveBuffer: 2,
        sent: 3,
        sendBuffer: 4,
        forward: 5,
        queued: 6,
        option: 7,
        backlog: 8,
        drops: 9,
      },
    }
    expect(formatSystem({ ...system, uid: 0, typeOfService: 0, shutdown: 0, v6only: false, mark: 77, memory })).toBe(
      'ino:1061 sk:1c fwmark:0x4d v6only:0 skmem:(r1,rb2,t3,tb4,f5,w6,o7,bl8,d9)',
    )
  })

  it('lets nobody write on the terminal by the names that he gives', () => {
    const named = {
      ...entry,
      protocol: 'unix-dgram',
      localAddress: '/run/\x1b[2J\u009b\n',
      peerAddress: '@\0',
    } as const
    expect(lines(named, {})[1]).toBe('u_dgr 0 7 /run/?[2J?? @? ESTABLISHED 12/3')
    expect(headingText({ pid: 3, name: 'a\nb' })).toBe('a?b (pid 3):\n')
    const link = { name: '\x07', index: 1, medium: 'ip', mtu: 1, hardwareAddress: null, addresses: [] } as const
    expect(interfacesText([link])).not.toContain('\x07')
  })

  it('of counters of the kernel has their own names', () => {
    expect(countersText({ tcpExt: { TCPTimeouts: 3, TW: 0 } })).toBe('TcpExt:\n    3 TCPTimeouts\n')
  })

  it.each([
    [{ holders: 'all' }, RangeError, "options.holders must be 'none', 'descriptor' or 'program', got \"all\""],
    [{ serviceName: 'http' }, TypeError, 'options.serviceName must be a function, got "http"'],
    [{ names: true }, TypeError, "options has no 'names'"],
  ])('%o is refused', (options, kind, message) => {
    expect(() => formatNetstat([], options as NetstatTextOptions)).toThrow(message)
    expect(() => formatNetstat([], options as NetstatTextOptions)).toThrow(kind)
  })
})
