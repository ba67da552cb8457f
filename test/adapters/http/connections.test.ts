// Read first: RFC 9112 section 9. Which connections are kept, for how long, and what is sent again.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeTls } from '../../../src/adapters/node-tls.ts'
import { type Http, type HttpServer, httpFor, type ServeHandler } from '../../../src/adapters/web.ts'
import { AF_INET, SOCK_STREAM } from '../../../src/base/constants.ts'
import { ManualClock } from '../../../src/base/manual-clock.ts'
import { Stack } from '../../../src/platform/stack.ts'
import { Socket } from '../../../src/socket/socket.ts'
import { netstat } from '../../../src/stack/netstat.ts'
import { expectNoUnhandledRejections, failure, settled } from '../web/hosts.ts'
import { onClock, plain, turns, Wire } from './peers.ts'

expectNoUnhandledRejections()

let stack: Stack
let clock: ManualClock
let http: Http
beforeEach(() => {
  stack = new Stack()
  clock = new ManualClock()
  http = httpFor(onClock(stack, clock))
})

/** How many connections are open, of both ends. */
const open = () => netstat(stack).filter(({ state }) => state === 'ESTABLISHED').length

describe('fetch', () => {
  let listener: Socket
  let url: string
  beforeEach(() => {
    listener = new Socket(stack, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 0 })
    listener.listen()
    url = `http://127.0.0.1:${listener.getsockname().port}/`
  })
  afterEach(() => void listener.close())

  const accept = async () => new Wire(await listener.accept())
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

  /** A connection that has carried one answer, and what is asked on it next. */
  async function used(answer = OK): Promise<Wire> {
    const fetching = http.fetch(url)
    const wire = await accept()
    await wire.until('\r\n\r\n')
    await wire.send(answer)
    expect(await (await fetching).text()).toBe('ok')
    return wire
  }

  test('the octets of a request', async () => {
    const fetching = http.fetch(`${url}a%20b?c`, { method: 'post', body: 'body', headers: { 'X-Own': 'é' } })
    const wire = await accept()
    expect(await wire.until('body')).toBe(
      `POST /a%20b?c HTTP/1.1\r\nHost: ${new URL(url).host}\r\ncontent-type: text/plain;charset=UTF-8\r\nx-own: \xe9\r\n` +
        'Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: jackfield\r\nContent-Length: 4\r\n\r\nbody',
    )
    await wire.send(OK)
    await (await fetching).text()
    await wire.close()
  })

  test('fields that say how a message is carried are not the caller’s', async () => {
    const headers = {
      'transfer-encoding': 'gzip',
      te: 'x',
      'keep-alive': '9',
      'content-length': '9',
      connection: 'close',
    }
    const fetching = http.fetch(url, { headers })
    const wire = await accept()
    const head = await wire.until('\r\n\r\n')
    expect(
      head
        .split('\r\n')
        .slice(2)
        .map((line) => line.split(':')[0])
        .filter(Boolean),
    ).toEqual(['Accept', 'Accept-Encoding', 'User-Agent', 'Connection'])
    await wire.send(OK)
    await (await fetching).text()
    expect(await wire.until()).toBe('')
    await wire.close()
  })

  test('a second request goes over the same connection', async () => {
    const wire = await used()
    const again = http.fetch(url)
    await wire.until('\r\n\r\n')
    await wire.send(OK)
    expect(await (await again).text()).toBe('ok')
    await wire.close()
  })

  test('a body that is read ahead whole frees its connection, though nobody reads it', async () => {
    const fetching = http.fetch(url)
    const wire = await accept()
    await wire.until('\r\n\r\n')
    await wire.send(OK)
    const first = await fetching
    await turns()
    const again = http.fetch(url)
    await wire.until('\r\n\r\n')
    await wire.send(OK)
    expect([await (await again).text(), await first.text()]).toEqual(['ok', 'ok'])
    await wire.close()
  })

  test.each([
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['octets behind the answer', `${OK}HTTP/1.1 200 OK\r\n\r\n`],
    [
      'a promise of one second, which may be over',
      'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok',
    ],
  ])('%s: the connection is closed', async (_what, answer) => {
    const wire = await used(answer)
    expect(await wire.until().catch((error) => error.code)).toMatch(/^$|ECONNRESET/)
    await wire.close()
  })

  test('HTTP/1.0 with keep-alive: it is kept', async () => {
    const wire = await used('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok')
    const again = http.fetch(url)
    await wire.until('\r\n\r\n')
    await wire.send(OK)
    await (await again).text()
    await wire.close()
  })

  test('it is closed when it has waited for four seconds, or for what the server has promised', async () => {
    const wire = await used()
    clock.advanceTo(3999)
    await turns()
    expect(open()).toBe(2)
    clock.advanceTo(4000)
    expect(await wire.until()).toBe('')
    await wire.close()
    const other = await used('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3\r\nContent-Length: 2\r\n\r\nok')
    clock.advanceTo(6000)
    expect(await other.until()).toBe('')
    await other.close()
  })

  test('eight wait for an origin, the oldest is closed for a ninth', async () => {
    const wires: Wire[] = []
    const fetching = Array.from({ length: 9 }, () => http.fetch(url))
    for (const _ of fetching) wires.push(await accept())
    for (const wire of wires) {
      await wire.until('\r\n\r\n')
      await wire.send(OK)
    }
    for (const one of fetching) await (await one).text()
    await turns()
    expect(open()).toBe(16)
    for (const wire of wires) await wire.close()
  })

  test('one that the server has closed meanwhile is not used again', async () => {
    const wire = await used()
    await wire.close()
    await turns()
    const other = used()
    await other
    await (await other).close()
  })

  test.each([
    ['GET', undefined],
    ['PUT', 'body'],
    ['DELETE', undefined],
  ])('%s is sent again where a used connection ends before there is an answer (9.3.1)', async (method, body) => {
    const wire = await used()
    const again = http.fetch(url, { method, ...(body === undefined ? {} : { body }) })
    await wire.until(body ?? '\r\n\r\n')
    await wire.close()
    const other = await accept()
    await other.until(body ?? '\r\n\r\n')
    await other.send(OK)
    expect(await (await again).text()).toBe('ok')
    await other.close()
  })

  test.each([
    ['POST', { method: 'POST', body: 'body' }],
    ['PUT of a stream', { method: 'PUT', body: new Response('body').body, duplex: 'half' }],
  ])('%s is not sent again', async (_what, init) => {
    const wire = await used()
    const again = failure(http.fetch(url, init as RequestInit))
    await wire.until('body')
    await wire.close()
    expect(await again).toMatchObject({ cause: { code: 'HTTP_CLOSED' } })
  })

  test('nor is GET where an answer had begun, or the connection was new', async () => {
    const wire = await used()
    const again = failure(http.fetch(url))
    await wire.until('\r\n\r\n')
    await wire.send('HTTP')
    await wire.close()
    expect(await again).toMatchObject({ cause: { code: 'HTTP_CLOSED' } })
    const fresh = failure(http.fetch(url))
    await (await accept()).close()
    expect(await fresh).toMatchObject({ message: 'fetch failed' })
  })

  test('an answer that comes before all was sent is given, and nothing more is sent when it was read', async () => {
    let cancelled = false
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      cancel: () => {
        cancelled = true
      },
    })
    const fetching = http.fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit)
    const wire = await accept()
    await wire.until('3\r\n\0\0\0\r\n')
    await wire.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno')
    const response = await fetching
    expect([response.status, await response.text()]).toEqual([413, 'no'])
    await turns()
    expect(cancelled).toBe(true)
    await wire.close()
  })

  test('a body that fails breaks the request off: the server does not take it for whole', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      pull: (controller) => controller.error(new Error('no more')),
    })
    const fetching = failure(http.fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit))
    const wire = await accept()
    expect(await wire.until().catch((error) => error.code)).not.toContain('0\r\n\r\n')
    expect(await fetching).toMatchObject({ message: 'fetch failed', cause: { message: 'no more' } })
    await wire.close()
  })

  test('a stream with a Content-Length is sent so long, and no longer', async () => {
    const send = (length: string) => {
      const init = {
        method: 'POST',
        body: new Response('body').body,
        duplex: 'half',
        headers: { 'content-length': length },
      }
      return http.fetch(url, init as RequestInit)
    }
    const fetching = send('4')
    const wire = await accept()
    expect(await wire.until('\r\n\r\nbody')).toContain('\r\nContent-Length: 4\r\n')
    await wire.send(OK)
    await (await fetching).text()
    await wire.close()
    for (const [length, message] of [
      ['3', 'the body is 1 octets longer than its Content-Length'],
      ['5', 'the body is 1 octets shorter than its Content-Length'],
    ] as const) {
      const wrong = failure(send(length))
      await (await accept()).until().catch(() => {})
      expect(await wrong).toMatchObject({ cause: { message } })
    }
  })
})

describe('serve', () => {
  let server: HttpServer
  afterEach(() => server.shutdown())

  async function served(handler: ServeHandler, limits = {}): Promise<Wire> {
    server = http.serve({ port: 0, limits }, handler)
    return Wire.to(stack, '127.0.0.1', server.addr.port)
  }

  const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

  test('the octets of an answer', async () => {
    const wire = await served(() => new Response('ok', { headers: { 'X-Own': 'é' } }))
    await wire.send(GET)
    expect(plain(await wire.until('ok'))).toBe(
      'HTTP/1.1 200 OK\r\ncontent-type: text/plain;charset=UTF-8\r\nx-own: \xe9\r\nContent-Length: 2\r\n\r\nok',
    )
    await wire.close()
  })

  test('fields that say how a message is carried are not the handler’s', async () => {
    const headers = { 'transfer-encoding': 'gzip', 'keep-alive': '9', upgrade: 'x', date: 'then' }
    const wire = await served(() => new Response(null, { headers }))
    await wire.send(GET)
    expect(await wire.until('\r\n\r\n')).toBe('HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 0\r\n\r\n')
    await wire.close()
  })

  test('requests one behind the other are answered in their order, one at a time', async () => {
    const asked: string[] = []
    let go = () => {}
    const wire = await served(async (request) => {
      const { pathname } = new URL(request.url)
      asked.push(pathname)
      if (pathname === '/1') await new Promise<void>((resolve) => (go = resolve))
      return new Response(pathname)
    })
    await wire.send(['/1', '/2', '/3'].map((path) => GET.replace('/', path)).join(''))
    await turns()
    expect(asked).toEqual(['/1'])
    go()
    const answers = await wire.until('/3')
    expect(answers.match(/\r\n\r\n(\/\d)/g)).toEqual(['\r\n\r\n/1', '\r\n\r\n/2', '\r\n\r\n/3'])
    await wire.close()
  })

  test('HTTP/1.0: the connection is closed, or kept where that was asked for; a body of unknown length ends with it', async () => {
    const slow = () =>
      new ReadableStream({
        async pull(controller) {
          await turns()
          controller.enqueue(new Uint8Array([111, 107]))
          controller.close()
        },
      })
    const wire = await served((request) => new Response(request.url.endsWith('slow') ? slow() : 'ok'))
    await wire.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    expect(await wire.until('ok')).toContain('\r\nConnection: keep-alive\r\n')
    await wire.send('GET /slow HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    const answer = await wire.until()
    expect(answer).toMatch(/\r\nConnection: close\r\n\r\nok$/)
    expect(answer).not.toMatch(/transfer-encoding|content-length/i)
    await wire.close()
    const other = await Wire.to(stack, '127.0.0.1', server.addr.port)
    await other.send('GET / HTTP/1.0\r\n\r\n')
    expect(await other.until()).toMatch(/\r\nConnection: close\r\n\r\nok$/)
    await other.close()
  })

  test('Connection: close of either side closes behind the answer', async () => {
    const wire = await served(() => new Response('ok'))
    await wire.send(`${GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}${GET}`)
    expect((await wire.until()).match(/HTTP/g)?.length).toBe(1)
    await wire.close()
    await server.shutdown()
    const other = await served(() => new Response('ok', { headers: { connection: 'close' } }))
    await other.send(GET + GET)
    expect((await other.until()).match(/HTTP/g)?.length).toBe(1)
    await other.close()
  })

  test('who ends his direction is answered', async () => {
    const wire = await served(async () => {
      await turns()
      return new Response('ok')
    })
    await wire.send(GET)
    wire.end()
    expect(await wire.until()).toMatch(/ok$/)
    await wire.close()
  })

  describe('Expect: 100-continue (RFC 9110 section 10.1.1)', () => {
    const POST = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n'

    test('is answered when the handler reads, and not before', async () => {
      let read = () => {}
      const wire = await served(async (request) => {
        await new Promise<void>((resolve) => (read = resolve))
        return new Response(await request.text())
      })
      await wire.send(POST)
      await turns()
      const waiting = wire.until('\r\n\r\n')
      expect(await settled(waiting)).toBe('pending')
      read()
      expect(await waiting).toBe('HTTP/1.1 100 Continue\r\n\r\n')
      await wire.send('body')
      expect(await wire.until('body')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      await wire.close()
    })

    test('is not where the handler does not; the connection is closed, as the body may come or not', async () => {
      const wire = await served(() => new Response('no', { status: 403 }))
      await wire.send(POST)
      expect(await wire.until()).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n(?:.+\r\n)*Connection: close\r\n\r\nno$/)
      await wire.close()
    })

    test('is not in HTTP/1.0', async () => {
      const wire = await served(async (request) => new Response(await request.text()))
      await wire.send(`${POST.replace('HTTP/1.1', 'HTTP/1.0')}body`)
      expect(await wire.until()).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*\r\nbody$/)
      await wire.close()
    })
  })

  describe('a body that the handler does not read', () => {
    test('is read for the next request', async () => {
      const wire = await served(() => new Response('ok'))
      await wire.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /${GET}`)
      await wire.until('ok')
      await wire.until('ok')
      await wire.close()
    })

    test('is not where it is long; the answer comes all the same', async () => {
      const wire = await served(() => new Response('ok'), { unreadOctets: 100 })
      await wire.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n${'a'.repeat(101)}${GET}`)
      expect(await wire.until()).toMatch(/\r\nConnection: close\r\n\r\nok$/)
      await wire.close()
    })

    test('what of it is still under way when the server closes does not reset the connection (9.6)', async () => {
      const wire = await served(() => new Response('ok'), { unreadOctets: 100 })
      await wire.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n')
      await wire.until('ok')
      for (let i = 0; i < 10; i++) {
        await wire.send('a'.repeat(100))
        await turns()
      }
      expect(await wire.until()).toBe('')
      await wire.close()
    })

    test('nor where it turns out to be long', async () => {
      const wire = await served(() => new Response('ok'), { unreadOctets: 100 })
      const body = `${'10\r\n0123456789abcdef\r\n'.repeat(7)}0\r\n\r\n`
      await wire.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}${GET}`)
      expect((await wire.until()).match(/HTTP/g)?.length).toBe(1)
      await wire.close()
    })

    test('is told gone to who reads it when the answer was sent', async () => {
      let request: Request | null = null
      const wire = await served((asked) => {
        request = asked
        return new Response('ok')
      })
      await wire.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody')
      await wire.until('ok')
      await turns()
      expect(await failure((request as Request | null)?.text() as Promise<string>)).toBeInstanceOf(TypeError)
      await wire.close()
    })
  })

  describe('a peer that takes its time', () => {
    test('to send a head: 408 when it is over, however many octets came in between', async () => {
      const wire = await served(() => new Response('ok'), { headTimeout: 1000 })
      await wire.send('GET / HT')
      for (let at = 100; at < 1000; at += 100) {
        await turns()
        clock.advanceTo(at)
        await wire.send('x')
      }
      await turns()
      expect(clock.nextAt()).toBe(1000)
      clock.advanceTo(1000)
      expect(await wire.until()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n(?:.+\r\n)*Connection: close\r\n\r\n$/)
      await wire.close()
    })

    test('to shake hands for TLS: the connection is reset', async () => {
      const tls = { ...nodeTls(), accept: () => new Promise<never>(() => {}) }
      const secure = httpFor(onClock(stack, clock), { tls })
      server = secure.serve({ port: 0, cert: 'c', key: 'k', limits: { headTimeout: 1000 } }, () => new Response('ok'))
      const wire = await Wire.to(stack, '127.0.0.1', server.addr.port)
      await turns()
      clock.advanceTo(1000)
      expect(await wire.until().catch((error) => error.code)).toBe('ECONNRESET')
      await wire.close()
    })

    test('to begin: the connection is closed without a word; and sooner behind an answer', async () => {
      const wire = await served(() => new Response('ok'), { headTimeout: 3000, idleTimeout: 1000 })
      await turns()
      clock.advanceTo(2999)
      await wire.send(GET)
      await wire.until('ok')
      await turns()
      clock.advanceTo(3998)
      await wire.send(GET)
      await wire.until('ok')
      await turns()
      clock.advanceTo(4998)
      expect(await wire.until()).toBe('')
      await wire.close()
      const silent = await Wire.to(stack, '127.0.0.1', server.addr.port)
      await turns()
      clock.advanceTo(7998)
      expect(await silent.until()).toBe('')
      await silent.close()
    })

    test('to send a body that is read: the handler and the peer hear of it', async () => {
      let told: unknown = null
      const wire = await served(
        async (request) => {
          told = await request.text().catch((error) => error)
          return new Response('late')
        },
        { stallTimeout: 1000 },
      )
      await wire.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo')
      await turns()
      clock.advanceTo(1000)
      const answer = await wire.until()
      expect(told).toMatchObject({ cause: { code: 'HTTP_TIMEOUT' } })
      expect(answer).toMatch(/^HTTP\/1\.1 408 /)
      await wire.close()
    })

    test('to take an answer: the connection is reset, and the body cancelled', async () => {
      let cancelled = false
      const wire = await served(
        () =>
          new Response(
            new ReadableStream({
              pull: (controller) => controller.enqueue(new Uint8Array(65536)),
              cancel: () => {
                cancelled = true
              },
            }),
          ),
        { stallTimeout: 1000 },
      )
      await wire.send(GET)
      while (clock.nextAt() === Number.POSITIVE_INFINITY) await turns()
      await turns()
      clock.advanceTo(1000)
      await turns()
      expect(cancelled).toBe(true)
      expect(await wire.until().catch((error) => error.code)).toBe('ECONNRESET')
      await wire.close()
    })
  })

  test('no more connections than are allowed at a time', async () => {
    let asked = 0
    const wire = await served(
      () => {
        asked++
        return new Response('ok')
      },
      { connections: 1 },
    )
    await wire.send(GET)
    await wire.until('ok')
    const other = await Wire.to(stack, '127.0.0.1', server.addr.port)
    await other.send(GET)
    await turns()
    expect(asked).toBe(1)
    await wire.close()
    await other.until('ok')
    await other.close()
  })

  describe('the end of a server', () => {
    test('shutdown: what is asked is answered, who waits is closed, nobody is accepted', async () => {
      let go = () => {}
      const wire = await served(async (request) => {
        if (request.url.endsWith('slow')) await new Promise<void>((resolve) => (go = resolve))
        return new Response('ok')
      })
      const idle = await Wire.to(stack, '127.0.0.1', server.addr.port)
      await idle.send(GET)
      await idle.until('ok')
      await wire.send(GET.replace('/', '/slow'))
      await turns()
      const ending = server.shutdown()
      expect(await idle.until()).toBe('')
      expect(await failure(Wire.to(stack, '127.0.0.1', server.addr.port))).toMatchObject({ code: 'ECONNREFUSED' })
      expect(await settled(ending)).toBe('pending')
      go()
      expect(await wire.until()).toMatch(/\r\nConnection: close\r\n\r\nok$/)
      await wire.close()
      await idle.close()
      await ending
      await server.finished
      expect(open()).toBe(0)
    })

    test('a signal: all connections end now', async () => {
      const stop = new AbortController()
      let gone: unknown = null
      server = http.serve({ port: 0, signal: stop.signal }, (request) => {
        request.signal.addEventListener('abort', () => {
          gone = request.signal.reason
        })
        return new Promise(() => {})
      })
      const wire = await Wire.to(stack, '127.0.0.1', server.addr.port)
      await wire.send(GET)
      await turns()
      stop.abort(new Error('enough'))
      expect(await wire.until().catch((error) => error.code)).toBe('ECONNRESET')
      expect(gone).not.toBe(null)
      await server.finished
      await wire.close()
    })
  })

  test('who resets the connection aborts the signal of his request', async () => {
    let aborted: () => void = () => {}
    const gone = new Promise<void>((resolve) => (aborted = resolve))
    const wire = await served((request) => {
      request.signal.addEventListener('abort', () => aborted())
      return gone.then(() => new Response('nobody'))
    })
    await wire.send(GET)
    await turns()
    wire.socket.setsockopt(1, 13, { onoff: true, linger: 0 } as never)
    await wire.close()
    await gone
  })
})
