// Questions by HTTPS, at unbound, which speaks HTTP/2 alone, and at Node's own server of HTTP/1.1.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, KERNEL, STACK } from './served.ts'

// An answer to everybody: there is no such name.
const SERVER = (folder: string) => `
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
const [key, cert] = ['key', 'crt'].map((name) => readFileSync('${folder}/' + name))
createServer({ key, cert }, async (request, response) => {
  const [bytes] = await request.toArray()
  response.setHeader('content-type', 'application/dns-message')
  response.end(Buffer.concat([bytes.subarray(0, 2), Buffer.of(0x81, 0x83), bytes.subarray(4)]))
}).listen(444, () => console.log('ready'))`

describeNetwork('dig +https', ['openssl', 'unbound'], () => {
  let namespace: Namespace
  let folder: string

  beforeAll(async () => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-https-'))
    namespace.ip('tuntap', 'add', 'dev', 'jf0', 'mode', 'tap')
    namespace.configure('jf0', `${KERNEL}/24`)
    const subject = '-nodes -days 2 -subj /CN=doh.test'
    await namespace.shell(
      `cd ${folder} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout key -out crt ${subject}`,
    )
    const settings = [
      'interface: 0.0.0.0@443',
      'https-port: 443',
      `tls-service-key: ${folder}/key`,
      `tls-service-pem: ${folder}/crt`,
      'access-control: 0.0.0.0/0 allow',
      'username: ""',
      'chroot: ""',
      `directory: ${folder}`,
      `pidfile: ${folder}/pid`,
      'use-syslog: no',
      'local-data: "www.lab.test. 300 A 192.0.2.80"',
    ]
    writeFileSync(join(folder, 'conf'), `server:\n${settings.map((line) => `  ${line}\n`).join('')}`)
    writeFileSync(join(folder, 'server.mjs'), SERVER(folder))
    await namespace.start('unbound', ['-d', '-c', join(folder, 'conf')]).saying('start of service')
  })

  afterAll(async () => {
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('an answer by HTTP/2, on the operating system and on a stack', async () => {
    for (const on of [[], ['--on', `tap:jf0,${STACK}/24`]]) {
      const { status, stdout } = await namespace.run(COMMAND, ['dig', '+https', `@${KERNEL}`, 'www.lab.test', ...on])
      expect(stdout).toContain('www.lab.test.\t\t300\tIN\tA\t192.0.2.80\n')
      expect(stdout).toContain(`;; SERVER: ${KERNEL}#443(${KERNEL}) (HTTPS)\n`)
      expect(status).toBe(0)
    }
  })

  test('by HTTP/1.1 where the server speaks no other', async () => {
    const server = namespace.start(process.execPath, [join(folder, 'server.mjs')])
    await server.saying('ready')
    const { stdout } = await namespace.run(COMMAND, ['dig', '+https', '-p444', `@${KERNEL}`, 'x.test'])
    expect(stdout).toContain('status: NXDOMAIN')
    await server.stop()
  })

  test('another path, and another port: what went wrong, in one line', async () => {
    const wrong = (...words: string[]) =>
      namespace.run(COMMAND, ['dig', '+tries=1', '+time=20', `@${KERNEL}`, 'x.test', ...words])
    expect(await wrong('+https=/none')).toMatchObject({
      status: 9,
      stdout: expect.stringMatching(/^;; Connection to .*#443\(.*\) for x\.test\. failed: the server answered 404\.\n/),
    })
    expect((await wrong('+https', '-p', '445')).stdout).toMatch(
      /^;; Connection to .*#445.* failed: connection refused\.\n/,
    )
  })
})
