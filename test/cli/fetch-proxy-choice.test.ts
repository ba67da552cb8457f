// Which proxy is asked for a URL, by the environment, -x and --noproxy, beside curl: the same answer of the same servers.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandFor } from '../../src/cli/commands.ts'
import { chosenProxy } from '../../src/cli/fetch/fetch-proxy-choice.ts'
import { parseUnproxiedHosts } from '../../src/cli/proxy/unproxied-hosts.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { describeWith } from '../interop/requirements.ts'

/** Answers with its name and what was asked of it; a tunnel it refuses. */
function answering(name: string): Server {
  return createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', (chunk) => {
      const [line = ''] = chunk.toString('latin1').split('\r\n')
      const status = line.startsWith('CONNECT') ? '403 No' : '200 OK'
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n${name} ${line}\n`)
    })
  })
}

const proxy = answering('proxy')
const origin = answering('origin')
let proxyAt = ''
let port = 0

const PROXIES = [
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'HTTP_PROXY',
]

interface Outcome {
  readonly status: number
  readonly stdout: string
}

async function curl(words: readonly string[], variables: Record<string, string>): Promise<Outcome> {
  const bare = Object.entries(process.env).filter(([name]) => !PROXIES.includes(name))
  const env = { ...Object.fromEntries(bare), ...variables }
  const child = spawn('curl', ['-s', ...words], { stdio: ['ignore', 'pipe', 'ignore'], env })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const [status] = await once(child, 'close')
  return { status, stdout }
}

/** The same by fetch, in this process. */
async function fetch(
  words: readonly string[],
  variables: Record<string, string>,
): Promise<Outcome & { stderr: string }> {
  const [stdout, stderr] = [process.stdout.write, process.stderr.write]
  const before = { code: process.exitCode, env: process.env }
  const told = { stdout: '', stderr: '' }
  const takes = (stream: keyof typeof told) =>
    ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      told[stream] += Buffer.from(chunk as Uint8Array).toString('latin1')
      const done = rest.at(-1)
      if (typeof done === 'function') done()
      return true
    }) as typeof process.stdout.write
  process.stdout.write = takes('stdout')
  process.stderr.write = takes('stderr')
  const bare = Object.entries(process.env).filter(([name]) => !PROXIES.includes(name))
  process.env = { ...Object.fromEntries(bare), ...variables }
  try {
    const line = ['fetch', '-s', ...words]
    await (await commandFor(line, '1.2.3')).parseAsync(line, { from: 'user' })
    return { status: Number(process.exitCode), ...told }
  } finally {
    process.stdout.write = stdout
    process.stderr.write = stderr
    process.exitCode = before.code
    process.env = before.env
  }
}

const filled = (text: string) => text.replace('PROXY', proxyAt).replace('PORT', String(port))

beforeAll(async () => {
  for (const server of [proxy, origin]) await once(server.listen(0, '127.0.0.1'), 'listening')
  proxyAt = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  port = (origin.address() as AddressInfo).port
})
afterAll(() => {
  proxy.close()
  origin.close()
})

describeWith('the proxy of fetch beside that of curl', ['curl'], () => {
  const HTTP = 'http://127.0.0.1:PORT/'
  const HTTPS = 'https://127.0.0.1:PORT/'
  test.each<[Record<string, string>, string[], number, 'proxy' | 'origin' | '']>([
    [{ http_proxy: 'PROXY' }, [HTTP], 0, 'proxy'],
    [{ HTTP_PROXY: 'PROXY' }, [HTTP], 0, 'origin'],
    [{ https_proxy: 'PROXY' }, [HTTP], 0, 'origin'],
    [{ http_proxy: 'http://me:p%40w@PROXY/' }, [HTTP], 0, 'proxy'],
    [{ http_proxy: 'PROXY/what/ever' }, [HTTP], 0, 'proxy'],
    [{ http_proxy: '', all_proxy: 'PROXY' }, [HTTP], 0, 'proxy'],
    [{ ALL_PROXY: 'PROXY' }, [HTTP], 0, 'proxy'],
    [{ all_proxy: 'PROXY', ALL_PROXY: '127.0.0.1:1' }, [HTTP], 0, 'proxy'],
    [{ HTTPS_PROXY: 'PROXY', ALL_PROXY: '127.0.0.1:1' }, [HTTPS], 56, ''],
    [{ https_proxy: 'PROXY', HTTPS_PROXY: '127.0.0.1:1' }, [HTTPS], 56, ''],
    [{ http_proxy: '127.0.0.1:1' }, [HTTP], 7, ''],
    [{ http_proxy: '127.0.0.1:1' }, ['-x', '', HTTP], 0, 'origin'],
    [{ http_proxy: '127.0.0.1:1' }, ['-x', 'PROXY', HTTP], 0, 'proxy'],
    [{ http_proxy: '127.0.0.1:1' }, ['-x', 'PROXY', '-U', 'me:word', HTTP], 0, 'proxy'],
    [{ http_proxy: 'PROXY' }, ['-U', 'me:word', HTTP], 0, 'proxy'],
    [{ http_proxy: 'PROXY' }, ['-p', HTTP], 56, ''],
    [{ http_proxy: 'PROXY' }, ['--connect-to', '::127.0.0.1:1', HTTP], 56, ''],
    [{ http_proxy: 'PROXY' }, ['--connect-to', 'a.test::127.0.0.1:1', HTTP], 0, 'proxy'],
    [{ http_proxy: 'PROXY', NO_PROXY: '127.0.0.1' }, [HTTP], 0, 'origin'],
    [{ http_proxy: 'PROXY', no_proxy: '', NO_PROXY: '127.0.0.0/8' }, [HTTP], 0, 'origin'],
    [{ http_proxy: 'PROXY', no_proxy: 'lan', NO_PROXY: '127.0.0.1' }, [HTTP], 0, 'proxy'],
    [{ http_proxy: 'PROXY', NO_PROXY: '*' }, ['--noproxy', '', HTTP], 0, 'proxy'],
    [{ http_proxy: 'PROXY', NO_PROXY: 'lan' }, ['--noproxy', '*', HTTP], 0, 'origin'],
    [{ NO_PROXY: '127.0.0.1' }, ['-x', 'PROXY', HTTP], 0, 'origin'],
    [{ http_proxy: 'PROXY' }, ['--unix-socket', '/no/such.sock', HTTP], 7, ''],
  ])('%j %j', async (variables, words, status, who) => {
    const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, filled(value)]))
    const line = words.map(filled)
    const [theirs, ours] = [await curl(line, values), await fetch(line, values)]
    expect({ status: ours.status, stdout: ours.stdout }).toEqual(theirs)
    expect(ours.status).toBe(status)
    expect(ours.stdout.split(' ')[0]).toBe(who)
  })

  test('lists of hosts that are talked to without a proxy', async () => {
    const cases: readonly (readonly [list: string, host: string])[] = [
      ...['*', '*,x', ' *', '', 'a.test', '.a.test', '..a.test', '*.a.test', 'a.test.', 'test', '.', 'A.Test'].flatMap(
        (list) => ['a.test', 'w.a.test', 'wa.test', 'a.test.', '127.0.0.1'].map((host) => [list, host] as const),
      ),
      ...['x a.test', 'x,a.test', 'x, a.test ,', 'x;a.test', 'a.test:80', 'b.a.test'].map(
        (list) => [list, 'a.test'] as const,
      ),
      ...['127.0.0.1', '127.0.0.0/8', '127.0.0.1/32', '127.0.0.2/31', '127.0.0.0/31', '126.0.0.0/7', '127.1'].flatMap(
        (list) => ['127.0.0.1', '127.1.2.3', 'a.test'].map((host) => [list, host] as const),
      ),
      ...['.127.0.0.1', '0.0.1', '127.0.0.1:80', '::1', 'x,127.0.0.1'].map((list) => [list, '127.0.0.1'] as const),
    ]
    const lines = cases.flatMap(([list, host], i) => [
      ...(i === 0 ? [] : ['--next']),
      ...['-s', '-x', proxyAt, '--noproxy', list, '--resolve', `*:${port}:127.0.0.1`, `http://${host}:${port}/`],
    ])
    const asked = (await curl(lines, {})).stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0])
    const ours = cases.map(([list, host]) => (parseUnproxiedHosts(list, '--noproxy')(host) ? 'origin' : 'proxy'))
    const with_ = (whom: readonly (string | undefined)[]) =>
      cases.map(([list, host], i) => `${list} | ${host}: ${whom[i]}`)
    expect(with_(ours)).toEqual(with_(asked))
    expect(new Set(ours)).toEqual(new Set(['origin', 'proxy']))
  })

  test("-v tells which it is, and nobody's password", async () => {
    const { stderr } = await fetch(['-v', filled(HTTP)], { NO_PROXY: 'lan', http_proxy: `me:secret@${proxyAt}` })
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      "* Uses proxy env variable NO_PROXY == 'lan'",
      `* Uses proxy env variable http_proxy == '***@${proxyAt}'`,
      `*   Trying ${proxyAt}...`,
    ])
  })
})

test('IPv6 is compared as addresses are, and /0 is all of its family', () => {
  const hosts = ['[2001:db8::1]', '[::1]', '192.0.2.1', 'a.test']
  const without = (list: string) => hosts.filter(parseUnproxiedHosts(list, '--noproxy'))
  expect(without('2001:db8::/32')).toEqual(['[2001:db8::1]'])
  expect(without('2001:DB8:0:0::1, [::1]')).toEqual(['[2001:db8::1]', '[::1]'])
  expect(without('::/0')).toEqual(['[2001:db8::1]', '[::1]'])
  expect(without('0.0.0.0/0')).toEqual(['192.0.2.1'])
})

test.each([
  [
    { http_proxy: 'https://me:secret@a:1' },
    'http_proxy "https://***@a:1" is of no kind that there is; write http, socks',
  ],
  [{ ALL_PROXY: '192.0.2.1:99999' }, 'ALL_PROXY "192.0.2.1:99999" must be HOST[:PORT], such as 192.0.2.1:1080'],
  [{ http_proxy: ' 192.0.2.1' }, 'http_proxy " 192.0.2.1" must be HOST[:PORT], such as 192.0.2.1:1080'],
  [
    { NO_PROXY: 'lan,10.0.0.0/33' },
    'NO_PROXY "lan,10.0.0.0/33" has "10.0.0.0/33" in it, whose length must be 0 to 32; write',
  ],
  [{ no_proxy: '::/x' }, 'no_proxy "::/x" has "::/x" in it, whose length must be 0 to 128; write'],
])('%j is refused by its name', (environment, message) => {
  const choose = () => chosenProxy(new URL('http://a.test/'), { proxy: undefined, environment, verbose: () => {} })
  expect(choose).toThrow(UsageError)
  expect(choose).toThrow(message)
})

test('where there is to be no proxy, variables are not looked at', () => {
  const environment = { http_proxy: 'ftp://x', NO_PROXY: '::/x' }
  expect(chosenProxy(new URL('http://a.test/'), { proxy: 'none', environment, verbose: () => {} })).toBe(undefined)
})
