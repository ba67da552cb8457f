// What is said to a proxy and what it may answer, byte for byte, on a stack that talks to itself. Real proxies are in
// test/interop/proxy.test.ts.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { ProxyFailure, type ProxyKind, parseProxyPlace } from '../../src/cli/proxy/proxy.ts'
import { tunnel } from '../../src/cli/proxy/tunnel.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { RealClock } from '../../src/platform/real-clock.ts'
import { secureRandom } from '../../src/platform/secure-random.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'

let stack: Stack

beforeEach(() => {
  stack = new Stack({ clock: new RealClock(), random: secureRandom })
})
afterEach(() => stack.close())

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const ascii = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const spaced = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

interface Step {
  /** What we are to say, in hex. */
  readonly said: string
  /** What the proxy answers, in hex. */
  readonly answer: string
}

/** Talks with a proxy that goes through these steps, and then says `behind` as the target. Resolves with what we read of that. */
async function through(
  kind: ProxyKind,
  user: string,
  host: string,
  steps: readonly Step[],
  behind = 'hello',
): Promise<string> {
  const listener = new Socket(stack, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 1080 })
  listener.listen()
  const client = new Socket(stack, AF_INET, SOCK_STREAM)
  await client.connect({ address: '127.0.0.1', port: 1080 })
  const server = await listener.accept()
  const proxy = async () => {
    for (const [i, { said, answer }] of steps.entries()) {
      const bytes = new Uint8Array(octets(said).length)
      for (let at = 0; at < bytes.length; ) at += await server.recv(bytes.subarray(at))
      expect(spaced(bytes)).toBe(said.replaceAll(' ', ''))
      // With the last answer comes what the target says: nothing of it may be lost.
      await server.send(octets(i === steps.length - 1 ? `${answer}${ascii(behind)}` : answer))
    }
    await server.close()
  }
  const running = proxy()
  try {
    await tunnel(client, { kind, host: '127.0.0.1', port: 1080, user }, { host, port: 80 }, { timeout: 5000 })
    const bytes = new Uint8Array(64)
    const length = await client.recv(bytes)
    await running
    return Buffer.from(bytes.subarray(0, length)).toString('latin1')
  } finally {
    await client.close()
    await running.catch(() => {})
  }
}

const connectHead = 'CONNECT host.example:80 HTTP/1.1\r\nHost: host.example:80\r\n'

test.each<[string, ProxyKind, string, string, Step[]]>([
  [
    'SOCKS5, a name (RFC 1928 section 5)',
    'socks5h',
    '',
    'host.example',
    [
      { said: '05 01 00', answer: '05 00' },
      { said: `05 01 00  03 0c ${ascii('host.example')} 0050`, answer: '05 00 00  03 03 616263 1234' },
    ],
  ],
  [
    'SOCKS5, an IPv6 address, and who we are (RFC 1929)',
    'socks5',
    'me:pa:ss',
    '2001:db8::7',
    [
      { said: '05 02 00 02', answer: '05 02' },
      { said: `01 02 ${ascii('me')} 05 ${ascii('pa:ss')}`, answer: '01 00' },
      {
        said: '05 01 00  04 20010db8 00000000 00000000 00000007 0050',
        answer: '05 00 00  04 00000000 00000000 00000000 00000000 0000',
      },
    ],
  ],
  [
    'SOCKS4, an address',
    'socks4',
    'me:x',
    '192.0.2.7',
    [{ said: '04 01 0050 c0000207 6d65 00', answer: '00 5a 0000 00000000' }],
  ],
  [
    'SOCKS4A, a name behind an address that there is not',
    'socks4a',
    '',
    'host.example',
    [{ said: `04 01 0050 00000001 00 ${ascii('host.example')} 00`, answer: '00 5a 0000 00000000' }],
  ],
  [
    'CONNECT (RFC 9110 section 9.3.6)',
    'connect',
    'me:secret',
    'host.example',
    [
      {
        said: ascii(`${connectHead}Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n`),
        answer: ascii('HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n'),
      },
    ],
  ],
])('%s: the tunnel is there, and what is behind it is not read', async (_what, kind, user, host, steps) => {
  expect(await through(kind, user, host, steps)).toBe('hello')
})

test.each<[string, ProxyKind, string, string, Step[], string]>([
  [
    'it refuses',
    'socks5h',
    '',
    'a',
    [
      { said: '05 01 00', answer: '05 00' },
      { said: '05 01 00 03 01 61 0050', answer: '05 05 00 01' },
    ],
    'SOCKS5: Connection refused',
  ],
  [
    'it wants a user',
    'socks5h',
    '',
    'a',
    [{ said: '05 01 00', answer: '05 ff' }],
    'SOCKS5: the proxy wants a user, and none was named',
  ],
  [
    'the user is refused',
    'socks5h',
    'u',
    'a',
    [
      { said: '05 02 00 02', answer: '05 02' },
      { said: '01 01 75 00', answer: '01 01' },
    ],
    'SOCKS5: user and password were refused',
  ],
  [
    'it speaks HTTP',
    'socks5h',
    '',
    'a',
    [{ said: '05 01 00', answer: ascii('HTTP/1.1') }],
    'this is no SOCKS5 proxy: it answers with version 72',
  ],
  [
    'an address of no type',
    'socks5h',
    '',
    'a',
    [
      { said: '05 01 00', answer: '05 00' },
      { said: '05 01 00 03 01 61 0050', answer: '05 00 00 09' },
    ],
    'SOCKS5: an address of type 9, which there is not',
  ],
  [
    'it rejects',
    'socks4',
    '',
    '192.0.2.7',
    [{ said: '04 01 0050 c0000207 00', answer: '00 5b 0000 00000000' }],
    'SOCKS4: request rejected or failed',
  ],
  ['a name', 'socks4', '', 'host.example', [], 'SOCKS4 has no names, and host.example is one: use SOCKS5'],
  ['IPv6', 'socks4', '', '::1', [], 'SOCKS4 has no IPv6, and ::1 is of it: use SOCKS5'],
  [
    'it forbids',
    'connect',
    '',
    'host.example',
    [{ said: ascii(`${connectHead}\r\n`), answer: ascii('HTTP/1.1 403 Forbidden\r\n\r\n') }],
    'CONNECT tunnel failed, response 403',
  ],
  [
    'it speaks SSH',
    'connect',
    '',
    'host.example',
    [{ said: ascii(`${connectHead}\r\n`), answer: ascii('SSH-2.0-x\r\n') }],
    'this is no HTTP proxy: its answer is not HTTP',
  ],
  [
    'a header without end',
    'connect',
    '',
    'host.example',
    [{ said: ascii(`${connectHead}\r\n`), answer: ascii(`HTTP/1.1 200 x\r\n${'a'.repeat(20_000)}`) }],
    'the proxy answers with a header beyond 16384 octets',
  ],
])('%s: it is told in one line', async (_what, kind, user, host, steps, message) => {
  const error = await through(kind, user, host, steps).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProxyFailure)
  expect((error as Error).message).toBe(message)
})

test('a proxy that closes before it is through is told of', async () => {
  const steps = [{ said: '05 01 00', answer: '05 00' }]
  const error = await through('socks5h', '', 'a', steps, '').catch((thrown: unknown) => thrown)
  expect((error as Error).message).toBe('the proxy has closed the connection before it was through')
})

test('HOST[:PORT] of a proxy, and what is none', () => {
  expect(parseProxyPlace('a.example', 1080, '-x')).toEqual({ host: 'a.example', port: 1080 })
  expect(parseProxyPlace('192.0.2.1:3128', 1080, '-x')).toEqual({ host: '192.0.2.1', port: 3128 })
  expect(parseProxyPlace('[2001:db8::1]:9', 1080, '-x')).toEqual({ host: '2001:db8::1', port: 9 })
  expect(parseProxyPlace('2001:db8::1', 1080, '-x')).toEqual({ host: '2001:db8::1', port: 1080 })
  for (const wrong of ['', ':1', 'a:0', 'a:65536', 'a:b', 'a b', 'a\0', '[::1', 'a@b']) {
    expect(() => parseProxyPlace(wrong, 1080, '-x')).toThrow(UsageError)
  }
})
