import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/random.ts'
import { RealClock } from '../../src/platform/real-clock.ts'
import type { HttpsFetch, HttpsOptions } from '../../src/services/names/https-exchange.ts'
import { decodeMessage, type Message } from '../../src/services/names/message.ts'
import { NameServer } from '../../src/services/names/name-server.ts'
import { Resolver, type ResolverOptions } from '../../src/services/names/resolver.ts'
import { Zone } from '../../src/services/names/zone.ts'
import { Stack } from '../../src/stack/stack.ts'
import { CERTIFICATE, KEY } from '../adapters/web/certificate.ts'

const MEDIA_TYPE = 'application/dns-message'
const zone = Zone.parse(`$ORIGIN example.\n$TTL 300\n@ SOA ns h 1 2 3 4 60\n NS ns\nwww CNAME host\nhost A 192.0.2.1\n`)
const names = new NameServer({ resolver: null, zones: [zone] })

/** What came, and what is done about it in place of an answer. */
const asked: { method: string; message: Message; accept: string | undefined }[] = []
let instead: ((response: ServerResponse, answer: Uint8Array) => void) | null = null
let server: Server
let url = ''

async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: path = '', headers } = incoming
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  const text = new URL(path, url).searchParams.get('dns') ?? ''
  const bytes = method === 'GET' ? Buffer.from(text, 'base64url') : Buffer.concat(parts)
  if (method === 'POST' && headers['content-type'] !== MEDIA_TYPE) throw new Error('no media type')
  asked.push({ method, message: decodeMessage(bytes), accept: headers.accept })
  const answer = (await names.answer(bytes, true)) as Uint8Array
  if (instead !== null) instead(response, answer)
  else response.setHeader('content-type', MEDIA_TYPE).end(answer)
}

// A fetch that believes the certificate of these tests.
const fetch: HttpsFetch = (where, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const sent = request(where, { method, headers, ca: CERTIFICATE, signal }, (response) => {
      resolve({
        status: response.statusCode ?? 0,
        headers: { get: (name) => (response.headers[name] as string | undefined) ?? null },
        arrayBuffer: async () => {
          const parts: Buffer[] = []
          for await (const part of response) parts.push(part as Buffer)
          return new Uint8Array(Buffer.concat(parts)).buffer
        },
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })

beforeAll(async () => {
  server = createServer({ key: KEY, cert: CERTIFICATE }, (incoming, response) => void handle(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(() => {
  asked.length = 0
  instead = null
})

const stack = new Stack({ clock: new RealClock(), random: new SeededRandom(1) })
afterEach(() => expect(stack.descriptors.size).toBe(0))

const resolver = (https: Partial<HttpsOptions> = {}, options: Partial<ResolverOptions> = {}) =>
  new Resolver(stack, {
    servers: [],
    random: new SeededRandom(2),
    attempts: 1,
    https: { url, fetch, ...https },
    ...options,
  })

describe.each(['GET', 'POST'] as const)('by %s', (method) => {
  test('a question goes with an id of 0, and its answer is one as by others (RFC 8484 4.1)', async () => {
    const { name, records } = await resolver({ method }).query('WWW.example', 'A')
    expect([name, ...records.map(({ data }) => String(data))]).toEqual(['host.example', '192.0.2.1'])
    expect(asked).toMatchObject([{ method, accept: MEDIA_TYPE, message: { id: 0, recursionDesired: true } }])
  })

  test('that there is no such name is an answer, and is kept', async () => {
    const one = resolver({ method })
    for (let i = 0; i < 2; i++) expect(await one.query('none.example', 'A')).toMatchObject({ rcode: 3, records: [] })
    expect(asked).toHaveLength(1)
  })
})

test('the same question is the same request, which caches on the way may answer', async () => {
  const urls: string[] = []
  const noting: HttpsFetch = (where, init) => {
    urls.push(where)
    return fetch(where, init)
  }
  for (let i = 0; i < 2; i++)
    await resolver({ method: 'GET', fetch: noting, url: `${url}?a=b` }).query('host.example', 'A')
  expect(urls[0]).toBe(urls[1])
  expect(urls[0]).toMatch(/\?a=b&dns=[\w-]+$/)
})

test('an answer has so much less time as a cache has kept it (RFC 8484 5.1)', async () => {
  instead = (response, answer) => response.setHeader('content-type', MEDIA_TYPE).setHeader('age', '250').end(answer)
  const { records } = await resolver().query('host.example', 'A')
  expect(records.map(({ ttl }) => ttl)).toEqual([50])
})

describe('what is no answer is said, with the reason', () => {
  test.each<[string, (response: ServerResponse, answer: Uint8Array) => void, string]>([
    ['an error', (response) => response.writeHead(503).end('no'), 'the server answered 503'],
    [
      'a page',
      (response) => response.setHeader('content-type', 'text/html').end('<p>'),
      'the server answered with "text/html"',
    ],
    [
      'no message',
      (response) => response.setHeader('content-type', MEDIA_TYPE).end('x'),
      'a header has 12 octets, and there are 1',
    ],
    [
      'another question',
      (response, answer) => {
        const other = Buffer.from(answer)
        other[13] = 0x78
        response.setHeader('content-type', MEDIA_TYPE).end(other)
      },
      'the server answered another question',
    ],
    [
      'a flood',
      (response) =>
        response.writeHead(200, { 'content-type': MEDIA_TYPE, 'content-length': 70_000 }).end(Buffer.alloc(70_000)),
      'the server answered with 70000 octets',
    ],
  ])('%s', async (_, what, reason) => {
    instead = what
    const error = await resolver()
      .query('host.example', 'A')
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'ENOSERVER', cause: { message: reason } })
  })

  test('nothing: it is late, whether the request hears that or not', async () => {
    const never: HttpsFetch = () => new Promise(() => {})
    const error = await resolver({ fetch: never }, { timeout: 20 })
      .query('host.example', 'A')
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'ETIMEOUT' })
  })

  test('a question that is given up', async () => {
    const stop = new AbortController()
    const never: HttpsFetch = () => new Promise(() => {})
    const asking = resolver({ fetch: never }).query('host.example', 'A', { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(asking).rejects.toThrow('enough')
  })
})

test.each([
  [{ url: 'http://a/' }, 'options.https.url must be such as https://dns.example/dns-query, got "http://a/"'],
  [{ url: 'https://' }, 'options.https.url must be such as'],
  [{ fetch: 1 }, 'options.https.fetch must be a function, got 1'],
  [{ method: 'PUT' }, 'options.https.method must be GET or POST, got "PUT"'],
  [{ path: '/' }, "options.https has no 'path'"],
])('wrong options are named: %j', (wrong, message) => {
  expect(() => resolver(wrong as never)).toThrow(message)
})
