import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { toDuplex } from '../../src/adapters/duplex.ts'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { FetchStream, openConnection } from '../../src/cli/fetch/fetch-connection.ts'
import { FetchFailure } from '../../src/cli/fetch/fetch-failure.ts'
import { fetchLookup, parseResolve, parseServers } from '../../src/cli/fetch/fetch-lookup.ts'
import { parseFetchUrl, parseHeader, parseMethod } from '../../src/cli/fetch/fetch-request.ts'
import { type FetchSettings, fetchPage } from '../../src/cli/fetch/fetch-transfer.ts'
import { RealClock } from '../../src/platform/real-clock.ts'
import { secureRandom } from '../../src/platform/secure-random.ts'
import { HostsFile } from '../../src/services/names/hosts-file.ts'
import { NameServer } from '../../src/services/names/name-server.ts'
import { Socket } from '../../src/socket/socket.ts'
import { trace } from '../../src/socket/trace/trace.ts'
import { Stack } from '../../src/stack/stack.ts'

const decoder = new TextDecoder()

/** A stack that talks to itself on the real clock, as Node's http wants it, and what was fetched. */
class World {
  readonly stack = new Stack({ clock: new RealClock(), random: secureRandom })
  readonly said: string[] = []
  readonly calls: string[] = []
  page = ''
  #http: Server | null = null

  /** Serves HTTP at port 80. */
  http(listener: RequestListener): void {
    const server = createServer(listener)
    this.#http = server
    this.serve((socket) => {
      server.emit('connection', toDuplex(socket, { allowHalfOpen: true }))
    })
  }

  /** Serves what `answer` does with a connection. */
  serve(answer: (socket: Socket) => void | Promise<void>, port = 80): void {
    const listener = new Socket(this.stack, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port })
    listener.listen()
    const run = async () => {
      for await (const socket of listener.connections()) void answer(socket)
    }
    run().catch(() => {})
  }

  async fetch(url: string, settings: Partial<FetchSettings> = {}): Promise<string> {
    const signal = settings.signal ?? new AbortController().signal
    const provider = trace(this.stack, (line) => this.calls.push(line), { calls: 'network,close' })
    await fetchPage(provider, parseFetchUrl(url), {
      method: null,
      head: false,
      data: null,
      headers: [],
      agent: 'test',
      lookup: fetchLookup(this.stack, { family: 0, resolve: [], servers: [], signal }),
      redirections: 0,
      fail: false,
      include: false,
      signal,
      verbose: (line) => this.said.push(line),
      write: async (bytes) => {
        this.page += decoder.decode(bytes)
      },
      ...settings,
    })
    return this.page
  }

  close(): void {
    this.#http?.close()
    this.stack.close()
  }
}

let world: World

function start(): World {
  world = new World()
  return world
}

afterEach(() => world?.close())

/** How a fetch failed: the status that the command exits with. */
async function status(fetching: Promise<unknown>): Promise<number> {
  const error = await fetching.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof FetchFailure)) throw error ?? new Error('it has not failed')
  return error.status
}

describe('a trace of a fetch', () => {
  it('is one of curl: the same calls in the same order, from socket to close', async () => {
    start().http((_, response) => response.end('hello\n'))
    expect(await world.fetch('http://127.0.0.1/')).toBe('hello\n')
    const port = /getsockname\(\d+, \{sa_family=AF_INET, sin_port=htons\((\d+)\)/.exec(world.calls.join('\n'))?.[1]
    const fd = /= (\d+)$/.exec(world.calls[0] as string)?.[1]
    const calls = world.calls.map((line) =>
      line.replace(new RegExp(`\\(${fd}(?=[,)])`), '(FD').replaceAll(`htons(${port})`, 'htons(PORT)'),
    )
    const end = (name: string) => `{sa_family=AF_INET, sin_port=htons(${name}), sin_addr=inet_addr("127.0.0.1")}`
    expect(calls[0]).toBe(`socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = ${fd}`)
    expect(calls.slice(1, 9)).toEqual([
      'setsockopt(FD, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
      'setsockopt(FD, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0',
      'setsockopt(FD, SOL_TCP, TCP_KEEPIDLE, [60], 4) = 0',
      'setsockopt(FD, SOL_TCP, TCP_KEEPINTVL, [60], 4) = 0',
      `connect(FD, ${end('80')}, 16) = -1 EINPROGRESS (Operation now in progress)`,
      'getsockopt(FD, SOL_SOCKET, SO_ERROR, [0], [4]) = 0',
      `getsockname(FD, ${end('PORT')}, [128 => 16]) = 0`,
      `getpeername(FD, ${end('80')}, [128 => 16]) = 0`,
    ])
    expect(calls[9]).toMatch(
      /^sendto\(FD, "GET \/ HTTP\/1.1\\r\\nHost: 127.0.0.1\\r"..., \d+, MSG_NOSIGNAL, NULL, 0\) = \d+$/,
    )
    expect(calls[10]).toMatch(/^recvfrom\(FD, "HTTP\/1.1 200 OK\\r\\n.*"..., 102400, 0, NULL, NULL\) = \d+$/)
    expect(calls.at(-1)).toMatch(/^close\(FD\) +=\s0$/)
    expect(calls.slice(11, -1).every((line) => line.startsWith('recvfrom(FD, ') && !line.includes('EAGAIN'))).toBe(true)
  })
})

describe('fetch', () => {
  it('sends what curl sends, in its order', async () => {
    const heads: string[][] = []
    start().http((request, response) => {
      heads.push([`${request.method} ${request.url}`, ...request.rawHeaders])
      request.resume().on('end', () => response.end())
    })
    await world.fetch('127.0.0.1/a?b=c#d')
    await world.fetch('http://user:word@127.0.0.1/', {
      headers: ['Accept: text/html', 'X-One: 1', 'User-Agent:'].map(parseHeader),
    })
    await world.fetch('http://127.0.0.1/', { data: new TextEncoder().encode('a=b') })
    await world.fetch('http://127.0.0.1/', {
      method: 'PUT',
      data: new Uint8Array(0),
      headers: [parseHeader('Content-Type:')],
    })
    expect(heads).toEqual([
      ['GET /a?b=c', 'Host', '127.0.0.1', 'User-Agent', 'test', 'Accept', '*/*'],
      ['GET /', 'Host', '127.0.0.1', 'Authorization', 'Basic dXNlcjp3b3Jk', 'Accept', 'text/html', 'X-One', '1'],
      [
        ...['POST /', 'Host', '127.0.0.1', 'User-Agent', 'test', 'Accept', '*/*'],
        ...['Content-Length', '3', 'Content-Type', 'application/x-www-form-urlencoded'],
      ],
      ['PUT /', 'Host', '127.0.0.1', 'User-Agent', 'test', 'Accept', '*/*', 'Content-Length', '0'],
    ])
  })

  it('takes a page in chunks, one with a length, and one that the end of the connection ends: RFC 9112 section 6.3', async () => {
    start()
    const bodies: Record<string, string> = {
      '/chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
      '/length': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde and more',
      '/end': 'HTTP/1.1 200 OK\r\n\r\nabcde',
    }
    world.serve(async (socket) => {
      const bytes = new Uint8Array(1000)
      const head = decoder.decode(bytes.subarray(0, await socket.recv(bytes)))
      await socket.send(new TextEncoder().encode(bodies[head.split(' ')[1] as string] as string))
      await socket.close()
    })
    for (const path of Object.keys(bodies)) {
      world.page = ''
      expect(await world.fetch(`http://127.0.0.1${path}`), path).toBe('abcde')
    }
  })

  it('takes a large page whole, whoever is slow', async () => {
    const page = Buffer.alloc(3_000_000, 'jackfield ')
    start().http((_, response) => response.end(page))
    let taken = 0
    await world.fetch('http://127.0.0.1/', {
      write: async (bytes) => {
        taken += bytes.length
        if (taken % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
      },
    })
    expect(taken).toBe(page.length)
  })

  it('shows the header with -i, it alone with -I, and tells what is said with -v', async () => {
    start().http((_, response) => {
      response.sendDate = false
      response.writeHead(200, { 'Content-Length': 5, Connection: 'close' }).end('hello')
    })
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n'
    expect(await world.fetch('http://127.0.0.1/', { include: true })).toBe(`${head}hello`)
    world.page = ''
    world.said.length = 0
    expect(await world.fetch('http://127.0.0.1/', { include: true, head: true })).toBe(head)
    expect(world.said.filter((line) => !line.startsWith('* Conn'))).toEqual([
      '*   Trying 127.0.0.1:80...',
      '> HEAD / HTTP/1.1',
      '> Host: 127.0.0.1',
      '> User-Agent: test',
      '> Accept: */*',
      '>',
      '< HTTP/1.1 200 OK',
      '< Content-Length: 5',
      '< Connection: close',
      '< ',
      '* Closing connection',
    ])
  })

  it('follows redirections with -L and no further than it may; 303, and 302 after POST, become GET', async () => {
    const asked: string[] = []
    start().http((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      const [, code, rest] = /^\/(\d+)(.*)$/.exec(request.url ?? '') ?? []
      if (code === undefined) response.end('there')
      else response.writeHead(Number(code), { Location: rest === '' ? '/end' : rest }).end('not this')
    })
    expect(await world.fetch('http://127.0.0.1/302')).toBe('not this')
    world.page = ''
    asked.length = 0
    expect(await world.fetch('http://127.0.0.1/301/308', { redirections: 9 })).toBe('there')
    await world.fetch('http://127.0.0.1/302', { redirections: 9, data: new Uint8Array(1) })
    await world.fetch('http://127.0.0.1/303', { redirections: 9, data: new Uint8Array(1) })
    await world.fetch('http://127.0.0.1/307', { redirections: 9, data: new Uint8Array(1) })
    expect(asked).toEqual([
      ...['GET /301/308', 'GET /308', 'GET /end'],
      ...['POST /302', 'GET /end', 'POST /303', 'GET /end', 'POST /307', 'POST /end'],
    ])
    expect(await status(world.fetch('http://127.0.0.1/301/301/301', { redirections: 2 }))).toBe(47)
    expect(await status(world.fetch('http://127.0.0.1/301ftp://127.0.0.1/', { redirections: 2 }))).toBe(1)
  })

  it("exits with curl's statuses", async () => {
    start()
    expect(() => parseFetchUrl('ftp://192.0.2.1/')).toThrow(
      'protocol "ftp" is not supported, write http:// or https://',
    )
    for (const url of ['http://', 'ht!tp://x', 'ht_tp://127.0.0.1/', '//127.0.0.1/']) {
      expect(() => parseFetchUrl(url), url).toThrow('is malformed')
    }
    expect(parseFetchUrl('127.0.0.1:80//a?b=c://d').href).toBe('http://127.0.0.1//a?b=c://d')
    // 6: no such name. 7: nobody listens.
    expect(await status(world.fetch('http://no.such.name/'))).toBe(6)
    expect(await status(world.fetch('http://127.0.0.1/'))).toBe(7)
    const answers: Record<number, (socket: Socket) => Promise<unknown>> = {
      52: async (socket) => socket.recv(new Uint8Array(1000)),
      18: async (socket) => {
        await socket.recv(new Uint8Array(1000))
        await socket.send(new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'))
      },
      8: async (socket) => {
        await socket.recv(new Uint8Array(1000))
        await socket.send(new TextEncoder().encode('220 smtp.example ready\r\n'))
      },
      // Reset: what was sent is not read.
      56: async () => {},
    }
    for (const [expected, answer] of Object.entries(answers)) {
      const port = 1000 + Number(expected)
      world.serve(async (socket) => {
        await answer(socket)
        // The request has come.
        if (expected === '56')
          while ((socket.readiness & 1) === 0) await new Promise((resolve) => setImmediate(resolve))
        await socket.close()
      }, port)
      expect(await status(world.fetch(`http://127.0.0.1:${port}/`)), expected).toBe(Number(expected))
    }
    world.http((_, response) => response.writeHead(404).end('no'))
    expect(await world.fetch('http://127.0.0.1/')).toContain('no')
    expect(await status(world.fetch('http://127.0.0.1/', { fail: true }))).toBe(22)
  })

  it('says that sending has failed, with status 55, where the server goes away amid a large request', async () => {
    start()
    world.serve(async (socket) => {
      await socket.recv(new Uint8Array(1000))
      // Reset: more has come than was read.
      await socket.close()
    })
    expect(await status(world.fetch('http://127.0.0.1/', { data: new Uint8Array(20_000_000) }))).toBe(55)
    const socket = await openConnection(
      world.stack,
      SocketAddress.internet('127.0.0.1', 80),
      new AbortController().signal,
    )
    const stream = new FetchStream(socket)
    const failed = new Promise((resolve) => stream.once('error', resolve))
    const written = new Promise((resolve) => stream.write(new Uint8Array(20_000_000), resolve))
    expect(await written).toMatchObject({ syscall: 'send', code: 'ECONNRESET' })
    await failed
  })

  it('gives up when its time is over, with status 28, wherever it is, and leaves nothing open', async () => {
    start()
    world.serve(async () => {})
    const silent = new AbortController()
    const fetching = world.fetch('http://127.0.0.1/', { signal: silent.signal })
    while (!world.calls.some((line) => line.startsWith('sendto'))) await new Promise((resolve) => setImmediate(resolve))
    silent.abort(new FetchFailure(28, 'Operation timed out'))
    expect(await status(fetching)).toBe(28)
    expect(world.calls.at(-1)).toMatch(/^close\(/)
  })

  it('connects where --resolve says, to the address that answers of several, and speaks the name it was given', async () => {
    const hosts: (string | undefined)[] = []
    start().http((request, response) => {
      hosts.push(request.headers.host)
      response.end('found')
    })
    const lookup = fetchLookup(world.stack, {
      family: 0,
      resolve: [parseResolve('Server.example:80:127.0.0.9,127.0.0.1')],
      servers: [],
      signal: new AbortController().signal,
    })
    expect(await world.fetch('http://server.example/', { lookup })).toBe('found')
    expect(hosts).toEqual(['server.example'])
    expect(world.said).toContain('* connect to 127.0.0.9:80 failed: Connection refused')
  })

  it('asks the name servers of --dns-servers; their sockets are not of the trace', async () => {
    start().http((_, response) => response.end('named'))
    const socket = new Socket(world.stack, AF_INET, SOCK_DGRAM)
    socket.bind({ address: '127.0.0.1', port: 53 })
    const hosts = new HostsFile('127.0.0.1 web.example')
    const server = new NameServer({ resolver: null, hosts, zone: 'example' }).datagrams(socket)
    server.run().catch(() => {})
    const { signal } = new AbortController()
    const lookup = fetchLookup(world.stack, { family: 0, resolve: [], servers: parseServers('127.0.0.1'), signal })
    expect(await world.fetch('http://web.example/', { lookup })).toBe('named')
    expect(world.calls.filter((line) => line.startsWith('socket('))).toHaveLength(1)
    expect(await status(world.fetch('http://none.example/', { lookup }))).toBe(6)
    await server.close()
  })

  it('refuses wrong arguments by name', () => {
    expect(() => parseHeader('no header')).toThrow('-H "no header" is no header; write it as in -H \'Name: value\'')
    expect(() => parseHeader('A: b\r\nC: d')).toThrow('is no header')
    expect(parseHeader('A;')).toEqual(['A', ''])
    expect(() => parseMethod('A B')).toThrow('-X "A B" is no method')
    expect(() => parseResolve('host:80')).toThrow('--resolve "host:80" must be HOST:PORT:ADDRESS')
    expect(() => parseResolve('host:99999:192.0.2.1')).toThrow('must be HOST:PORT:ADDRESS')
    expect(() => parseServers('192.0.2.1,name')).toThrow('--dns-servers has "name"')
  })
})
