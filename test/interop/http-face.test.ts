// fetch and serve of the web's face and the machine's own clients and servers, which the kernel's TCP carries, over a TAP; and both
// in a page of Chromium.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, Page } from '../../bench/browser/chromium.mjs'
import { bundlePage } from '../../scripts/page.mjs'
import { type Http, httpFor } from '../../src/adapters/web.ts'
import { openTap } from '../../src/os/open-tuntap.ts'
import { Stack } from '../../src/platform/stack.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { fileHash, writeSeededFile } from './seeded-file.ts'

const KERNEL = '10.79.0.1'
const OWN = '10.79.0.2'
const SIZE = 3_000_000

describeNetwork('HTTP over a TAP', ['curl', 'python3', 'busybox'], () => {
  let namespace: Namespace
  let folder: string
  let stack: Stack
  let http: Http

  beforeAll(() => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-http-'))
    stack = new Stack()
    stack.attach(
      namespace.enter(() => openTap('jf0')),
      { address: `${OWN}/24` },
    )
    namespace.configure('jf0', `${KERNEL}/24`)
    http = httpFor(stack)
  })
  afterAll(async () => {
    stack?.close()
    await namespace?.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  describe('serve and', () => {
    const seen: string[] = []

    beforeAll(() => {
      http.serve({ port: 80 }, (request, { remoteAddr }) => {
        const { headers, method } = request
        seen.push(
          `${method} ${remoteAddr.hostname} ${headers.get('content-length')} ${headers.get('transfer-encoding')}`,
        )
        if (new URL(request.url).pathname === '/gzip') {
          const body = new Response('packed '.repeat(1000)).body?.pipeThrough(new CompressionStream('gzip'))
          return new Response(body as ReadableStream, { headers: { 'content-encoding': 'gzip' } })
        }
        return new Response(method === 'GET' ? 'hello' : request.body)
      })
    })

    const curl = async (...args: string[]) => {
      seen.length = 0
      return namespace.run('curl', ['-sS', '-f', '--http1.1', ...args])
    }
    const url = `http://${OWN}/`

    test('curl: GET, HEAD, and a connection for several', async () => {
      expect(await curl(url)).toEqual({ status: 0, stdout: 'hello', stderr: '' })
      expect((await curl('-I', url)).stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*Content-Length: 0\r\n/)
      const many = await curl('-w', ' %{num_connects}\n', url, url, url)
      expect(many.stdout).toBe('hello 1\nhello 0\nhello 0\n')
      expect((await curl('--compressed', `${url}gzip`)).stdout).toBe('packed '.repeat(1000))
      expect((await curl('--http1.0', '-w', ' %{http_version}', url)).stdout).toBe('hello 1.1')
    })

    test.each([
      ['measured, behind an Expect', ['-T', 'UP', '-H', 'Expect: 100-continue'], `PUT ${KERNEL} ${SIZE} null`],
      ['in chunks', ['-T', 'UP', '-H', 'Transfer-Encoding: chunked'], `PUT ${KERNEL} null chunked`],
      ['as a POST', ['--data-binary', '@UP'], `POST ${KERNEL} ${SIZE} null`],
    ])('curl: three megabytes there and back, %s', async (_what, args, said) => {
      const up = join(folder, 'up')
      const hash = writeSeededFile(up, SIZE)
      const down = join(folder, 'down')
      const done = await curl(...args.map((arg) => arg.replace('UP', up)), '-o', down, url)
      expect(done).toEqual({ status: 0, stdout: '', stderr: '' })
      expect(await fileHash(down)).toBe(hash)
      expect(seen).toEqual([said])
    })

    test("Node's fetch (undici): bodies both ways", async () => {
      const program = `
        const long = 'x'.repeat(1_000_000)
        const body = () => new Blob([long]).stream()
        const said = []
        for (const init of [{}, { method: 'POST', body: long }, { method: 'POST', body: body(), duplex: 'half' }, { method: 'HEAD' }]) {
          const response = await fetch('${url}', init)
          said.push(response.status, (await response.text()).length)
        }
        console.log(said.join(' '))
      `
      const { stdout, stderr } = await namespace.run(process.execPath, ['--input-type=module', '-e', program])
      expect({ stdout, stderr }).toEqual({ stdout: '200 5 200 1000000 200 1000000 200 0\n', stderr: '' })
    })
  })

  describe('fetch and', () => {
    test.each([
      ["Python's http.server", 'python3', ['-u', '-m', 'http.server', '8001', '--bind', KERNEL, '--directory'], 8001],
      ["busybox's httpd", 'busybox', ['httpd', '-f', '-v', '-p', `${KERNEL}:8002`, '-h'], 8002],
    ])('%s: a file, an error, HEAD', async (_what, program, args, port) => {
      writeSeededFile(join(folder, 'file'), SIZE)
      const server = namespace.start(program, [...args, folder])
      const listening = () => namespace.run('bash', ['-c', `until ss -Hltn 'sport = :${port}' | grep -q .; do :; done`])
      await listening()
      const url = `http://${KERNEL}:${port}/`
      const response = await http.fetch(`${url}file`)
      expect([response.status, response.headers.get('content-length')]).toEqual([200, String(SIZE)])
      expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), readFileSync(join(folder, 'file')))).toBe(0)
      const missing = await http.fetch(`${url}none`)
      expect([missing.status, missing.ok, (await missing.text()).length > 0]).toEqual([404, false, true])
      expect((await http.fetch(`${url}file`, { method: 'HEAD' })).status).toBe(200)
      await server.stop()
    })
  })
})

describeNetwork('HTTP in a page', ['chromium'], () => {
  test('fetch and serve of two stacks on a cable in Chromium', async () => {
    const code = await bundlePage(`
      import { Cable, Stack } from 'jackfield'
      import { httpFor } from 'jackfield/web'
      const cable = new Cable()
      const [left, right] = [new Stack(), new Stack()]
      left.attach(cable.left, { address: '10.0.0.1/24' })
      right.attach(cable.right, { address: '10.0.0.2/24' })
      globalThis.talk = async () => {
        const said = []
        const server = httpFor(right).serve({ port: 80 }, async (request, { remoteAddr }) => {
          if (request.method === 'GET') {
            const stream = new Response('packed '.repeat(1000)).body.pipeThrough(new CompressionStream('gzip'))
            return new Response(stream, { headers: { 'content-encoding': 'gzip' } })
          }
          return new Response(request.body, { headers: { cookies: request.headers.get('cookie'), from: remoteAddr.hostname } })
        })
        const { fetch } = httpFor(left)
        const body = new Blob(['x'.repeat(1000000)])
        for (const init of [{ body: 'hello' }, { body }, { body: body.stream(), duplex: 'half' }]) {
          const response = await fetch('http://10.0.0.2/a', { method: 'POST', headers: { cookie: 'a=1' }, ...init })
          const text = await response.text()
          said.push([response.status, response.url, response.headers.get('from'), response.headers.get('cookies'), text.length])
        }
        said.push((await (await fetch('http://10.0.0.2/')).text()).length)
        const aborted = await fetch('http://10.0.0.2/', { signal: AbortSignal.abort() }).catch((error) => error.name)
        await server.shutdown()
        const refused = await fetch('http://10.0.0.2/').catch((error) => [error instanceof TypeError, error.cause.code])
        return [...said, aborted, refused]
      }
    `)
    expect(/\bnode:/.test(code)).toBe(false)
    const page = await Page.open(findChromium() as string)
    try {
      const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
      await page.evaluate(`import('${url}').then(() => true)`)
      const row = (length: number) => [200, 'http://10.0.0.2/a', '10.0.0.1', 'a=1', length]
      expect(await page.evaluate('talk()')).toEqual([
        row(5),
        row(1_000_000),
        row(1_000_000),
        7000,
        'AbortError',
        [true, 'ECONNREFUSED'],
      ])
    } finally {
      await page.close()
    }
  })
})
