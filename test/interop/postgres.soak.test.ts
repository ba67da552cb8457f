// A page in Chromium asks PostgreSQL: its frames go by WebSocket to a router of ours, which has a TAP towards the kernel's host, where
// the server is. The client is one program; beside the page it runs here, where it has TLS as well.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { findChromium, Page } from '../../bench/browser/chromium.mjs'
import { bundlePage } from '../../scripts/page.mjs'
import { nodeTls } from '../../src/adapters/node-tls.ts'
import { socketsFor } from '../../src/adapters/web.ts'
import { WebSocketDevice, type WebSocketLike } from '../../src/device/web-socket.ts'
import { openTap } from '../../src/os/open-tuntap.ts'
import { Stack } from '../../src/platform/stack.ts'
import { CERTIFICATE, KEY } from '../adapters/web/certificate.ts'
import { Namespace } from './namespace.ts'
import { query } from './programs/postgres-client.mjs'
import { describeNetwork } from './requirements.ts'

const SERVER = '10.77.0.1'
const ROUTER = '10.77.0.2'
const PAGE_ROUTER = '10.78.0.1'
const PAGE = '10.78.0.2'
const PORT = 5432
const LOGIN = { address: `${SERVER}:${PORT}`, user: 'postgres', password: 'only a test', database: 'postgres' }
/** 4 MB of rows: more than one window of anything on the way. */
const LONG = "select i, repeat('x', 1000) from generate_series(1, 4000) as i"

/** Where Debian has the programs of the newest PostgreSQL that is installed. */
function programs(): string {
  const root = '/usr/lib/postgresql'
  const [newest] = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  return join(root, String(newest), 'bin')
}

/** Its files; it will not run as root. */
function makeCluster(folder: string): string[] {
  const { uid, gid } = statSync('/var/lib/postgresql')
  const as = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups']
  chownSync(folder, uid, gid)
  const data = join(folder, 'data')
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    chownSync(path, uid, gid)
    return path
  }
  const word = file('password', LOGIN.password)
  const init = ['-D', data, '-A', 'password', '--pwfile', word, '-E', 'UTF8', '--no-locale', '-N']
  const { status, stderr } = spawnSync('setpriv', [...as, join(programs(), 'initdb'), ...init], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`initdb: ${stderr}`)
  writeFileSync(join(data, 'pg_hba.conf'), 'host all all 10.0.0.0/8 password\n')
  const settings = {
    listen_addresses: SERVER,
    port: PORT,
    unix_socket_directories: '',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: file('cert.pem', CERTIFICATE),
    ssl_key_file: file('key.pem', KEY),
  }
  const set = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return [...as, join(programs(), 'postgres'), '-D', data, ...set]
}

describeNetwork('PostgreSQL behind a router', ['pg_ctlcluster', 'chromium'], () => {
  let folder: string
  let namespace: Namespace
  let router: Stack
  let relay: WebSocketServer
  let url: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-postgres-'))
    namespace = new Namespace()
    router = new Stack({ forwarding: true })
    router.attach(
      namespace.enter(() => openTap('jf0')),
      { address: `${ROUTER}/24` },
    )
    namespace.configure('jf0', `${SERVER}/24`)
    namespace.ip('route', 'add', '10.78.0.0/24', 'via', ROUTER)
    relay = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    relay.on('connection', (socket) => {
      const device = new WebSocketDevice(socket as unknown as WebSocketLike)
      const link = router.attach(device, { address: `${PAGE_ROUTER}/24` })
      socket.once('close', () => router.removeInterface(link))
    })
    await once(relay, 'listening')
    url = `ws://127.0.0.1:${(relay.address() as AddressInfo).port}`
    await namespace.start('setpriv', makeCluster(folder)).saying('ready to accept connections')
  })

  afterAll(async () => {
    relay?.close()
    router?.close()
    await namespace?.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  test('a page in Chromium asks, and gets rows', async () => {
    const client = fileURLToPath(new URL('./programs/postgres-client.mjs', import.meta.url))
    const code = await bundlePage(`
      import { randomHardwareAddress, Stack, WebSocketDevice } from 'jackfield'
      import { socketsFor } from 'jackfield/web'
      import { query } from ${JSON.stringify(client)}
      const stack = new Stack()
      const device = new WebSocketDevice(new WebSocket(${JSON.stringify(url)}), { hardwareAddress: randomHardwareAddress() })
      stack.attach(device, { address: '${PAGE}/24' })
      stack.addRoute('default', { via: '${PAGE_ROUTER}' })
      const { connect } = socketsFor(stack)
      globalThis.ask = (sql) => query(connect, ${JSON.stringify(LOGIN)}, sql)
      globalThis.refused = () => connect('${SERVER}:1').opened.catch((error) => [error instanceof TypeError, error.message])
    `)
    expect(/\bnode:/.test(code)).toBe(false)
    const page = await Page.open(findChromium() as string)
    try {
      await page.evaluate(
        `import('data:text/javascript;base64,${Buffer.from(code).toString('base64')}').then(() => true)`,
      )
      const few = (await page.evaluate(`ask("select 6 * 7, null, 'naïve', inet_client_addr()")`)) as Answer
      expect(few.rows).toEqual([['42', null, 'naïve', PAGE]])
      expect(few.ends.remoteAddress).toBe(`${SERVER}:${PORT}`)
      expect(few.ends.localAddress).toMatch(new RegExp(`^${PAGE}:\\d+$`))
      const many = (await page.evaluate(`ask(${JSON.stringify(LONG)})`)) as Answer
      expect(many.rows.length).toBe(4000)
      expect(many.rows[3999]).toEqual(['4000', 'x'.repeat(1000)])
      expect(await page.evaluate(`ask('select nonsense')`).catch((error: Error) => error.message)).toContain(
        'column "nonsense" does not exist',
      )
      expect(await page.evaluate('refused()')).toEqual([true, `SocketError: connect ECONNREFUSED ${SERVER}:1`])
    } finally {
      await page.close()
    }
  })

  test('the same client in Node, with startTls', async () => {
    const stack = new Stack()
    const socket = new WebSocket(url)
    stack.attach(new WebSocketDevice(socket as unknown as WebSocketLike), { address: `${PAGE}/24` })
    stack.addRoute('default', { via: PAGE_ROUTER })
    try {
      const { connect } = socketsFor(stack, { tls: nodeTls({ ca: CERTIFICATE }) })
      const login = { ...LOGIN, tls: { sni: 'server.example' } }
      const sql = 'select version from pg_stat_ssl where pid = pg_backend_pid()'
      expect((await query(connect, login, sql)).rows).toEqual([['TLSv1.3']])
      expect((await query(connect, LOGIN, sql)).rows).toEqual([[null]])
      expect((await query(connect, login, LONG)).rows.length).toBe(4000)
    } finally {
      stack.close()
    }
  })
})

interface Answer {
  readonly rows: (string | null)[][]
  readonly ends: { readonly remoteAddress: string; readonly localAddress: string }
}
