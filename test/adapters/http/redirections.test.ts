// Read first: the WHATWG Fetch Standard, section 4.4 (HTTP-redirect fetch).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HttpServer, httpFor } from '../../../src/adapters/web.ts'
import { Stack } from '../../../src/platform/stack.ts'
import { expectNoUnhandledRejections, failure } from '../web/hosts.ts'

expectNoUnhandledRejections()

const stack = new Stack()
const { fetch, serve } = httpFor(stack)
let server: HttpServer
let other: HttpServer
let url: string

/** Tells what it was asked, or leads where the question says. */
async function handler(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const seen = {
    method: request.method,
    path: pathname,
    body: await request.text(),
    type: request.headers.get('content-type'),
    secrets: ['authorization', 'cookie', 'proxy-authorization'].filter((name) => request.headers.has(name)),
  }
  const status = searchParams.get('status')
  if (status === null) return Response.json(seen)
  return new Response('elsewhere', { status: Number(status), headers: { location: searchParams.get('to') as string } })
}

beforeAll(() => {
  server = serve({ port: 0 }, handler)
  other = serve({ port: 0 }, handler)
  url = `http://127.0.0.1:${server.addr.port}`
})
afterAll(async () => {
  await server.shutdown()
  await other.shutdown()
})

const to = (status: number, place: string) => `${url}/first?status=${status}&to=${encodeURIComponent(place)}`

describe('a redirection', () => {
  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [307, 'POST', 'POST', 'body'],
    [308, 'POST', 'POST', 'body'],
    [301, 'PUT', 'PUT', 'body'],
    [303, 'PUT', 'GET', ''],
  ])('%i of %s leads to %s', async (status, method, next, body) => {
    const response = await fetch(to(status, '/second'), { method, body: 'body' })
    expect([response.url, response.redirected]).toEqual([`${url}/second`, true])
    const type = body === '' ? null : 'text/plain;charset=UTF-8'
    expect(await response.json()).toMatchObject({ method: next, path: '/second', body, type })
  })

  test('303 of HEAD leads to HEAD', async () => {
    expect((await fetch(to(303, '/second'), { method: 'HEAD' })).headers.get('content-length')).not.toBe(null)
  })

  test('credentials stay with their origin', async () => {
    const headers = { authorization: 'a', cookie: 'b', 'proxy-authorization': 'c', 'content-type': 'text/x' }
    const same = await fetch(to(307, '/second'), { headers })
    expect(await same.json()).toMatchObject({ secrets: ['authorization', 'cookie', 'proxy-authorization'] })
    const away = await fetch(to(307, `http://127.0.0.1:${other.addr.port}/second`), { headers })
    expect(await away.json()).toMatchObject({ secrets: [], type: 'text/x' })
  })

  test('the fragment stays, where the Location has none; the URL of a response is without', async () => {
    expect((await fetch(`${to(302, '/second?a#b')}`)).url).toBe(`${url}/second?a`)
  })

  test("'manual' gives the redirection, 'error' is a TypeError", async () => {
    const response = await fetch(to(302, '/second'), { redirect: 'manual' })
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      302,
      '/second',
      'elsewhere',
    ])
    expect(await failure(fetch(to(302, '/second'), { redirect: 'error' }))).toMatchObject({
      message: 'fetch failed',
      cause: { message: 'the answer is a redirection, to /second' },
    })
  })

  test('20 are followed, and no more', async () => {
    let left = 20
    const chain = serve({ port: 0 }, () =>
      left-- > 0 ? new Response(null, { status: 302, headers: { location: '/' } }) : new Response('end'),
    )
    const start = `http://127.0.0.1:${chain.addr.port}/`
    expect(await (await fetch(start)).text()).toBe('end')
    left = 21
    expect(await failure(fetch(start))).toMatchObject({ cause: { message: 'there are more than 20 redirections' } })
    await chain.shutdown()
  })

  test.each([
    ['a place that is no URL', 'http://[', 'HTTP_SYNTAX'],
    ['another scheme', 'ftp://a/', undefined],
    ['another host with a password', 'http://a:b@192.0.2.1/', undefined],
  ])('%s is a TypeError', async (_what, place, code) => {
    const error = await failure(fetch(to(302, place)))
    expect(error).toBeInstanceOf(TypeError)
    expect((error as { cause: { code?: string } }).cause.code).toBe(code)
  })

  test('a body that was a stream cannot be sent again, but where it is not sent', async () => {
    const init = () => ({ method: 'POST', body: new Response('body').body, duplex: 'half' }) as RequestInit
    expect(await failure(fetch(to(307, '/second'), init()))).toMatchObject({
      cause: { message: 'a redirection asks for the body again, which was a stream' },
    })
    expect(await (await fetch(to(303, '/second'), init())).json()).toMatchObject({ method: 'GET', body: '' })
  })

  test('without a Location it is an answer', async () => {
    const empty = serve({ port: 0 }, () => new Response('x', { status: 302 }))
    const response = await fetch(`http://127.0.0.1:${empty.addr.port}/`)
    expect([response.status, await response.text()]).toEqual([302, 'x'])
    await empty.shutdown()
  })
})
