// Over proxies that people run: microsocks (SOCKS5) and tinyproxy (HTTP). What is said byte for byte is in test/cli/proxy.test.ts.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND } from './served.ts'

const SOCKS = '127.0.0.1:1080'
const HTTP = '127.0.0.1:3128'

/** Until somebody listens at `port`, where the process `pid` is: who does not say when he does. */
async function listening(pid: number, port: number): Promise<void> {
  const place = `:${port.toString(16).padStart(4, '0').toUpperCase()} 00000000:0000 0A`
  while (!readFileSync(`/proc/${pid}/net/tcp`, 'latin1').includes(place)) await new Promise(setImmediate)
}

describeNetwork('over a proxy', ['microsocks', 'tinyproxy', 'socat'], () => {
  let namespace: Namespace
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-proxy-'))

  beforeAll(async () => {
    namespace = new Namespace()
    namespace.ip('link', 'set', 'lo', 'up')
    const settings = join(folder, 'tinyproxy.conf')
    writeFileSync(
      settings,
      'Port 3128\nListen 127.0.0.1\nConnectPort 7000\nConnectPort 7001\nConnectPort 8000\nBasicAuth me secret\n',
    )
    writeFileSync(join(folder, 'page'), 'the page\n')
    const { child } = namespace.start('microsocks', ['-i', '127.0.0.1', '-p', '1080', '-u', 'me', '-P', 'secret'])
    namespace.start('tinyproxy', ['-d', '-c', settings])
    namespace.start('socat', ['TCP-LISTEN:7000,fork,reuseaddr', 'SYSTEM:read line; echo heard $line'])
    await namespace.start(COMMAND, ['serve', `http:8000=${folder}`]).saying('ready')
    for (const port of [1080, 3128, 7000]) await listening(child.pid as number, port)
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  describe.each([
    ['SOCKS5', ['-x', SOCKS]],
    ['CONNECT', ['-X', 'connect', '-x', HTTP]],
  ])('nc by %s', (_what, proxy) => {
    const nc = (...words: string[]) => namespace.run(COMMAND, ['nc', ...words], { input: 'a line\n' })

    test('what is sent reaches the target, and its answer us', async () => {
      const { status, stdout, stderr } = await nc('-v', ...proxy, '-P', 'me:secret', '127.0.0.1', '7000')
      expect(stderr).toBe('Connection to 127.0.0.1 7000 port [tcp/*] succeeded!\n')
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'heard a line\n' })
    })

    test('nobody listens, or we are nobody: status 1, and why', async () => {
      const refused = await nc(...proxy, '-P', 'me:secret', '127.0.0.1', '7001')
      expect(refused.status).toBe(1)
      expect(refused.stderr).toMatch(
        /^jackfield: nc: connection to 127\.0\.0\.1 7001 by the proxy 127\.0\.0\.1 failed: (SOCKS5: Connection refused|CONNECT tunnel failed, response 500)\n$/,
      )
      const unknown = await nc(...proxy, '127.0.0.1', '7000')
      expect(unknown.status).toBe(1)
      expect(unknown.stderr).toMatch(/SOCKS5: the proxy wants a user, and none was named|response 407/)
    })
  })

  test.each([
    ['SOCKS5', ['-x', `socks5://me:secret@${SOCKS}`]],
    ['SOCKS5 that looks up names', ['-x', `socks5h://${SOCKS}`, '-U', 'me:secret']],
    ['HTTP', ['-x', HTTP, '-U', 'me:secret']],
    ['CONNECT', ['-p', '-x', HTTP, '-U', 'me:secret']],
  ])('fetch by %s: the page', async (_what, proxy) => {
    const { status, stdout, stderr } = await namespace.run(COMMAND, ['fetch', ...proxy, 'http://127.0.0.1:8000/page'])
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'the page\n', stderr: '' })
  })

  test.each([
    ['HTTP', `http_proxy=http://me:secret@${HTTP}/`, 'no_proxy=lan'],
    ['SOCKS5', `ALL_PROXY=socks5h://me:secret@${SOCKS}`, 'NO_PROXY=127.0.0.2'],
  ])('fetch by the proxy of the environment, %s: the page', async (_what, ...variables) => {
    const words = [...variables, COMMAND, 'fetch', '-v', 'http://127.0.0.1:8000/page']
    const { status, stdout, stderr } = await namespace.run('env', words)
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'the page\n' })
    expect(stderr).toContain(`Connected to 127.0.0.1 (127.0.0.1) port ${_what === 'HTTP' ? 3128 : 1080} `)
    expect(stderr).not.toContain('secret')
  })

  test('fetch by a proxy that refuses us: the status of curl', async () => {
    const refused = await namespace.run(COMMAND, ['fetch', '-x', `socks5://${SOCKS}`, 'http://127.0.0.1:8000/page'])
    expect(refused.status).toBe(97)
    expect(refused.stderr).toContain(
      '(97) SOCKS5: the proxy wants a user, and none was named (127.0.0.1 port 8000, by 127.0.0.1)',
    )
    const tunnel = await namespace.run(COMMAND, ['fetch', '-p', '-x', HTTP, 'http://127.0.0.1:8000/page'])
    expect(tunnel.status).toBe(56)
    expect(tunnel.stderr).toContain('CONNECT tunnel failed, response 407')
  })
})
