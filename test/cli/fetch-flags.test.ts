// The options that are curl's, beside curl: the same request, octet for octet, and the same status to exit with.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandFor } from '../../src/cli/commands.ts'
import { FetchCookies } from '../../src/cli/fetch/fetch-cookies.ts'
import { progressText } from '../../src/cli/fetch/fetch-progress.ts'
import { RateLimit } from '../../src/cli/fetch/rate-limit.ts'
import { describeWith } from '../interop/requirements.ts'

const folder = mkdtempSync(join(tmpdir(), 'jackfield-fetch-flags-'))
const file = (name: string) => join(folder, name)

let requests: Buffer[] = []
let answer = ''
/** Answers each request with `answer`, and keeps it as it came. */
const raw = createServer((socket) => {
  let got = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    got = Buffer.concat([got, chunk])
    const head = got.indexOf('\r\n\r\n')
    const length = Number(
      /^content-length: (\d+)/im.exec(got.subarray(0, Math.max(0, head)).toString('latin1'))?.[1] ?? 0,
    )
    if (head < 0 || got.length < head + 4 + length) return
    requests.push(got)
    socket.end(answer)
  })
})
const web = createHttp((request, response) => {
  const { url = '' } = request
  if (url === '/set') response.setHeader('Set-Cookie', ['a=1', 'b=2; Path=/deep', 'gone=3; Max-Age=0'])
  if (url === '/gzip') response.setHeader('Content-Encoding', 'gzip')
  if (url === '/away') response.writeHead(302, { Location: '/end' })
  if (url === '/missing') response.statusCode = 404
  if (url === '/damaged') response.setHeader('Content-Encoding', 'gzip')
  response.end(
    url === '/gzip' ? gzipSync('what was packed') : url === '/end' ? 'the end' : `${request.headers.cookie ?? 'page'}`,
  )
})
let secure: Server

const ports = { raw: 0, web: 0, secure: 0 }

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** Runs a program to its end. */
async function run(program: string, args: readonly string[]): Promise<{ status: number; stdout: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: folder })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const [status] = await once(child, 'close')
  return { status, stdout }
}

const curl = (...args: readonly string[]) => run('curl', ['-s', ...args])

/** Runs fetch in this process: what it prints, and the status that it would exit with. */
async function fetch(...args: readonly string[]): Promise<{ status: number; stdout: string }> {
  const write = process.stdout.write
  const before = { code: process.exitCode, folder: process.cwd() }
  let stdout = ''
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    stdout += Buffer.from(chunk as Uint8Array).toString('latin1')
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  }) as typeof write
  try {
    process.chdir(folder)
    const words = ['fetch', '-s', ...args]
    await (await commandFor(words, '1.2.3')).parseAsync(words, { from: 'user' })
    return { status: Number(process.exitCode), stdout }
  } finally {
    process.stdout.write = write
    process.exitCode = before.code
    process.chdir(before.folder)
  }
}

/** The last request, without what differs: who we are, and the boundary of a form. */
function asked(): string {
  const text = (requests.at(-1) as Buffer).toString('latin1')
  return text
    .replace(/^User-Agent: (curl|jackfield)\/.*$/m, 'User-Agent: *')
    .replaceAll(/-{24}[0-9a-f]{16}/g, '--BOUNDARY')
}

beforeAll(async () => {
  writeFileSync(file('lines.txt'), 'one\ntwo\r\n')
  writeFileSync(file('some.bin'), Buffer.from([0, 255, 10, 13]))
  ports.raw = await listening(raw)
  ports.web = await listening(web)
  const { status } = await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...[
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-subj',
      '/CN=web.example',
      '-addext',
      'subjectAltName=DNS:web.example',
    ],
  ])
  expect(status).toBe(0)
  secure = createHttps({ key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) }, (_, response) =>
    response.end('behind TLS'),
  )
  ports.secure = await listening(secure)
})

afterAll(() => {
  for (const server of [raw, web, secure]) server?.close()
  rmSync(folder, { recursive: true })
})

describeWith('fetch beside curl', ['curl', 'openssl'], () => {
  test.each([
    [['-u', 'user:word', '-r', '0-9', '-b', 'a=1', '-b', 'c=2', '-H', 'X-Y: z']],
    [['-H', 'User-Agent: me', '-H', 'Accept: a/b', '-H', 'Host: other.example']],
    [['-d', 'x=1', '-d', '@lines.txt', '--data-raw', '@y', '--data-binary', '@some.bin']],
    [['--data-urlencode', 'a=b c&é', '--data-urlencode', '=x=y', '--data-urlencode', 'f@lines.txt']],
    [['-G', '-d', 'a=1', '--data-urlencode', 'b=c d']],
    [['--json', '{"a":1}', '--json', '2']],
    [['-F', 'a=1', '-F', 'f=@lines.txt', '-F', 'g=<lines.txt', '-F', 'h=@some.bin;type=x/y;filename=n.z']],
    [['-0', '-d', 'a']],
    [['-X', 'DELETE', '-A', 'me']],
    [['-X', 'PATCH', '-d', 'x', '-H', 'Content-Type: text/x']],
    [['-C', '100', '-o', 'none']],
    [['--oauth2-bearer', 'token']],
    [['-x', '127.0.0.1:RAW']],
    [['-x', 'http://me:p%40w@127.0.0.1:RAW', '-u', 'you:x', '-H', 'X-Y: z']],
    [['-x', '127.0.0.1:RAW', '-U', 'me:pw', '-d', 'x=1']],
    [['-x', 'you@127.0.0.1:RAW', '-U', 'me:pw']],
  ])('%j: the same request', async (words) => {
    const flags = words.map((word) => word.replace('RAW', String(ports.raw)))
    answer = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
    const url = `http://127.0.0.1:${ports.raw}/p?q=1`
    const { status } = await curl(...flags, url)
    const expected = asked()
    expect((await fetch(...flags, url)).status).toBe(status)
    expect(asked()).toBe(expected)
  })

  test('https: who vouches for the server is asked, and -k asks nobody', async () => {
    const at = ['--resolve', `web.example:${ports.secure}:127.0.0.1`]
    const url = `https://web.example:${ports.secure}/`
    for (const flags of [
      [],
      ['-k'],
      ['--cacert', 'cert.pem'],
      ['--cacert', 'missing.pem'],
      ['--cacert', 'cert.pem', '--connect-to', `web.example:443:127.0.0.1:${ports.secure}`],
    ]) {
      const place = flags.length > 2 ? 'https://web.example/' : url
      expect(await fetch(...at, ...flags, place), flags.join(' ')).toEqual(await curl(...at, ...flags, place))
    }
    // The name that the certificate has is another one.
    const other = `https://127.0.0.1:${ports.secure}/`
    expect(await fetch('--cacert', 'cert.pem', other)).toEqual({ status: 60, stdout: '' })
    // Who speaks no TLS.
    expect((await fetch(`https://127.0.0.1:${ports.web}/`)).status).toBe(35)
  })

  test.each([
    [['--compressed', 'WEB/gzip'], 'what was packed'],
    [['--compressed', 'WEB/damaged'], ''],
    [
      ['-w', '%{http_code} %{size_download} %{num_redirects} %{content_type}|%%\\t%{redirect_url}\\n', 'WEB/away'],
      null,
    ],
    [['-L', '-w', ' %{http_code} %{num_redirects} %{url_effective} %{method} %{scheme}', 'WEB/away'], null],
    [['-w', '%{exitcode}', '-f', 'WEB/missing'], null],
    [['--fail-with-body', 'WEB/missing'], null],
    [['-L', '--max-redirs', '0', 'WEB/away'], null],
    [['-c', 'jar', 'WEB/set'], null],
    [['-b', 'jar', '-b', 'x=y', 'WEB/deep/er'], null],
    [['-D', '-', '-o', '/dev/null', '-H', 'Connection: close', 'RAW/'], null],
    [['-C', '5', '-o', 'whole', 'WEB/end'], null],
    [['--connect-timeout', '5', '--unix-socket', '/no/such.sock', 'http://host/'], null],
    [['-T', 'missing', 'WEB/'], null],
    [['WEB/end', 'WEB/', '-w', ' %{http_code}\n'], 'the end 200\npage 200\n'],
    [['-f', 'WEB/missing', 'WEB/end'], 'the end'],
    [['-f', 'WEB/end', 'WEB/missing'], 'the end'],
    [['-o', '/dev/null', 'WEB/end', 'WEB/'], 'page'],
    [['--limit-rate', '1G', '--max-filesize', '7', 'WEB/end'], 'the end'],
    [['--max-filesize', '6', 'WEB/end'], ''],
    [['-x', '127.0.0.1:1', 'http://192.0.2.1/'], null],
    [['-x', 'nowhere.invalid', 'http://192.0.2.1/'], null],
    [['-x', 'socks5://WEBPLACE', 'http://192.0.2.1/'], null],
    [['--interface', 'nix0', 'WEB/end'], null],
    [['--interface', '127.0.0.2', '-w', '%{local_ip}', 'WEB/end'], 'the end127.0.0.2'],
  ] as const)('%j: the same page and status', async (words, page) => {
    answer = 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
    const args = words.map((word) =>
      word
        .replace('WEBPLACE', `127.0.0.1:${ports.web}`)
        .replace('WEB', `http://127.0.0.1:${ports.web}`)
        .replace('RAW', `http://127.0.0.1:${ports.raw}`),
    )
    const expected = await curl(...args)
    const got = await fetch(...args)
    expect(got).toEqual(expected)
    if (page !== null) expect(got.stdout).toBe(page)
  })

  test('-T and -F of a folder: the file goes to its name, by PUT; --create-dirs, -C - and a Unix socket', async () => {
    requests = []
    answer = 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
    await fetch('-T', 'lines.txt', `http://127.0.0.1:${ports.raw}/d/`)
    expect(asked()).toMatch(/^PUT \/d\/lines\.txt HTTP\/1\.1\r\n(.*\r\n)*Content-Length: 9\r\n\r\none\ntwo\r\n$/)
    answer = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nend'
    writeFileSync(file('part'), 'begin ')
    await fetch('-C', '-', '-o', 'part', `http://127.0.0.1:${ports.raw}/x`)
    expect(asked()).toContain('Range: bytes=6-\r\n')
    expect(readFileSync(file('part'), 'utf8')).toBe('begin end')
    await fetch('-o', 'a/b/c', '--create-dirs', `http://127.0.0.1:${ports.raw}/x`)
    expect(existsSync(file('a/b/c'))).toBe(true)
    const local = createHttp((_, response) => response.end('local'))
    await once(local.listen(file('web.sock')), 'listening')
    expect(await fetch('--unix-socket', 'web.sock', 'http://any.example/')).toEqual({ status: 0, stdout: 'local' })
    local.close()
  })

  test('who we are is told to the first server alone', async () => {
    requests = []
    answer = `HTTP/1.1 302 Found\r\nLocation: http://localhost.example:${ports.raw}/\r\nContent-Length: 0\r\n\r\n`
    const at = ['--resolve', `localhost.example:${ports.raw}:127.0.0.1`, '-L', '--max-redirs', '1']
    await fetch(...at, '-u', 'a:b', '-H', 'Cookie: c=d', `http://127.0.0.1:${ports.raw}/`)
    expect(requests.map((one) => /Authorization|Cookie/.test(String(one)))).toEqual([true, false])
  })
})

test('cookies: nobody sets those of others, and they go where they belong (RFC 6265 section 5)', () => {
  const cookies = new FetchCookies([], true)
  const at = (text: string) => new URL(text)
  cookies.set(at('http://a.example.org/x/y'), 'host=1')
  cookies.set(at('http://a.example.org/x/y'), 'wide=2; Domain=example.org; Path=/')
  cookies.set(at('http://a.example.org/'), 'evil=3; Domain=other.org')
  cookies.set(at('http://a.example.org/'), 'top=4; Domain=org')
  cookies.set(at('http://a.example.org/'), 'safe=5; Secure')
  cookies.set(at('http://a.example.org/'), 'old=6; Expires=Thu, 01 Jan 1970 00:00:01 GMT')
  expect(cookies.headerFor(at('http://a.example.org/x/z'))).toBe('host=1; wide=2')
  expect(cookies.headerFor(at('http://a.example.org/xx'))).toBe('wide=2')
  expect(cookies.headerFor(at('http://b.example.org/'))).toBe('wide=2')
  expect(cookies.headerFor(at('http://example.com/'))).toBe('')
})

test('--limit-rate: what came too early is waited for (curl(1))', () => {
  const limit = new RateLimit(1000)
  expect(limit.took(500, 0)).toBe(500)
  expect(limit.took(100, 500)).toBe(100)
  expect(limit.took(100, 2000)).toBe(0)
})

test('progress: how far it is, how fast, and how long it takes still', () => {
  expect(progressText(512, 2048, 512)).toBe(' 25%  512 of 2.0k  512/s  0:03 left')
  expect(progressText(5_000_000, null, 2_500_000)).toBe('4.8M  2.4M/s')
})
