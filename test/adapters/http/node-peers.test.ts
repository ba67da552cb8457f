// Node's own server and client at the other end, on node:net over the same stacks; https by Node's TLS.

import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer, request as httpsRequest } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { createGzip } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { nodeTls } from '../../../src/adapters/node-tls.ts'
import { type HttpServer, httpFor } from '../../../src/adapters/web.ts'
import { CERTIFICATE, KEY } from '../web/certificate.ts'
import { expectNoUnhandledRejections, failure } from '../web/hosts.ts'
import { PEERS, type Peers } from './peers.ts'

expectNoUnhandledRejections()

describe.each(PEERS)('over %s', (_, make) => {
  let peers: Peers
  beforeEach(() => {
    peers = make()
  })

  describe('fetch and node:http', () => {
    let listening: Server
    let url: string
    let connections: number

    beforeEach(async () => {
      connections = 0
      const http = createServer(async (request, response) => {
        const { pathname } = new URL(request.url as string, 'http://a')
        if (pathname === '/echo') {
          response.setHeader('Method', request.method as string)
          response.setHeader('Coding', request.headers['transfer-encoding'] ?? '')
          request.pipe(response)
        } else if (pathname === '/gzip') {
          response.setHeader('Content-Encoding', 'gzip')
          const gzip = createGzip()
          gzip.pipe(response)
          gzip.end('packed '.repeat(10_000))
        } else if (pathname === '/early') {
          response.writeEarlyHints({ link: '</a>; rel=preload' })
          response.end('late')
        } else if (pathname === '/trailer') {
          response.writeHead(200, { Trailer: 'Sum' })
          response.write('body')
          response.addTrailers({ Sum: '1' })
          response.end()
        } else if (pathname === '/broken') {
          response.write('part')
          setImmediate(() => response.destroy())
        } else if (pathname === '/elsewhere') {
          response.writeHead(307, { Location: '/echo' }).end('x'.repeat(1000))
        } else {
          response.writeHead(404, { 'Set-Cookie': ['a=1', 'b=2'] }).end('not here')
        }
      })
      listening = netFor(peers.server).createServer((socket) => {
        connections++
        http.emit('connection', socket)
      })
      listening.listen(0, '0.0.0.0')
      await once(listening, 'listening')
      url = `http://${peers.host}:${(listening.address() as AddressInfo).port}`
    })
    afterEach(() => void listening.close())

    test('bodies both ways, fields, redirections, codings, and one connection for all', async () => {
      const { fetch } = httpFor(peers.client)
      const missing = await fetch(url)
      expect([missing.status, missing.statusText, await missing.text()]).toEqual([404, 'Not Found', 'not here'])
      expect(missing.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      const text = 'naïve '.repeat(50_000)
      const echo = await fetch(`${url}/elsewhere`, { method: 'PUT', body: 'short' })
      expect([echo.headers.get('method'), echo.headers.get('coding'), echo.url]).toEqual(['PUT', '', `${url}/echo`])
      expect(await echo.text()).toBe('short')
      expect(await (await fetch(`${url}/echo`, { method: 'POST', body: text })).text()).toBe(text)
      const body = new Blob([text]).stream()
      const streamed = await fetch(`${url}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit)
      expect([streamed.headers.get('coding'), await streamed.text()]).toEqual(['chunked', text])
      expect(await (await fetch(`${url}/gzip`)).text()).toBe('packed '.repeat(10_000))
      expect(await (await fetch(`${url}/early`)).text()).toBe('late')
      expect(await (await fetch(`${url}/trailer`)).text()).toBe('body')
      expect((await fetch(`${url}/gzip`, { method: 'HEAD' })).headers.get('content-encoding')).toBe('gzip')
      expect(connections).toBe(1)
      expect(await failure(fetch(`${url}/broken`).then((response) => response.text()))).toMatchObject({
        message: 'terminated',
      })
    })

    test('many at once', async () => {
      const { fetch } = httpFor(peers.client)
      const answers = Array.from({ length: 50 }, async (_, i) => {
        const response = await fetch(`${url}/echo`, { method: 'POST', body: `${i} `.repeat(2000) })
        return response.text()
      })
      expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, (_, i) => `${i} `.repeat(2000)))
    })
  })

  describe('serve and the client of node:http', () => {
    let server: HttpServer
    afterEach(() => server.shutdown())

    const options = () => {
      const { port } = server.addr
      return {
        createConnection: () => netFor(peers.client).connect({ host: peers.host, port }),
        host: peers.host,
        port,
      }
    }

    async function answered(request: ReturnType<typeof httpRequest>): Promise<[IncomingMessage, string]> {
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      response.setEncoding('utf8')
      let text = ''
      for await (const part of response) text += part
      return [response, text]
    }

    test('bodies both ways, in chunks and measured, HEAD, and an Expect', async () => {
      server = httpFor(peers.server).serve({ port: 0 }, async (request) => {
        if (request.method === 'GET') return new Response('ok', { headers: { 'x-own': 'a' } })
        return new Response(request.body, {
          headers: { 'was-measured': String(request.headers.has('content-length')) },
        })
      })
      const [got, text] = await answered(httpRequest(options()).end())
      expect([got.statusCode, got.statusMessage, got.headers['x-own'], got.headers['content-length'], text]).toEqual([
        200,
        'OK',
        'a',
        '2',
        'ok',
      ])
      const long = 'a part '.repeat(100_000)
      const [measured, one] = await answered(httpRequest({ ...options(), method: 'POST' }).end(long))
      expect([measured.headers['was-measured'], one === long]).toEqual(['true', true])
      const upload = httpRequest({ ...options(), method: 'PUT' })
      for (let i = 0; i < 10; i++) upload.write(long)
      upload.end()
      const [chunked, ten] = await answered(upload)
      expect([chunked.headers['was-measured'], ten === long.repeat(10)]).toEqual(['false', true])
      const [head, none] = await answered(httpRequest({ ...options(), method: 'HEAD' }).end())
      expect([head.statusCode, none]).toEqual([200, ''])
      const expecting = httpRequest({ ...options(), method: 'POST', headers: { Expect: '100-continue' } })
      expecting.flushHeaders()
      const answering = answered(expecting)
      await once(expecting, 'continue')
      expecting.end('body')
      expect((await answering)[1]).toBe('body')
    })
  })

  describe('https', () => {
    const tls = nodeTls({ ca: CERTIFICATE })

    // The certificate is for 127.0.0.1: who asks another address is told that it is not for that.
    test('fetch and serve by nodeTls', async () => {
      const { serve } = httpFor(peers.server, { tls })
      const server = serve({ port: 0, cert: CERTIFICATE, key: KEY }, async (request) => {
        return new Response(`${new URL(request.url).protocol} ${await request.text()}`)
      })
      const { fetch } = httpFor(peers.client, { tls })
      const url = `https://${peers.host}:${server.addr.port}/`
      if (peers.host !== '127.0.0.1') {
        expect(await failure(fetch(url))).toMatchObject({ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
      } else {
        for (const body of ['one', 'two', 'x'.repeat(1_000_000)]) {
          expect(await (await fetch(url, { method: 'POST', body })).text()).toBe(`https: ${body}`)
        }
        expect(await failure(httpFor(peers.client, { tls: nodeTls() }).fetch(url))).toMatchObject({
          cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
        })
      }
      expect(await failure(httpFor(peers.client).fetch(url))).toMatchObject({
        cause: { message: 'https: needs a TLS engine: give `tls`' },
      })
      await server.shutdown()
    })

    test('fetch and node:https, by a name', async () => {
      const https = createSecureServer({ cert: CERTIFICATE, key: KEY }, (request, response) => request.pipe(response))
      const listening = netFor(peers.server).createServer((socket) => https.emit('connection', socket))
      listening.listen(0, '0.0.0.0')
      await once(listening, 'listening')
      const { port } = listening.address() as AddressInfo
      const { Names } = await import('../../../src/services/names/index.ts')
      const names = new Names(peers.client, { hosts: `${peers.host} server.example` })
      const { fetch } = httpFor(peers.client, { tls, names })
      for (const body of ['one', 'x'.repeat(300_000)]) {
        expect(await (await fetch(`https://server.example:${port}/`, { method: 'POST', body })).text()).toBe(body)
      }
      listening.close()
    })

    test('serve and the client of node:https', async () => {
      const { serve } = httpFor(peers.server, { tls })
      const server = serve({ port: 0, cert: CERTIFICATE, key: KEY }, (request) => new Response(request.body))
      const { port } = server.addr
      const socket = netFor(peers.client).connect({ host: peers.host, port })
      const options = { ca: CERTIFICATE, servername: 'server.example', method: 'POST', socket, agent: false } as const
      const request = httpsRequest(options as never).end('x'.repeat(300_000))
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      let text = ''
      for await (const part of response) text += part
      expect(text).toBe('x'.repeat(300_000))
      await server.shutdown()
    })

    test('a certificate needs an engine that can be a server', () => {
      const { serve } = httpFor(peers.server)
      expect(() => serve({ port: 0, cert: CERTIFICATE, key: KEY }, () => new Response())).toThrow(
        'options.cert needs a TLS engine that can be a server',
      )
    })
  })
})
