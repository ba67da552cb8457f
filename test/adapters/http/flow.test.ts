// Read first: the WHATWG Fetch Standard, section 4.1 (abort); the Streams Standard, section 2.5 (backpressure). How much is under way, and what
// ends it.

import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Http, type HttpServer, httpFor, type ServeHandler } from '../../../src/adapters/web.ts'
import { expectNoUnhandledRejections, failure } from '../web/hosts.ts'
import { PEERS, type Peers, turns } from './peers.ts'

expectNoUnhandledRejections()

/** Octets that may lie between a writer and a reader who takes none: buffers of both sockets and of the streams. */
const UNDER_WAY = 16 << 20
const CHUNK = 65_536

/** The header of gzip (RFC 1952 section 2.3), and that of a stored block (RFC 1951 section 3.2.4) which fills a chunk with it. */
const GZIP = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)
const STORED = Uint8Array.of(0, (CHUNK - 5) & 255, (CHUNK - 5) >> 8, ~(CHUNK - 5) & 255, (~(CHUNK - 5) >> 8) & 255)

/** A body without end, and how much of it was asked for. */
class Endless {
  given = 0
  /** As gzip: nothing is made shorter. */
  packed = false
  cancelled: unknown = null
  readonly stream: ReadableStream<Uint8Array> = new ReadableStream(
    {
      pull: (controller) => {
        if (this.packed && this.given === 0) controller.enqueue(GZIP)
        this.given += CHUNK
        const chunk = new Uint8Array(CHUNK)
        if (this.packed) chunk.set(STORED)
        controller.enqueue(chunk)
      },
      cancel: (reason) => {
        this.cancelled = reason ?? 'cancelled'
      },
    },
    { highWaterMark: 0 },
  )

  /** Waits until nothing more is asked for. */
  async still(): Promise<number> {
    for (let before = -1; before !== this.given; ) {
      before = this.given
      for (let i = 0; i < 20; i++) await turns()
      if (this.given > UNDER_WAY) throw new Error(`${this.given} octets were taken though nobody reads them`)
    }
    return this.given
  }
}

describe.each(PEERS)('bodies over %s', (_, make) => {
  let peers: Peers
  let http: Http
  let server: HttpServer
  let stop: AbortController
  beforeEach(() => {
    peers = make()
    http = httpFor(peers.client)
    stop = new AbortController()
  })
  afterEach(async () => {
    stop.abort()
    await server.finished
  })

  function serve(handler: ServeHandler): string {
    server = httpFor(peers.server).serve({ port: 0, signal: stop.signal }, handler)
    return `http://${peers.host}:${server.addr.port}/`
  }

  test.each([false, true])(
    'a client that does not read stops the server, and goes on where it was (gzip: %s)',
    async (packed) => {
      const endless = new Endless()
      endless.packed = packed
      const url = serve(() => {
        return new Response(endless.stream, { headers: { 'content-encoding': packed ? 'gzip' : 'identity' } })
      })
      const response = await http.fetch(url)
      const held = await endless.still()
      expect(held).toBeGreaterThan(0)
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      for (let got = 0; got < held + CHUNK; ) got += (await reader.read()).value?.length ?? 0
      expect(endless.given).toBeGreaterThan(held)
      await reader.cancel()
      await endless.still()
      expect(endless.cancelled).not.toBe(null)
    },
  )

  test('a handler that does not read stops the client', async () => {
    const endless = new Endless()
    let go = () => {}
    const url = serve(async (request) => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      const reader = (request.body as ReadableStream<Uint8Array>).getReader()
      let got = 0
      while (got < 1 << 20) got += (await reader.read()).value?.length ?? 0
      return new Response(String(got >= 1 << 20))
    })
    const init = { method: 'POST', body: endless.stream, duplex: 'half' } as RequestInit
    const fetching = http.fetch(url, init)
    expect(await endless.still()).toBeGreaterThan(0)
    go()
    expect(await (await fetching).text()).toBe('true')
    await endless.still()
    expect(endless.cancelled).not.toBe(null)
  })

  test('gzip and deflate are undone; HEAD and an empty body have none', async () => {
    const text = 'a text that is long enough to be worth it '.repeat(1000)
    const url = serve((request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/empty') return new Response(null, { headers: { 'content-encoding': 'gzip' } })
      if (pathname === '/unknown') return new Response('as it is', { headers: { 'content-encoding': 'unknown' } })
      if (pathname === '/broken')
        return new Response(gzipSync(text).subarray(0, 50), { headers: { 'content-encoding': 'gzip' } })
      const format = pathname.slice(1) as CompressionFormat
      const body = new Response(text).body?.pipeThrough(new CompressionStream(format)) as ReadableStream
      return new Response(body, {
        headers: { 'content-encoding': format, asked: request.headers.get('accept-encoding') ?? '' },
      })
    })
    for (const format of ['gzip', 'deflate']) {
      const response = await http.fetch(url + format)
      expect([await response.text(), response.headers.get('asked')]).toEqual([text, 'gzip, deflate'])
      expect(response.headers.get('content-encoding')).toBe(format)
      expect(await (await http.fetch(url + format, { method: 'HEAD' })).text()).toBe('')
    }
    expect(await (await http.fetch(`${url}empty`)).text()).toBe('')
    expect(await (await http.fetch(`${url}unknown`)).text()).toBe('as it is')
    expect(await failure((await http.fetch(`${url}broken`)).text())).toBeInstanceOf(TypeError)
  })

  describe('a signal that aborts', () => {
    const reason = new Error('enough')

    test('before: nothing is sent', async () => {
      let asked = 0
      const url = serve(() => {
        asked++
        return new Response()
      })
      expect(await failure(http.fetch(url, { signal: AbortSignal.abort(reason) }))).toBe(reason)
      await turns()
      expect(asked).toBe(0)
      const error = (await failure(http.fetch(url, { signal: AbortSignal.abort() }))) as Error
      expect(error.name).toBe('AbortError')
    })

    test('while the answer is waited for: the server hears of it', async () => {
      const aborting = new AbortController()
      let told: () => void = () => {}
      const gone = new Promise<void>((resolve) => {
        told = resolve
      })
      let asked: () => void = () => {}
      const arrived = new Promise<void>((resolve) => {
        asked = resolve
      })
      const url = serve((request) => {
        request.signal.addEventListener('abort', () => told())
        asked()
        return new Promise(() => {})
      })
      const fetching = failure(http.fetch(url, { signal: aborting.signal }))
      await arrived
      aborting.abort(reason)
      expect(await fetching).toBe(reason)
      await gone
    })

    test.each(['', 'gzip'])('while the body is read: who reads it gets the reason %s', async (coding) => {
      const aborting = new AbortController()
      const endless = new Endless()
      const url = serve(() => {
        if (coding === '') return new Response(endless.stream)
        endless.packed = true
        return new Response(endless.stream, { headers: { 'content-encoding': coding } })
      })
      const response = await http.fetch(url, { signal: aborting.signal })
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      await reader.read()
      aborting.abort(reason)
      const error = await failure(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      )
      expect(error).toBe(reason)
      await endless.still()
      expect(endless.cancelled).not.toBe(null)
    })

    test('while the request is sent: its body is cancelled', async () => {
      const aborting = new AbortController()
      const endless = new Endless()
      const url = serve(() => new Promise(() => {}))
      const init = { method: 'POST', body: endless.stream, duplex: 'half', signal: aborting.signal } as RequestInit
      const fetching = failure(http.fetch(url, init))
      await endless.still()
      aborting.abort(reason)
      expect(await fetching).toBe(reason)
      await endless.still()
      expect(endless.cancelled).toBe(reason)
    })

    test('when all is over: nothing', async () => {
      const aborting = new AbortController()
      const url = serve(() => new Response('ok'))
      const response = await http.fetch(url, { signal: aborting.signal })
      expect(await response.text()).toBe('ok')
      aborting.abort()
      expect(await (await http.fetch(url)).text()).toBe('ok')
    })
  })

  test('a body of an answer that fails is a body that breaks off', async () => {
    const url = serve(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(3)),
            async pull(controller) {
              await turns()
              controller.error(new Error('no more'))
            },
          }),
        ),
    )
    const response = await http.fetch(url)
    expect(await failure(response.text())).toMatchObject({ message: 'terminated' })
  })

  test('a chunk that is no octets, and a body that is not so long as it says, break off too', async () => {
    const url = serve((request) => {
      if (request.url.endsWith('text')) {
        return new Response(new ReadableStream({ start: (controller) => controller.enqueue('text') }))
      }
      return new Response('ok', { headers: { 'content-length': request.url.endsWith('long') ? '1' : '3' } })
    })
    for (const path of ['text', 'short', 'long']) {
      const broken = http.fetch(url + path).then((response) => response.text())
      expect(await failure(broken)).toBeInstanceOf(TypeError)
    }
  })
})
