// Read first: the WHATWG Fetch Standard; Deno's documentation of Deno.serve. Ours asks and ours answers.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Http, type HttpServer, httpFor, type ServeHandler } from '../../../src/adapters/web.ts'
import { expectNoUnhandledRejections, failure } from '../web/hosts.ts'
import { PEERS, type Peers } from './peers.ts'

expectNoUnhandledRejections()

describe.each(PEERS)('fetch and serve over %s', (_, make) => {
  let peers: Peers
  let http: Http
  let server: HttpServer | null
  beforeEach(() => {
    peers = make()
    http = httpFor(peers.client)
    server = null
  })
  afterEach(async () => {
    await server?.shutdown()
  })

  /** Serves, and gives the beginning of URLs. */
  function serve(handler: ServeHandler, options = {}): string {
    server = httpFor(peers.server).serve({ port: 0, ...options }, handler)
    return `http://${peers.host}:${server.addr.port}`
  }

  test('a text, its fields and its URL', async () => {
    const url = serve((request) => new Response(`you asked for ${new URL(request.url).pathname}`))
    const response = await http.fetch(`${url}/hello?a=1#part`)
    expect([response.status, response.statusText, response.ok, response.type]).toEqual([200, 'OK', true, 'basic'])
    expect([response.url, response.redirected]).toEqual([`${url}/hello?a=1`, false])
    expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8')
    expect(response.headers.get('content-length')).toBe('20')
    expect(response.headers.get('date')).toMatch(/ GMT$/)
    const clone = response.clone()
    expect(clone.url).toBe(response.url)
    expect(await response.text()).toBe('you asked for /hello')
    expect(await clone.text()).toBe('you asked for /hello')
  })

  test.each([
    ['a string', () => 'naïve', 'text/plain;charset=UTF-8', 'naïve'],
    [
      'URLSearchParams',
      () => new URLSearchParams({ a: '1' }),
      'application/x-www-form-urlencoded;charset=UTF-8',
      'a=1',
    ],
    ['a Blob', () => new Blob(['ab', 'c'], { type: 'text/x' }), 'text/x', 'abc'],
    ['an ArrayBuffer', () => new Uint8Array([97, 98]).buffer, null, 'ab'],
    ['a view', () => new Uint8Array([97, 98, 99]).subarray(1), null, 'bc'],
    ['nothing', () => null, null, ''],
  ])('a body that is %s', async (_kind, body, type, content) => {
    const url = serve(async (request) => {
      const seen = [request.headers.get('content-type'), request.headers.get('content-length')]
      return Response.json([...seen, await request.text()])
    })
    const response = await http.fetch(url, { method: 'POST', body: body() })
    expect(await response.json()).toEqual([type, String(new TextEncoder().encode(content).length), content])
  })

  test('a body that is FormData', async () => {
    const url = serve(async (request) => new Response(String((await request.formData()).get('name'))))
    const body = new FormData()
    body.set('name', 'value')
    expect(await (await http.fetch(url, { method: 'POST', body })).text()).toBe('value')
  })

  test('megabytes there and back as streams, both at once', async () => {
    const url = serve((request) => new Response(request.body))
    const chunk = new Uint8Array(100_000).map((_, i) => i % 251)
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ < 40) controller.enqueue(chunk.slice())
        else controller.close()
      },
    })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const response = await http.fetch(url, init)
    expect(response.headers.get('transfer-encoding')).toBe('chunked')
    const got = new Uint8Array(await response.arrayBuffer())
    expect(got.length).toBe(4_000_000)
    for (let i = 0; i < 40; i++) {
      expect(Buffer.compare(got.subarray(i * 100_000, (i + 1) * 100_000), chunk)).toBe(0)
    }
  })

  test('HEAD has the length and no body', async () => {
    const url = serve(() => new Response('four'))
    const response = await http.fetch(url, { method: 'HEAD' })
    expect([response.headers.get('content-length'), response.body, await response.text()]).toEqual(['4', null, ''])
  })

  test.each([204, 205, 304])('%i has no body', async (status) => {
    const url = serve(() => new Response(null, { status }))
    const response = await http.fetch(url)
    expect([response.status, response.body]).toEqual([status, null])
    expect(response.headers.get('content-length')).toBe(status === 205 ? '0' : null)
    expect((await http.fetch(url)).status).toBe(status)
  })

  test('a handler that throws, or gives no Response, is a 500, or what onError says', async () => {
    const wrong = [
      () => {
        throw new Error('no')
      },
      () => 'text' as unknown as Response,
      () => Response.error(),
    ]
    const url = serve((request) =>
      (wrong[Number(new URL(request.url).pathname.slice(1))] as ServeHandler)(request, {} as never),
    )
    for (const i of wrong.keys()) {
      const response = await http.fetch(`${url}/${i}`)
      expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error'])
    }
    await server?.shutdown()
    const onError = (error: unknown) => new Response((error as Error).message, { status: 503 })
    const other = serve(wrong[0] as ServeHandler, { onError })
    const response = await http.fetch(other)
    expect([response.status, await response.text()]).toEqual([503, 'no'])
  })

  test('who asks, and when the answer was sent', async () => {
    const infos: unknown[] = []
    const url = serve((_request, info) => {
      info.completed.then(() => infos.push('sent'))
      infos.push(info.remoteAddr)
      return new Response('x')
    })
    await (await http.fetch(url)).text()
    await server?.shutdown()
    const { transport, hostname } = infos[0] as { transport: string; hostname: string }
    expect([transport, hostname, infos[1]]).toEqual([
      'tcp',
      peers.host === '10.0.0.2' ? '10.0.0.1' : '127.0.0.1',
      'sent',
    ])
  })

  test('nobody listens: a TypeError, whose cause has the code', async () => {
    const url = serve(() => new Response())
    await server?.shutdown()
    const error = await failure(http.fetch(url))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED', syscall: 'connect' } })
  })
})
