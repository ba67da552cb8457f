import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FileServer } from '../../src/cli/serve/file-server.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let base: string
let root: string
let server: Server
let port: number

beforeAll(async () => {
  server = createServer((incoming, response) => void new FileServer(root).handle(incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.close()
})

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'jackfield-files-'))
  root = join(base, 'root')
  mkdirSync(join(root, 'folder'), { recursive: true })
  mkdirSync(join(root, 'site'))
  mkdirSync(join(base, 'root-and-more'))
  writeFileSync(join(root, 'ten.txt'), '0123456789')
  writeFileSync(join(root, 'empty'), '')
  writeFileSync(join(root, 'a & <b>.txt'), 'x')
  writeFileSync(join(root, 'folder', 'inner.bin'), 'inner')
  writeFileSync(join(root, 'site', 'index.html'), '<p>home')
  writeFileSync(join(base, 'secret'), 'secret')
  writeFileSync(join(base, 'root-and-more', 'secret'), 'secret')
  utimesSync(join(root, 'ten.txt'), 1_700_000_000, 1_700_000_000)
})

afterEach(() => {
  rmSync(base, { recursive: true })
})

function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        resolve({ status: response.statusCode as number, headers: response.headers, body: text }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

describe('GET', () => {
  test('a file, with its length, type, tag and date', async () => {
    const { status, headers, body } = await ask('GET', '/ten.txt')
    expect({ status, body }).toEqual({ status: 200, body: '0123456789' })
    expect(headers).toMatchObject({
      'content-length': '10',
      'content-type': 'text/plain; charset=utf-8',
      'accept-ranges': 'bytes',
      'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT',
      etag: '"a-18bcfe56800"',
    })
  })

  test('an empty file', async () => {
    expect(await ask('GET', '/empty')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '0' } })
  })

  test('a name in percent encoding, and a query that is not part of it', async () => {
    expect((await ask('GET', '/a%20%26%20%3Cb%3E.txt?x=1')).body).toBe('x')
  })

  test('an absolute target (RFC 9112 3.2.2)', async () => {
    expect((await ask('GET', 'http://example.org/ten.txt')).body).toBe('0123456789')
  })

  test('a directory: its index.html, or a list with names escaped', async () => {
    expect((await ask('GET', '/site/')).body).toBe('<p>home')
    const { body } = await ask('GET', '/')
    expect(body).toContain('<a href="./folder/">folder/</a>')
    expect(body).toContain('<a href="./a%20%26%20%3Cb%3E.txt">a &#38; &#60;b&#62;.txt</a>')
    expect((await ask('GET', '/folder/')).body).toContain('<a href="../">../</a>')
  })

  test('a directory without its slash: 301 to the one with', async () => {
    expect(await ask('GET', '/folder')).toMatchObject({ status: 301, headers: { location: '/folder/' } })
  })

  test.each(['/none', '/ten.txt/', '/folder/none', '/ten.txt/x'])('%s: 404', async (path) => {
    expect((await ask('GET', path)).status).toBe(404)
  })
})

describe('HEAD', () => {
  test('the headers of GET and no body', async () => {
    expect(await ask('HEAD', '/ten.txt')).toMatchObject({ status: 200, headers: { 'content-length': '10' }, body: '' })
    expect(await ask('HEAD', '/')).toMatchObject({ status: 200, body: '' })
    expect(await ask('HEAD', '/none')).toMatchObject({ status: 404, body: '' })
  })

  test('a range is for GET alone (RFC 9110 14.2)', async () => {
    expect((await ask('HEAD', '/ten.txt', { Range: 'bytes=0-1' })).status).toBe(200)
  })
})

describe('ranges (RFC 9110 14)', () => {
  test('206 with the part and where it lies', async () => {
    const { status, headers, body } = await ask('GET', '/ten.txt', { Range: 'bytes=2-4' })
    expect({ status, body }).toEqual({ status: 206, body: '234' })
    expect(headers).toMatchObject({ 'content-range': 'bytes 2-4/10', 'content-length': '3' })
  })

  test('the last octets', async () => {
    expect(await ask('GET', '/ten.txt', { Range: 'bytes=-3' })).toMatchObject({ status: 206, body: '789' })
  })

  test('416 with the length where there is no such part', async () => {
    const answer = await ask('GET', '/ten.txt', { Range: 'bytes=10-' })
    expect(answer).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' } })
  })

  test('several ranges, or nonsense: the whole file', async () => {
    expect((await ask('GET', '/ten.txt', { Range: 'bytes=0-1,3-4' })).status).toBe(200)
    expect((await ask('GET', '/ten.txt', { Range: 'all of it' })).status).toBe(200)
  })

  test('If-Range: the part only of the same file', async () => {
    const { headers } = await ask('GET', '/ten.txt')
    const etag = headers.etag as string
    expect((await ask('GET', '/ten.txt', { Range: 'bytes=0-1', 'If-Range': etag })).status).toBe(206)
    expect((await ask('GET', '/ten.txt', { Range: 'bytes=0-1', 'If-Range': '"other"' })).status).toBe(200)
  })
})

describe('conditions (RFC 9110 13)', () => {
  test('304 for the tag or the date that the file has', async () => {
    const { headers } = await ask('GET', '/ten.txt')
    const same = await ask('GET', '/ten.txt', { 'If-None-Match': `"x", W/${headers.etag}` })
    expect(same).toMatchObject({ status: 304, body: '' })
    const since = { 'If-Modified-Since': headers['last-modified'] as string }
    expect((await ask('GET', '/ten.txt', since)).status).toBe(304)
    const earlier = { 'If-Modified-Since': 'Tue, 14 Nov 2023 22:13:19 GMT' }
    expect((await ask('GET', '/ten.txt', earlier)).status).toBe(200)
  })

  test('a tag that differs goes before a date that does not', async () => {
    const headers = { 'If-None-Match': '"other"', 'If-Modified-Since': 'Wed, 01 Jan 2098 00:00:00 GMT' }
    expect((await ask('GET', '/ten.txt', headers)).status).toBe(200)
  })
})

describe('nothing outside the directory', () => {
  test.each([
    '/../secret',
    '/%2e%2e/secret',
    '/folder/../../secret',
    '/folder/%2E%2e/..%2fsecret',
    '/..%5csecret',
    '/%2e%2e%2fsecret',
    '/../root-and-more/secret',
    '/ten.txt%00',
    '/%',
    '/%ff',
  ])('%s', async (path) => {
    // Over a bare connection: a client of HTTP would tidy the path first.
    const socket = connect(port, '127.0.0.1')
    socket.end(`GET ${path} HTTP/1.0\r\n\r\n`)
    let text = ''
    for await (const part of socket.setEncoding('utf8')) text += part
    expect(text).toMatch(/^HTTP\/1\.1 40[03] /)
    expect(text).not.toContain('secret')
  })

  test('a link that leads out: 403; one that stays in is followed', async () => {
    symlinkSync(join(base, 'secret'), join(root, 'out'))
    symlinkSync(base, join(root, 'up'))
    symlinkSync(join(base, 'root-and-more'), join(root, 'beside'))
    symlinkSync('ten.txt', join(root, 'in'))
    expect((await ask('GET', '/out')).status).toBe(403)
    expect((await ask('GET', '/beside/secret')).status).toBe(403)
    expect((await ask('GET', '/up/secret')).status).toBe(403)
    expect((await ask('GET', '/in')).body).toBe('0123456789')
  })

  test('an upload through a link: the link is replaced, or the directory refused', async () => {
    symlinkSync(join(base, 'secret'), join(root, 'out'))
    symlinkSync(base, join(root, 'up'))
    expect((await ask('PUT', '/up/new', {}, 'x')).status).toBe(403)
    expect((await ask('PUT', '/out', {}, 'mine')).status).toBe(204)
    expect(readFileSync(join(base, 'secret'), 'utf8')).toBe('secret')
    expect(readFileSync(join(root, 'out'), 'utf8')).toBe('mine')
  })
})

describe('PUT', () => {
  test('201 for a new file, 204 for one that was there, and nothing left beside it', async () => {
    expect((await ask('PUT', '/folder/new', {}, 'one')).status).toBe(201)
    expect((await ask('PUT', '/folder/new', {}, 'three')).status).toBe(204)
    expect(readFileSync(join(root, 'folder', 'new'), 'utf8')).toBe('three')
    expect(readdirSync(join(root, 'folder'))).toEqual(['inner.bin', 'new'])
  })

  test('an upload in chunks', async () => {
    expect((await ask('PUT', '/new', { 'Transfer-Encoding': 'chunked' }, 'chunks')).status).toBe(201)
    expect(readFileSync(join(root, 'new'), 'utf8')).toBe('chunks')
  })

  test('411 where no length is given', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.end('PUT /new HTTP/1.0\r\n\r\n')
    let text = ''
    for await (const part of socket.setEncoding('utf8')) text += part
    expect(text).toMatch(/^HTTP\/1\.1 411 /)
  })

  test('400 for part of a file (RFC 9110 14.5)', async () => {
    expect((await ask('PUT', '/new', { 'Content-Range': 'bytes 0-1/10' }, 'xx')).status).toBe(400)
  })

  test('404 where there is no such directory, 405 for a directory, 403 for what is one', async () => {
    expect((await ask('PUT', '/none/new', {}, 'x')).status).toBe(404)
    expect((await ask('PUT', '/new/', {}, 'x')).status).toBe(405)
    expect((await ask('PUT', '/folder', {}, 'x')).status).toBe(403)
  })

  test('a client that goes away in the middle leaves nothing behind, and the old file as it was', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('PUT /ten.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    const [incoming] = await once(server, 'request')
    socket.resetAndDestroy()
    await new Promise((resolve) => incoming.on('close', resolve))
    // The next request comes after the clean-up of this one.
    while ((await ask('GET', '/')) && readdirSync(root).some((name) => name.startsWith('.')));
    expect(readFileSync(join(root, 'ten.txt'), 'utf8')).toBe('0123456789')
  })
})

test.each(['POST', 'DELETE', 'OPTIONS', 'PATCH'])('%s: 405 with what is offered', async (method) => {
  expect(await ask(method, '/ten.txt')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, PUT' } })
})

test('a directory that is not there, or is a file, cannot be served', () => {
  expect(() => new FileServer(join(base, 'none'))).toThrow(UsageError)
  expect(() => new FileServer(join(base, 'secret'))).toThrow('it is a file')
})
