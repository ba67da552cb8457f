import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, SHUT_WR, SO_LINGER, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { ChargenDatagrams, chargenPattern, chargenStream } from '../../src/services/chargen.ts'
import { DatagramServer } from '../../src/services/datagram-server.ts'
import { daytime, daytimeStream } from '../../src/services/daytime.ts'
import { discardDatagram, discardStream } from '../../src/services/discard.ts'
import { echoDatagram, echoStream } from '../../src/services/echo.ts'
import { StreamServer } from '../../src/services/stream-server.ts'
import { upper, upperStream } from '../../src/services/upper.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'

const PORT = 4000
const encode = (text: string) => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

let clock: ManualClock
let stack: Stack
let turning: boolean
let servers: { close(): Promise<void> }[]

/** Virtual time runs while tests await: what is due now runs at every turn of the event loop, time passes when nothing is. */
function turn(): void {
  if (!turning) return
  if (!clock.settle()) {
    const at = clock.nextAt()
    if (at - clock.now() < 5000) clock.advanceTo(at)
  }
  setImmediate(turn)
}

beforeEach(() => {
  clock = new ManualClock()
  stack = new Stack({ clock, random: new SeededRandom(1) })
  servers = []
  turning = true
  turn()
})

afterEach(async () => {
  for (const server of servers) await server.close()
  expect(stack.descriptors.size).toBe(0)
  turning = false
  stack.close()
})

function serveStreams(serve: (socket: Socket) => Promise<void>, backlog?: number): StreamServer {
  const listener = new Socket(stack, AF_INET, SOCK_STREAM)
  listener.bind({ address: '', port: PORT })
  listener.listen(backlog)
  const server = new StreamServer(listener, serve)
  servers.push(server)
  server.run()
  return server
}

function serveDatagrams(answer: ConstructorParameters<typeof DatagramServer>[1]): void {
  const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port: PORT })
  const server = new DatagramServer(socket, answer)
  servers.push(server)
  server.run()
}

async function connected(): Promise<Socket> {
  const socket = new Socket(stack, AF_INET, SOCK_STREAM)
  await socket.connect({ address: '127.0.0.1', port: PORT })
  return socket
}

/** Sends all, ends its direction, and returns all that comes until the server ends too. */
async function conversation(sent: Uint8Array): Promise<Uint8Array> {
  const socket = await connected()
  const sending = socket.send(sent).then(() => socket.shutdown(SHUT_WR))
  const parts: Uint8Array[] = []
  for await (const part of socket.chunks()) parts.push(part)
  await sending
  await socket.close()
  return Buffer.concat(parts)
}

/** The answer to one datagram. */
async function asked(datagram: Uint8Array, fromPort = 0): Promise<Uint8Array | null> {
  const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '127.0.0.1', port: fromPort })
  await socket.sendto(datagram, { address: '127.0.0.1', port: PORT })
  const buffer = new Uint8Array(65535)
  try {
    return buffer.slice(0, await socket.recv(buffer, 0, { timeout: 100 }))
  } catch {
    return null
  } finally {
    await socket.close()
  }
}

describe('streams', () => {
  test('echo: all comes back, more than any buffer holds', async () => {
    serveStreams(echoStream)
    const sent = new Uint8Array(3_000_000).map((_, i) => i * 7)
    expect(Buffer.compare(await conversation(sent), sent)).toBe(0)
  })

  test('discard: nothing comes back (RFC 863)', async () => {
    serveStreams(discardStream)
    expect((await conversation(new Uint8Array(1_000_000))).length).toBe(0)
  })

  test('upper: letters a to z become capital, and nothing else changes', async () => {
    serveStreams(upperStream)
    expect(decode(await conversation(encode('Hello, wörld! [`{az}]')))).toBe('HELLO, WöRLD! [`{AZ}]')
  })

  test('daytime: the time, and the end (RFC 867)', async () => {
    serveStreams((socket) => daytimeStream(socket, new Date(Date.UTC(1982, 1, 22, 17, 37, 43))))
    expect(decode(await conversation(encode('whatever')))).toBe('Monday, February 22, 1982 17:37:43-UTC\r\n')
  })

  test('chargen: the pattern goes on over the end of the buffer, until the client closes (RFC 864)', async () => {
    const server = serveStreams(chargenStream)
    const socket = await connected()
    const pattern = chargenPattern(100)
    const received = new Uint8Array(600_000)
    for (let at = 0; at < received.length; ) at += await socket.recv(received.subarray(at))
    expect(Buffer.compare(received, pattern.subarray(0, received.length))).toBe(0)
    await socket.close()
    while (server.count > 0) await new Promise((resolve) => setImmediate(resolve))
  })

  test('chargen: each line begins one character further on (RFC 864)', () => {
    const lines = decode(chargenPattern()).split('\r\n')
    expect(lines[0]).toBe(' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg')
    expect(lines[1]).toBe('!"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefgh')
    expect(lines[94]).toMatch(/^~ !"#/)
    expect(lines.length).toBe(96)
    expect(lines[95]).toBe('')
  })

  test('many clients at once, each with its own', async () => {
    serveStreams(upperStream)
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => conversation(encode(`client ${i}`))))
    expect(answers.map(decode)).toEqual(Array.from({ length: 50 }, (_, i) => `CLIENT ${i}`))
  })

  test('a client that resets ends its own service and no other', async () => {
    const server = serveStreams(echoStream)
    const good = await connected()
    const bad = await connected()
    await bad.send(encode('x'))
    bad.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
    await bad.close()
    while (server.count > 1) await new Promise((resolve) => setImmediate(resolve))
    await good.send(encode('still there'))
    const buffer = new Uint8Array(100)
    expect(decode(buffer.subarray(0, await good.recv(buffer)))).toBe('still there')
    await good.close()
  })

  test('descriptors that run out are waited for: the server goes on when some are free again', async () => {
    const small = new Stack({ clock, random: new SeededRandom(1), limits: { descriptors: 4 } })
    const other = stack
    stack = small
    try {
      const server = serveStreams(echoStream)
      // The listener, two clients and one connection: the other connection finds no descriptor.
      const first = await connected()
      const second = await connected()
      await second.send(encode('x'))
      await new Promise((resolve) => setImmediate(resolve))
      expect(server.count).toBe(1)
      await first.close()
      const buffer = new Uint8Array(10)
      expect(await second.recv(buffer)).toBe(1)
      await second.close()
      await server.close()
      servers = []
      expect(small.descriptors.size).toBe(0)
      small.close()
    } finally {
      stack = other
    }
  })

  test('closing the server closes its connections', async () => {
    const server = serveStreams(echoStream)
    const socket = await connected()
    await socket.send(encode('x'))
    await socket.recv(new Uint8Array(1))
    await server.close()
    expect(await socket.recv(new Uint8Array(1))).toBe(0)
    await socket.close()
  })
})

describe('datagrams', () => {
  test('of many that come at once each gets its own answer, in order, but those that get none and one that cannot go', async () => {
    const none = [3, 4, 40]
    const tooLong = new Uint8Array(65_535)
    const others = encode('others')
    serveDatagrams((datagram) => {
      const length = datagram.length
      if (none.includes(length)) return null
      return length === 7 ? tooLong : length === 9 ? others : datagram
    })
    const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
    for (let length = 1; length <= 70; length++) {
      await socket.sendto(new Uint8Array(length).fill(length), { address: '127.0.0.1', port: PORT })
    }
    const buffer = new Uint8Array(100)
    for (let length = 1; length <= 70; length++) {
      if (none.includes(length) || length === 7) continue
      const expected = length === 9 ? others : new Uint8Array(length).fill(length)
      expect(buffer.slice(0, await socket.recv(buffer, 0, { timeout: 100 }))).toEqual(expected)
    }
    await socket.close()
  })

  test('echo', async () => {
    serveDatagrams(echoDatagram)
    expect(await asked(encode('hello'))).toEqual(encode('hello'))
    expect(await asked(new Uint8Array(0))).toEqual(new Uint8Array(0))
    expect((await asked(new Uint8Array(65507)))?.length).toBe(65507)
  })

  test('upper', async () => {
    serveDatagrams(upper)
    expect(await asked(encode('hello'))).toEqual(encode('HELLO'))
  })

  test('discard', async () => {
    serveDatagrams(discardDatagram)
    expect(await asked(encode('hello'))).toBeNull()
  })

  test('daytime', async () => {
    serveDatagrams(() => daytime(new Date(0)))
    expect(decode((await asked(encode('?'))) as Uint8Array)).toBe('Thursday, January 1, 1970 00:00:00-UTC\r\n')
  })

  test('chargen: from 0 to 512 characters of the pattern (RFC 864)', () => {
    const pattern = decode(chargenPattern())
    for (const [line, length] of [
      [0, 0],
      [87, 512],
      [5, 100],
    ] as const) {
      const draws = [line, length]
      const answer = decode(new ChargenDatagrams(() => draws.shift() as number).answer())
      expect(answer).toBe(pattern.slice(line * 74, line * 74 + length))
    }
  })

  test.each([7, 13, 19])('a datagram from port %i is not answered: two services would talk for ever', async (port) => {
    serveDatagrams(echoDatagram)
    expect(await asked(encode('hello'), port)).toBeNull()
  })

  test('an answer that cannot be sent is nobody’s end', async () => {
    let count = 0
    serveDatagrams(() => new Uint8Array(count++ === 0 ? 65508 : 1))
    expect(await asked(encode('?'))).toBeNull()
    expect((await asked(encode('?')))?.length).toBe(1)
  })
})
