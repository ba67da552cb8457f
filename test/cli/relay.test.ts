// Read first: socat(1). Conversations between sockets of stacks in this process; against programs of Debian: test/interop.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_UNIX,
  SHUT_WR,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { Conversation, type ConversationSettings } from '../../src/cli/relay/conversation.ts'
import { parseRelayAddress } from '../../src/cli/relay/relay-address.ts'
import { dumpText } from '../../src/cli/relay/relay-dump.ts'
import { SocketEnd } from '../../src/cli/relay/socket-end.ts'
import { Stack } from '../../src/platform/stack.ts'
import { Socket } from '../../src/socket/socket.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('an address of a relay', () => {
  test('has a kind, a place and options', () => {
    expect(parseRelayAddress('TCP4-LISTEN:8080,fork,max-children=3,bind=[::1],range=[2001:db8::]/32')).toMatchObject({
      name: 'TCP4-LISTEN:8080',
      kind: { name: 'tcp4-listen', family: AF_INET },
      host: null,
      port: 8080,
      options: { fork: true, max: 3, bind: '::1', range: '[2001:db8::]/32' },
    })
    expect(parseRelayAddress('tcp:[2001:db8::1]:http')).toMatchObject({ host: '2001:db8::1', port: 80 })
    expect(parseRelayAddress('udp:localhost:53,on=[tap:jf0,10.9.0.2/24,via 10.9.0.1]')).toMatchObject({
      port: 53,
      options: { on: 'tap:jf0,10.9.0.2/24,via 10.9.0.1' },
    })
    expect(parseRelayAddress('unix:@name,connect-timeout=.5')).toMatchObject({
      path: '@name',
      options: { connectTimeout: 500 },
    })
    expect(parseRelayAddress('-').kind.name).toBe('stdio')
    expect(parseRelayAddress(`exec:printf "a, b" 'c d'`).words).toEqual(['printf', 'a, b', 'c d'])
    expect(parseRelayAddress('system:"echo a, b"').words).toEqual(['/bin/sh', '-c', 'echo a, b'])
  })

  test.each([
    ['fly:80', '"fly:80" is of no kind that there is: it must begin with tcp, tcp-listen,'],
    ['tcp:80', '"tcp:80" has no port'],
    ['tcp::80', '"tcp::80" has no host'],
    ['tcp:a:0', '"tcp:a:0" has port "0"; a port is a number from 1 to 65535'],
    ['tcp-listen', '"tcp-listen" says not where'],
    ['stdio:x', '"stdio:x" has something behind stdio'],
    ['unix:', '"unix:" says not where, as in unix:/run/echo.sock'],
    ['tcp:a:80,fork', '"tcp:a:80,fork" has fork, which is for who listens; tcp has on, bind,'],
    ['stdio,fork', '"stdio,fork" has fork, which is for who listens; it has none'],
    ['tcp-listen:80,frok', '"tcp-listen:80,frok" has no option "frok"; tcp-listen has on, fork, max'],
    ['tcp-listen:80,max=2', '"tcp-listen:80,max=2" has max without fork'],
    ['tcp-listen:80,fork,max=none', 'max must be a whole number from 1 to 1000000, got "none"'],
    ['tcp-listen:80,reuseaddr=2', 'reuseaddr must be 1 or 0, or nothing, got "2"'],
    ['tcp:a:80,connect-timeout=x', 'connect-timeout must be a number of seconds, at most 86400, got "x"'],
    ['unix-listen:/x,mode=999', 'mode must be three octal digits, such as 660, got "999"'],
  ])('%s', (address, message) => {
    expect(() => parseRelayAddress(address)).toThrow(message)
  })
})

describe('a conversation', () => {
  let stack: Stack
  const settings: ConversationSettings = {
    only: null,
    piece: null,
    afterEnd: null,
    idle: null,
    dump: null,
    tell: () => {},
  }

  let stop: AbortController
  let running: Promise<void>[]

  beforeEach(() => {
    stack = new Stack()
    stop = new AbortController()
    running = []
  })

  afterEach(async () => {
    stop.abort()
    await Promise.all(running)
    stack.close()
  })

  /** Two programs and what is between them. */
  function relayed(type: number, other = type, given: Partial<ConversationSettings> = {}) {
    const [left, first] = Socket.pair(stack, AF_UNIX, type)
    const [right, second] = Socket.pair(stack, AF_UNIX, other)
    const ends = [new SocketEnd('first', first), new SocketEnd('second', second)] as const
    const conversation = new Conversation(...ends, { ...settings, ...given })
    const over = conversation.run(stop.signal)
    running.push(over)
    return { left, right, conversation, over }
  }

  async function all(socket: Socket): Promise<string> {
    let whole = ''
    for await (const piece of socket.chunks()) whole += text(piece)
    return whole
  }

  test('the end of one direction is carried across, and the other goes on', async () => {
    const { left, right, conversation, over } = relayed(SOCK_STREAM)
    await left.send(bytes('question'))
    left.shutdown(SHUT_WR)
    expect(await all(right)).toBe('question')
    await right.send(bytes('the answer'))
    await right.close()
    expect(await all(left)).toBe('the answer')
    await over
    expect(conversation).toMatchObject({
      failure: null,
      forward: { octets: 8, pieces: 1 },
      backward: { octets: 10, pieces: 1 },
    })
  })

  test('who reads slowly holds up who writes, and nothing is lost', async () => {
    const { left, right, over } = relayed(SOCK_STREAM)
    let sent = 0
    // Until no buffer on the way has room.
    const piece = new Uint8Array(65536)
    for (let idle = 0; idle < 20; idle++) {
      const count = left.trySend(piece.fill(sent & 0xff))
      if (count > 0) {
        sent += count
        idle = 0
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(sent).toBeGreaterThan(65536)
    left.shutdown(SHUT_WR)
    expect((await all(right)).length).toBe(sent)
    await right.close()
    await over
  })

  test.each([
    ['SOCK_DGRAM', SOCK_DGRAM],
    ['SOCK_SEQPACKET', SOCK_SEQPACKET],
  ])('%s: borders are kept, of long ones too', async (_, type) => {
    const { left, right, over } = relayed(type)
    const buffer = new Uint8Array(200_000)
    for (const length of [1, 100_000, 3]) {
      await left.send(new Uint8Array(length).fill(length))
      expect(await right.recv(buffer)).toBe(length)
    }
    if (type === SOCK_DGRAM) {
      await left.send(new Uint8Array(0))
      expect(await right.recv(buffer)).toBe(0)
      return
    }
    await left.close()
    expect(await right.recv(buffer)).toBe(0)
    await right.close()
    await over
  })

  test('a stream becomes datagrams that are not too long', async () => {
    const { left, right } = relayed(SOCK_STREAM, SOCK_DGRAM)
    await left.send(new Uint8Array(10_000))
    const buffer = new Uint8Array(65536)
    expect([await right.recv(buffer), await right.recv(buffer)]).toEqual([8192, 10_000 - 8192])
  })

  test('-u: one direction alone', async () => {
    const { left, right, conversation, over } = relayed(SOCK_STREAM, SOCK_STREAM, { only: 'forward' })
    await right.send(bytes('unheard'))
    await left.send(bytes('heard'))
    left.shutdown(SHUT_WR)
    await over
    expect(text(await right.recv(new Uint8Array(9)).then((n) => new Uint8Array(n)))).toHaveLength(5)
    expect(conversation.backward.octets).toBe(0)
  })

  test('-T: a silence ends it', async () => {
    const { left, over } = relayed(SOCK_STREAM, SOCK_STREAM, { idle: 1 })
    await over
    expect(await left.recv(new Uint8Array(1))).toBe(0)
  })

  test('a reset is carried across, and told with the name of who was reset', async () => {
    const listener = new Socket(stack, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 7 })
    listener.listen()
    const connected = async () => {
      const client = new Socket(stack, AF_INET, SOCK_STREAM)
      await client.connect({ address: '127.0.0.1', port: 7 })
      return [client, await listener.accept()] as const
    }
    const [left, first] = await connected()
    const [right, second] = await connected()
    const conversation = new Conversation(new SocketEnd('first', first), new SocketEnd('second', second), settings)
    const over = conversation.run(stop.signal)
    left.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
    await left.close()
    await expect(right.recv(new Uint8Array(1))).rejects.toMatchObject({ code: 'ECONNRESET' })
    await over
    expect(conversation.failure?.message).toBe('first: recv: Connection reset by peer')
  })
})

test('what passes is shown as socat shows it', () => {
  const piece = bytes('hi\n\x01\ttab\\ and more than sixteen\r\n')
  const at = new Date(2026, 10, 22, 1, 56, 23, 41)
  const heading = '> 2026/11/22 01:56:23.041000000  length=33 from=5 to=37\n'
  expect(dumpText('>', piece, 5, 'text', at)).toBe(`${heading}hi\n.\ttab\\\\ and more than sixteen\\r\n`)
  expect(dumpText('>', piece.subarray(0, 3), 5, 'hexadecimal', at)).toBe(
    `${heading.replace('33', '3').replace('37', '7')} 68 69 0a\n`,
  )
  expect(dumpText('>', piece, 5, 'both', at)).toBe(
    `${heading} 68 69 0a                                         hi.\n` +
      ' 01 09 74 61 62 5c 20 61 6e 64 20 6d 6f 72 65 20  ..tab\\ and more \n' +
      ' 74 68 61 6e 20 73 69 78 74 65 65 6e 0d 0a        than sixteen..\n--\n',
  )
})
