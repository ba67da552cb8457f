// Read first: RFC 9112 sections 3, 5, 6, 7 and 11. What could be understood in two ways is refused, and nothing behind it is a request.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HttpServer, httpFor } from '../../../src/adapters/web.ts'
import { Stack } from '../../../src/platform/stack.ts'
import { expectNoUnhandledRejections } from '../web/hosts.ts'
import { Wire } from './peers.ts'

expectNoUnhandledRejections()

const stack = new Stack()
const served: string[] = []
let server: HttpServer

beforeAll(() => {
  server = httpFor(stack).serve({ port: 0, limits: { headOctets: 2048, headFields: 10 } }, async (request) => {
    served.push(`${request.method} ${new URL(request.url).pathname} ${await request.text().catch(() => 'broken')}`)
    return new Response('ok')
  })
})
afterAll(() => server.shutdown())

/** All that comes back for these octets, and which requests the handler saw. */
async function ask(octets: string): Promise<{ answer: string; requests: string[] }> {
  served.length = 0
  const wire = await Wire.to(stack, '127.0.0.1', server.addr.port)
  await wire.send(octets)
  wire.end()
  const answer = await wire.until().catch((error) => error.code)
  await wire.close()
  return { answer, requests: [...served] }
}

const HOST = 'Host: a\r\n'
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const post = (fields: string, body: string) => `POST /first HTTP/1.1\r\n${HOST}${fields}\r\n${body}${SMUGGLED}`

describe('a request that is refused with its status, whatever follows it', () => {
  test.each([
    [
      'both Content-Length and Transfer-Encoding (6.1)',
      400,
      post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    ],
    ['the same the other way round', 400, post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n')],
    ['two lengths (6.3)', 400, post('Content-Length: 4\r\nContent-Length: 5\r\n', 'body')],
    ['two equal lengths', 400, post('Content-Length: 4\r\nContent-Length: 4\r\n', 'body')],
    ['a list of lengths', 400, post('Content-Length: 4, 4\r\n', 'body')],
    ['a length with a sign', 400, post('Content-Length: +4\r\n', 'body')],
    ['a negative length', 400, post('Content-Length: -1\r\n', '')],
    ['a hexadecimal length', 400, post('Content-Length: 0x4\r\n', 'body')],
    ['a length beyond all numbers', 400, post(`Content-Length: ${'9'.repeat(30)}\r\n`, 'body')],
    ['an empty length', 400, post('Content-Length:\r\n', 'body')],
    [
      'a coding that is not known, in front of chunked (6.1)',
      501,
      post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    ],
    ['chunked twice', 400, post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n')],
    ['chunked in two fields', 400, post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['chunked that is not last (6.3)', 400, post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')],
    ['chunked with something else in it', 400, post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
    ['chunked with a vertical tab', 400, post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n')],
    ['an empty coding', 400, post('Transfer-Encoding:\r\n', '0\r\n\r\n')],
    [
      'a coding in HTTP/1.0 (6.1)',
      400,
      `POST /first HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    ['a space before the colon (5.1)', 400, post('Content-Length : 4\r\n', 'body')],
    ['a field without a name', 400, post(': value\r\n', '')],
    ['a field without a colon', 400, post('nothing\r\n', '')],
    ['obs-fold (5.2)', 400, post('A: b\r\n c\r\n', '')],
    ['whitespace before the first field (2.2)', 400, `GET / HTTP/1.1\r\n ${HOST}\r\n${SMUGGLED}`],
    ['a bare LF behind the first line (2.2)', 400, `GET / HTTP/1.1\n${HOST}\r\n${SMUGGLED}`],
    ['a bare LF behind a field', 400, `GET / HTTP/1.1\r\nHost: a\n\r\n${SMUGGLED}`],
    ['a bare LF for the empty line', 400, `GET / HTTP/1.1\r\n${HOST}\n${SMUGGLED}`],
    ['a bare CR in a field (2.2)', 400, `GET / HTTP/1.1\r\n${HOST}A: b\rC: d\r\n\r\n${SMUGGLED}`],
    ['a NUL in a value', 400, `GET / HTTP/1.1\r\n${HOST}A: b\0c\r\n\r\n${SMUGGLED}`],
    ['a NUL in a name', 400, `GET / HTTP/1.1\r\n${HOST}A\0: b\r\n\r\n${SMUGGLED}`],
    ['a name that is no token', 400, `GET / HTTP/1.1\r\n${HOST}A(b): c\r\n\r\n${SMUGGLED}`],
    ['no Host (3.2)', 400, `GET / HTTP/1.1\r\n\r\n${SMUGGLED}`],
    ['two Hosts', 400, `GET / HTTP/1.1\r\n${HOST}Host: b\r\n\r\n${SMUGGLED}`],
    ['a Host that is none', 400, `GET / HTTP/1.1\r\nHost: a/b\r\n\r\n${SMUGGLED}`],
    ['a Host with a user', 400, `GET / HTTP/1.1\r\nHost: a@b\r\n\r\n${SMUGGLED}`],
    ['two spaces (3)', 400, `GET  / HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a tab for a space', 400, `GET\t/ HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a space in the target', 400, `GET /a b HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a letter that is not ASCII in the target', 400, `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a fragment', 400, `GET /a#b HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a target that is none', 400, `GET a HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a target of another scheme', 400, `GET ftp://a/ HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['* for GET', 400, `GET * HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['no version', 400, `GET /\r\n${HOST}\r\n${SMUGGLED}`],
    ['a version in small letters', 400, `GET / http/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['another version', 505, `GET / HTTP/2.0\r\n${HOST}\r\n${SMUGGLED}`],
    ['a version with more digits', 400, `GET / HTTP/1.10\r\n${HOST}\r\n${SMUGGLED}`],
    ['a method that is no token', 400, `G(T / HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a method in small letters', 501, `get / HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['TRACE', 501, `TRACE / HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['CONNECT', 400, `CONNECT a:80 HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['an Expect that is not known', 417, post('Expect: more\r\nContent-Length: 4\r\n', 'body')],
    ['octets of TLS', 400, `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n`],
    ['two empty lines first', 400, `\r\n\r\n${SMUGGLED}`],
    ['a head that is too long', 431, `GET / HTTP/1.1\r\n${HOST}A: ${'a'.repeat(2100)}\r\n\r\n${SMUGGLED}`],
    [
      'a head that is too long by many fields',
      431,
      `GET / HTTP/1.1\r\n${HOST}${`A: ${'a'.repeat(250)}\r\n`.repeat(9)}\r\n${SMUGGLED}`,
    ],
    ['too many fields', 431, `GET / HTTP/1.1\r\n${HOST}${'A: b\r\n'.repeat(10)}\r\n${SMUGGLED}`],
    ['a target that is too long', 414, `GET /${'a'.repeat(2100)} HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
  ])('%s: %i', async (_what, status, octets) => {
    const { answer, requests } = await ask(octets)
    expect(answer).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} [A-Z][^\\r]*\\r\\n(?:[^\\r]+\\r\\n)*Connection: close\\r\\n\\r\\n$`),
    )
    expect(requests).toEqual([])
  })
})

describe('a chunked body that is wrong breaks off, and nothing behind it is a request (7.1)', () => {
  test.each([
    ['a size that is none', 'x\r\nbody\r\n0\r\n\r\n'],
    ['a size with a sign', '+4\r\nbody\r\n0\r\n\r\n'],
    ['a size with 0x', '0x4\r\nbody\r\n0\r\n\r\n'],
    ['a size with a space', '4 \r\nbody\r\n0\r\n\r\n'],
    ['a space in front of a size', ' 4\r\nbody\r\n0\r\n\r\n'],
    ['an empty size', '\r\nbody\r\n0\r\n\r\n'],
    ['a size beyond all numbers', 'fffffffffffffffff\r\nbody\r\n0\r\n\r\n'],
    ['a size that ends in a bare LF', '4\nbody\r\n0\r\n\r\n'],
    ['a chunk that is longer than it says', '3\r\nbody\r\n0\r\n\r\n'],
    ['a chunk that ends in a bare LF', '4\r\nbody\n0\r\n\r\n'],
    ['a chunk that ends in other octets', '4\r\nbodyXX0\r\n\r\n'],
    ['a last chunk that ends in a bare LF', '4\r\nbody\r\n0\n\r\n'],
    ['a bare CR in an extension', '4;a\rb\r\nbody\r\n0\r\n\r\n'],
    ['an extension that is too long', `4;${'a'.repeat(2000)}\r\nbody\r\n0\r\n\r\n`],
    ['extensions without end', `${`1;${'a'.repeat(900)}\r\nb\r\n`.repeat(20)}0\r\n\r\n`],
    ['a trailer that is no field', '4\r\nbody\r\n0\r\nno field\r\n\r\n'],
    ['a trailer with an obs-fold', '4\r\nbody\r\n0\r\nA: b\r\n c\r\n\r\n'],
  ])('%s', async (_what, body) => {
    const { answer, requests } = await ask(post('Transfer-Encoding: chunked\r\n', body))
    expect(requests).toEqual(['POST /first broken'])
    expect(answer.match(/HTTP\/1\.1 \d+/g)?.length ?? 0).toBeLessThan(2)
  })
})

describe('what is right, though rare', () => {
  test.each([
    ['an empty line first (2.2)', `\r\n${SMUGGLED}`, ['GET /smuggled ']],
    [
      'a target with its scheme, which the Host does not change (3.2.2)',
      `GET http://b/c HTTP/1.1\r\n${HOST}\r\n`,
      ['GET /c '],
    ],
    ['OPTIONS * (3.2.4)', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, ['OPTIONS / ']],
    ['HTTP/1.0 without a Host', 'GET /old HTTP/1.0\r\n\r\n', ['GET /old ']],
    [
      'blanks around a value',
      `POST /first HTTP/1.1\r\n${HOST}Content-Length: \t 4 \t\r\n\r\nbody`,
      ['POST /first body'],
    ],
    [
      'a coding in large letters',
      post('Transfer-Encoding: CHUNKED\r\n', '4\r\nbody\r\n0\r\n\r\n'),
      ['POST /first body', 'GET /smuggled '],
    ],
    [
      'sizes with zeros in front, large and small digits, and extensions',
      post('Transfer-Encoding: chunked\r\n', '00004;a="b;c"\r\nbody\r\nA ; x\r\n0123456789\r\n0\r\nT: u\r\n\r\n'),
      ['POST /first body0123456789', 'GET /smuggled '],
    ],
    [
      'a body of GET, which means nothing (9.3.1)',
      `GET /first HTTP/1.1\r\n${HOST}Content-Length: 4\r\n\r\nbody${SMUGGLED}`,
      ['GET /first ', 'GET /smuggled '],
    ],
  ])('%s', async (_what, octets, requests) => {
    expect((await ask(octets)).requests).toEqual(requests)
  })
})
