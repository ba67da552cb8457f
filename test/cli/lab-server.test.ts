// Who may ask the server of the lab, and for what. Plain requests: fetch would write its own Host, and mend paths.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageFiles } from '../../src/cli/lab/lab-page.ts'
import { LabServer } from '../../src/cli/lab/lab-server.ts'
import { opener } from '../../src/cli/lab/open-browser.ts'

let folder: string
let server: LabServer
let token: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-lab-server-'))
  mkdirSync(join(folder, 'page/assets'), { recursive: true })
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html>')
  writeFileSync(join(folder, 'page/assets/main.js'), 'export {}')
  writeFileSync(join(folder, 'secret'), 'secret')
  const files = pageFiles(pathToFileURL(`${folder}/page/`))
  server = await LabServer.listen({ port: 0, files })
  token = new URL(server.url).pathname
})

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  const { port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => (body += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asking.on('error', reject).end()
  })
}

test('who knows the token has the page and its files, of their types, and nothing of them is kept or guessed', async () => {
  const page = await ask(token)
  expect(page).toMatchObject({ status: 200, body: '<!doctype html>' })
  expect(page.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'SAMEORIGIN',
    'cache-control': 'no-store',
  })
  const script = await ask(`${token}assets/main.js?x=1`)
  expect([script.body, script.headers['content-type']]).toEqual(['export {}', 'text/javascript; charset=utf-8'])
  const head = await ask(token, {}, 'HEAD')
  expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '15'])
  expect(await ask(token.slice(0, -1))).toMatchObject({ status: 308, headers: { location: server.url } })
})

test('the token is another each time, and long', async () => {
  const other = await LabServer.listen({ port: 0, files: new Map() })
  const { url } = other
  other.close()
  expect(new URL(url).pathname).not.toBe(token)
  expect(token).toMatch(/^\/[\w-]{24}\/$/)
})

test.each(['/', '/index.html', '/wrong/', '/wrong/index.html', '//', '', '/%00/'])(
  'without the token nothing is told: GET %j',
  async (path) => {
    const { status, body } = await ask(path)
    expect([status, body]).toEqual([403, 'The address must be the whole one that jackfield lab has printed.\n'])
  },
)

describe('a name that somebody has made stand for this machine (DNS rebinding)', () => {
  test.each(['lab.example', 'lab.example:80', '127.0.0.1', 'localhost'])('Host %j is refused', async (host) => {
    expect(await ask(token, { host })).toMatchObject({ status: 403, body: expect.stringContaining('no other name') })
  })

  test('localhost with the port is this machine too', async () => {
    expect((await ask(token, { host: `localhost:${new URL(server.url).port}` })).status).toBe(200)
  })
})

test.each([
  '../secret',
  'assets/../../secret',
  '%2e%2e/secret',
  '..%2fsecret',
  '%2e%2e%2fsecret',
  '..\\secret',
  'assets',
  'assets/',
  '/etc/passwd',
  '__proto__',
  'constructor',
])('what is no file of the page is not found: %s', async (path) => {
  expect(await ask(`${token}${path}`)).toMatchObject({ status: 404, body: 'The lab has no such file.\n' })
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is not allowed', async (method) => {
  const { status, headers } = await ask(token, {}, method)
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
})

test('the address that a browser is started with leads to the page once', async () => {
  const { pathname } = new URL(server.onceUrl('#file'))
  expect(pathname).not.toContain(token.slice(1, -1))
  expect(await ask(pathname, { host: 'lab.example' })).toMatchObject({ status: 403 })
  expect(await ask(pathname)).toMatchObject({ status: 302, headers: { location: `${server.url}#file` } })
  expect(await ask(pathname)).toMatchObject({ status: 403 })
})

test.runIf(process.platform === 'linux' && process.geteuid?.() === 0)(
  'another user whom the command line of a browser has shown that address has nothing by it, and takes it from nobody',
  async () => {
    const once = server.onceUrl('')
    // From another address of the loopback too: it is looked for as it is.
    const asks = `for (const localAddress of ['127.0.0.1', '127.0.0.2'])
      require('node:http').get(${JSON.stringify(once)}, { localAddress, agent: false }, ({ statusCode }) => console.log(statusCode))`
    const args = ['--reuid', '65534', '--clear-groups', process.execPath, '-e', asks]
    expect((await promisify(execFile)('setpriv', args)).stdout).toBe('403\n403\n')
    expect(await ask(new URL(once).pathname)).toMatchObject({ status: 302 })
  },
)

test('a file that went away meanwhile is told of', async () => {
  rmSync(join(folder, 'page/assets/main.js'))
  expect(await ask(`${token}assets/main.js`)).toMatchObject({ status: 404, body: 'The file is there no more.\n' })
})

test('a page that was not built is told of', () => {
  expect(() => pageFiles(pathToFileURL(`${folder}/none/`))).toThrow('has no page of the lab: npm run build makes it')
})

test('a browser is opened by what the system has for it, where there is a screen', () => {
  expect(opener('linux', {})).toBe(null)
  expect(opener('linux', { DISPLAY: ':0' })).toEqual(['xdg-open'])
  expect(opener('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open'])
  expect(opener('darwin', {})).toEqual(['open'])
  expect(opener('win32', {})).toEqual(['cmd', '/c', 'start', '""'])
})
