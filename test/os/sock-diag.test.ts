import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AF_INET, AF_INET6, IPPROTO_TCP, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { EAGAIN, EBUSY, ENOBUFS, ENOENT, EPERM } from '../../src/base/errno.ts'
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_TIME_WAIT } from '../../src/base/tcp-info.ts'
import { decodeInetMessage, encodeInetRequest } from '../../src/os/inet-diag.ts'
import { DumpAnswer, type NetlinkChannel, NetlinkDump } from '../../src/os/netlink-dump.ts'
import {
  decodeAttributes,
  decodeNetlinkMessages,
  encodeNetlinkMessage,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_OVERRUN,
} from '../../src/os/netlink-message.ts'
import { parseCounterLines, parseCounterTable } from '../../src/os/os-counters.ts'
import { osNetstat } from '../../src/os/os-netstat.ts'
import { parseInternetTable, parseUnixTable } from '../../src/os/proc-net.ts'
import { parseArpTable, parseRouteTable, parseRouteTable6 } from '../../src/os/proc-routes.ts'
import {
  decodeAddressMessage,
  decodeLinkMessage,
  decodeNeighbourMessage,
  decodeRouteMessage,
} from '../../src/os/route-netlink.ts'
import { decodeUnixMessage, encodeUnixRequest } from '../../src/os/unix-diag.ts'

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (octet) => Number.parseInt(octet, 16))
const toHex = (bytes: Uint8Array) => Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('')

describe('a netlink message', () => {
  it('is a header of 16 octets, in the order of the machine, and a body', () => {
    expect(toHex(encodeNetlinkMessage(20, 0x301, 7, hex('aabb')))).toBe(
      ['12000000', '1400', '0103', '07000000', '00000000', 'aabb'].join(''),
    )
  })

  it('is followed by the next at a multiple of four octets', () => {
    const messages = decodeNetlinkMessages(
      hex(
        `
        11000000 1400 0200 01000000 05000000 aa 000000
        14000000 0300 0200 01000000 05000000 fefFFFff`.toLowerCase(),
      ),
    )
    expect(
      messages.map(({ type, flags, sequence, portId, body }) => [type, flags, sequence, portId, toHex(body)]),
    ).toEqual([
      [20, NLM_F_MULTI, 1, 5, 'aa'],
      [NLMSG_DONE, NLM_F_MULTI, 1, 5, 'feffffff'],
    ])
  })

  it.each([
    ['shorter than its header', '0f000000 1400 0200 01000000 00000000'],
    ['of length 0, which would never end', '00000000 1400 0200 01000000 00000000'],
    ['longer than what was read', '11000000 1400 0200 01000000 00000000'],
    ['cut within its header', '10000000 1400 0200 01000000 000000'],
  ])('that is %s ends what is read', (_, text) => {
    expect(decodeNetlinkMessages(hex(text))).toEqual([])
  })

  it('has attributes by their types, nested and network order flags aside; one that does not fit ends them', () => {
    const attributes = decodeAttributes(hex('ffff 0500 0200 aa 000000 0400 0380 0600 0400 bbcc 0000 0900 0500 dd'), 2)
    expect([...attributes].map(([type, value]) => [type, toHex(value)])).toEqual([
      [2, 'aa'],
      [3, ''],
      [4, 'bbcc'],
    ])
  })
})

/** A kernel that answers each question by the next of these lists of datagrams, or an errno. */
class Script implements NetlinkChannel {
  readonly asked: Uint8Array[] = []
  readonly #answers: (readonly (Uint8Array | number)[])[]
  #left: (Uint8Array | number)[] = []

  constructor(...answers: (readonly (Uint8Array | number)[])[]) {
    this.#answers = answers
  }

  async send(bytes: Uint8Array): Promise<number> {
    this.asked.push(bytes)
    this.#left = [...(this.#answers.shift() ?? [])]
    return 0
  }

  async receive(): Promise<Uint8Array | number> {
    return this.#left.shift() ?? -EAGAIN
  }

  async close(): Promise<void> {}
}

describe('a dump', () => {
  const part = (sequence: number, text: string, flags = NLM_F_MULTI) =>
    encodeNetlinkMessage(20, flags, sequence, hex(text))
  const done = (sequence: number, flags = NLM_F_MULTI) =>
    encodeNetlinkMessage(NLMSG_DONE, flags, sequence, hex('00000000'))
  const ask = async (...answers: (readonly (Uint8Array | number)[])[]) => {
    const script = new Script(...answers)
    const result = await new NetlinkDump(script).ask(20, hex('02'))
    return { result: typeof result === 'number' ? result : result.map(toHex), asked: script.asked.length }
  }

  it('is all messages until NLMSG_DONE, in however many datagrams', async () => {
    const both = new Uint8Array([...part(1, '00000001'), ...part(1, '00000002')])
    expect(await ask([both, part(1, '00000003'), done(1)])).toEqual({
      result: ['00000001', '00000002', '00000003'],
      asked: 1,
    })
  })

  it('does not take what is left of another question', async () => {
    expect((await ask([part(9, '00000009'), done(9), part(1, '00000001'), done(1)])).result).toEqual(['00000001'])
  })

  it('that has changed meanwhile is asked for again, and taken as it is when it never rests', async () => {
    const changed = (n: number) => [part(n, '00000001', NLM_F_MULTI | NLM_F_DUMP_INTR), done(n)]
    expect(await ask(changed(1), [part(2, '00000002'), done(2)])).toEqual({ result: ['00000002'], asked: 2 })
    expect(await ask([done(1, NLM_F_MULTI | NLM_F_DUMP_INTR)], [done(2)])).toEqual({ result: [], asked: 2 })
    expect(await ask(changed(1), changed(2), changed(3), changed(4))).toEqual({ result: ['00000001'], asked: 4 })
  })

  it('that was too much for the queue is asked for again', async () => {
    expect(await ask([-ENOBUFS], [done(2)])).toEqual({ result: [], asked: 2 })
    expect(await ask([encodeNetlinkMessage(NLMSG_OVERRUN, 0, 1, hex(''))], [done(2)])).toEqual({ result: [], asked: 2 })
    expect(await ask([-ENOBUFS], [-ENOBUFS], [-ENOBUFS], [-ENOBUFS])).toEqual({ result: -EBUSY, asked: 4 })
  })

  it('tells why the kernel refuses, in an error, at the end, or by not answering', async () => {
    expect(await ask([encodeNetlinkMessage(NLMSG_ERROR, 0, 1, hex('feffffff'))])).toEqual({ result: -ENOENT, asked: 1 })
    expect(await ask([encodeNetlinkMessage(NLMSG_DONE, 0, 1, hex('ffffffff'))])).toEqual({ result: -EPERM, asked: 1 })
    expect(await ask([part(1, '00')])).toEqual({ result: -EAGAIN, asked: 1 })
  })

  it('of any octets ends or waits for more, and throws nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (datagrams) => {
        const answer = new DumpAnswer(0)
        for (const bytes of datagrams) answer.take(bytes)
        expect(answer.errno).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('inet_diag', () => {
  it('is asked for all states of a family and protocol, with details by their bits', () => {
    const request = toHex(encodeInetRequest(AF_INET6, IPPROTO_TCP, true))
    expect(request).toBe(`0a06fa00ff0f0000${'00'.repeat(48)}`)
    expect(toHex(encodeInetRequest(AF_INET, IPPROTO_TCP, false)).slice(0, 16)).toBe('02060000ff0f0000')
  })

  const message = (family: string, state: string) => `
    ${family} ${state} 02 03
    1f90 c001
    7f000001 ${family === '02' ? '00000000 00000000 00000000' : '00000000 00000000 00000001'}
    0a000001 00000000 00000000 00000000
    02000000
    1c000000 01000000
    10270000
    05000000
    09000000
    e8030000
    39300000`

  it('tells ends, state, timer, queues, owner and attributes', () => {
    const socket = decodeInetMessage(
      hex(`${message('02', '01')}
        0500 0500 10 000000
        0800 0400 62627200
        0500 0800 02 000000
        0500 0b00 01 000000
        0800 0f00 4d000000
        2800 0700 01000000 02000000 03000000 04000000 05000000 06000000 07000000 08000000 09000000`),
    )
    expect(socket).toMatchObject({
      ...{ family: AF_INET, state: TCP_ESTABLISHED, timer: 2, retries: 3, expires: 10000 },
      ...{ localPort: 8080, peerPort: 49153, interfaceIndex: 2, cookie: '10000001c' },
      ...{ receiveQueue: 5, sendQueue: 9, uid: 1000, inode: 12345 },
      ...{ congestion: 'bbr', typeOfService: 16, shutdown: 2, v6only: true, mark: 77, info: null },
    })
    expect(socket?.memory).toEqual({
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
    })
    expect([String(socket?.local), String(socket?.peer)]).toEqual(['127.0.0.1', '10.0.0.1'])
  })

  it('tells IPv6 addresses whole', () => {
    expect(String(decodeInetMessage(hex(message('0a', '0a')))?.local)).toBe('7f00:1::1')
  })

  it('of another family, or cut short, is nothing', () => {
    expect(decodeInetMessage(hex(message('01', '01')))).toBe(null)
    expect(decodeInetMessage(hex(message('02', '01')).subarray(0, 71))).toBe(null)
  })
})

describe('unix_diag', () => {
  const head = '01 01 0a 00 39300000 1c000000 00000000'

  it('is asked for names, files, peers, queues, memory and owners', () => {
    expect(toHex(encodeUnixRequest())).toBe('01000000ffffffff00000000770000000000000000000000')
  })

  it('tells names with and without a path, the peer, queues and the file in the numbers of stat(2)', () => {
    const socket = decodeUnixMessage(
      hex(`${head} 0700 0000 2f6100 00 0c00 0100 07000000 0500e00f 0800 0200 3a300000 0c00 0400 03000000 08000000`),
    )
    expect(socket).toMatchObject({
      ...{ type: SOCK_STREAM, state: TCP_LISTEN, inode: 12345, cookie: '1c', name: '/a', peerInode: 12346 },
      ...{ receiveQueue: 3, sendQueue: 8, file: { inode: 7, device: 0xfe05 } },
    })
    expect(decodeUnixMessage(hex(`${head} 0800 0000 00610062`))?.name).toBe('@a@b')
    expect(decodeUnixMessage(hex(head))).toMatchObject({ name: '', peerInode: null, file: null, receiveQueue: 0 })
  })
})

describe('what is decoded from any octets', () => {
  it('is something or nothing, and throws nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 10), fc.uint8Array({ maxLength: 160 }), (family, rest) => {
        const body = Uint8Array.of(family, ...rest)
        for (const decode of [
          decodeInetMessage,
          decodeUnixMessage,
          decodeLinkMessage,
          decodeAddressMessage,
          decodeRouteMessage,
          decodeNeighbourMessage,
        ]) {
          expect(() => decode(body)).not.toThrow()
        }
      }),
    )
  })
})

describe('/proc/net', () => {
  const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

  it('tells of TCP and UDP in hexadecimal words of the machine, times in ticks of 10 ms', () => {
    const [socket, six, ...more] = parseInternetTable(
      [
        heading,
        '   0: 0100007F:1F90 0200000A:C001 01 0000000A:00000005 02:000004FC 00000003  1000        0 12345 1 0 20 4 30 10 -1',
        '   1: B80D0120000000000000000001000000:0016 00000000000000000000000000000000:0000 06 00000000:00000000 00:00000000 00000000     0        0 0 1',
        'no socket at all',
        '   2: 0100007F:1F90 0200000A:C001 01',
        '',
      ].join('\n'),
    )
    expect(socket).toMatchObject({
      ...{ family: AF_INET, state: TCP_ESTABLISHED, localPort: 8080, peerPort: 49153, sendQueue: 10, receiveQueue: 5 },
      ...{ timer: 2, expires: 12760, retries: 3, uid: 1000, inode: 12345, cookie: null, info: null },
    })
    expect([String(socket?.local), String(socket?.peer)]).toEqual(['127.0.0.1', '10.0.0.2'])
    expect(six).toMatchObject({ family: AF_INET6, state: TCP_TIME_WAIT, localPort: 22, timer: 0, expires: 0 })
    expect(String(six?.local)).toBe('2001:db8::1')
    expect(more).toEqual([])
  })

  it('tells of Unix sockets their types, states and names, a blank in them too', () => {
    const sockets = parseUnixTable(
      [
        'Num       RefCount Protocol Flags    Type St Inode Path',
        '0000000000000000: 00000002 00000000 00010000 0001 01 100 /run/a b',
        '0000000000000000: 00000003 00000000 00000000 0002 01   7 @name',
        '0000000000000000: 00000003 00000000 00000000 0001 03 101',
        '0000000000000000: 00000003 00000000 00000000 0001 02 0 /run/waits',
      ].join('\n'),
    )
    expect(sockets.map(({ type, state, inode, name }) => [type, state, inode, name])).toEqual([
      [SOCK_STREAM, TCP_LISTEN, 100, '/run/a b'],
      [SOCK_DGRAM, TCP_CLOSE, 7, '@name'],
      [SOCK_STREAM, TCP_ESTABLISHED, 101, ''],
    ])
  })

  it('tells of routes to others: not of refusals, of the machine itself, of groups', () => {
    const four = parseRouteTable(
      [
        'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
        'eth0\t00000000\t010200C0\t0003\t0\t0\t7\t00000000\t0\t0\t0',
        'eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FEFFFF\t0\t0\t0',
        '*\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0',
      ].join('\n'),
    )
    const texts = four.map(
      ({ prefix, length, gateway, name, metric }) => `${prefix}/${length} ${gateway} ${name} ${metric}`,
    )
    expect(texts).toEqual(['0.0.0.0/0 192.0.2.1 eth0 7', '10.0.2.0/23 null eth0 0'])
    const nothing = '00000000000000000000000000000000'
    const six = parseRouteTable6(
      [
        `${nothing} 00 ${nothing} 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     eth0`,
        `fd000000000000000000000000000000 40 ${nothing} 00 ${nothing} 00000100 00000001 00000000 00000001     eth0`,
        `fd000000000000000000000000000002 80 ${nothing} 00 ${nothing} 00000000 00000004 00000000 80200001     eth0`,
        `ff000000000000000000000000000000 08 ${nothing} 00 ${nothing} 00000100 00000003 00000000 00000001     eth0`,
        `${nothing} 00 ${nothing} 00 ${nothing} ffffffff 00000001 00000000 00200200       lo`,
      ].join('\n'),
    )
    expect(six.map(({ prefix, length, gateway, metric }) => `${prefix}/${length} ${gateway} ${metric}`)).toEqual([
      '::/0 fd00::1 1024',
      'fd00::/64 null 256',
    ])
  })

  it('tells of neighbours whether they are known', () => {
    const text = [
      'IP address       HW type     Flags       HW address            Mask     Device',
      '192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0',
      '192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0',
    ].join('\n')
    expect(parseArpTable(text)).toEqual([
      { address: '192.0.2.1', interface: 'eth0', hardwareAddress: '02:fc:00:00:00:05', state: 'REACHABLE' },
      { address: '192.0.2.9', interface: 'eth0', hardwareAddress: null, state: 'INCOMPLETE' },
    ])
  })

  it('tells of counters in pairs of lines and in lines of their own, by the names that the kernel gives them', () => {
    expect(
      parseCounterTable('Ip: InReceives Forwarding\nIp: 17 2\nTcp: MaxConn\nTcp: -1\nOdd: A B\nOdd: 1\nUdp:'),
    ).toEqual({
      ip: { InReceives: 17, Forwarding: 2 },
      tcp: { MaxConn: -1 },
    })
    expect(parseCounterLines('Ip6InReceives          \t104\nUdpLite6NoPorts  \t0\nnonsense 1\n')).toEqual({
      ip6: { InReceives: 104 },
      udpLite6: { NoPorts: 0 },
    })
  })

  it('of any lines is something or nothing, and throws nothing', () => {
    const word = fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-F:]{0,40}$/))
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 14 }), { maxLength: 4 }), (lines) => {
        const text = lines.map((words) => words.join(' ')).join('\n')
        for (const parse of [
          ...[parseInternetTable, parseUnixTable, parseRouteTable, parseRouteTable6],
          ...[parseArpTable, parseCounterTable, parseCounterLines],
        ]) {
          expect(() => parse(text)).not.toThrow()
        }
      }),
    )
  })
})

describe('osNetstat', () => {
  it.each([
    [{ kinds: 'tcp' }, TypeError, 'options.kinds must be an array, got "tcp"'],
    [{ kinds: ['sctp'] }, RangeError, "options.kinds must be of 'tcp', 'udp', 'raw', 'icmp', 'unix', got \"sctp\""],
    [{ source: 'sysfs' }, RangeError, "options.source must be 'netlink' or 'proc', got \"sysfs\""],
    [{ details: 1 }, TypeError, 'options.details must be true or false, got 1'],
    [{ process: true }, TypeError, "options has no 'process': there are kinds, details, processes, source"],
  ])('%o is refused', async (options, kind, message) => {
    const listing = osNetstat(options as unknown as Parameters<typeof osNetstat>[0])
    await expect(listing).rejects.toThrow(message)
    await expect(listing).rejects.toBeInstanceOf(kind)
  })
})
