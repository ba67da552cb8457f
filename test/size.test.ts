// What a page loads: npm run size says more.

import { spawnSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bundlePage } from '../scripts/page.mjs'

async function page(...names: string[]): Promise<{ readonly code: string; readonly kibibytes: number }> {
  const code = await bundlePage(
    `import { ${names.join(', ')} } from 'jackfield'; globalThis.used = [${names.join(', ')}]`,
  )
  return { code, kibibytes: gzipSync(code, { level: 9 }).length / 1024 }
}

describe('bundled for browsers, minified and with gzip', () => {
  // 135 when this was written.
  test('stack, sockets, cable and WebSocket device are at most 145 KiB', async () => {
    const { code, kibibytes } = await page('Stack', 'Socket', 'Cable', 'WebSocketDevice', 'AF_INET', 'SOCK_STREAM')
    expect(kibibytes).toBeLessThan(145)
    // Names of constants are for those who print them: nothing here traces calls, puts frames into words or lists sockets.
    const names = ['TP_STATUS_', 'SO_EE_ORIGIN_', 'Internet Control Message']
    expect(names.filter((name) => code.includes(name))).toEqual([])
    expect(/\bimport\b/.test(code)).toBe(false)
  })

  test('what falls out is missed by nobody: two stacks on a cable talk to each other', async () => {
    const code = await bundlePage(`
      import { AF_INET, AF_UNIX, Cable, IPPROTO_TCP, SOCK_STREAM, Socket, Stack, TCP_CONGESTION, TCP_INFO } from 'jackfield'
      const cable = new Cable()
      const [client, server] = [new Stack(), new Stack()]
      client.attach(cable.left, { address: ['10.0.0.1/24', '2001:db8::1/64'] })
      server.attach(cable.right, { address: ['10.0.0.2/24', '2001:db8::2/64'] })
      const listener = new Socket(server, AF_INET, SOCK_STREAM)
      listener.bind({ address: '0.0.0.0', port: 7 })
      listener.listen()
      const socket = new Socket(client, AF_INET, SOCK_STREAM)
      const refused = await socket.connect({ address: '10.0.0.2', port: 8 }).catch((error) => error.message)
      await socket.connect({ address: '10.0.0.2', port: 7 })
      await socket.send(new TextEncoder().encode('hello'))
      const connection = await listener.accept()
      const bytes = new Uint8Array(16)
      const length = await connection.recv(bytes)
      const [one] = Socket.pair(client, AF_UNIX, SOCK_STREAM)
      console.log(JSON.stringify([
        refused,
        new TextDecoder().decode(bytes.subarray(0, length)),
        socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION),
        socket.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_state,
        one.family,
      ]))
      process.exit()
    `)
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], {
      input: code,
      encoding: 'utf8',
    })
    // (Of an error the last lines: the first is the program.)
    expect(stderr.slice(-500)).toBe('')
    expect(JSON.parse(stdout)).toEqual(['connect ECONNREFUSED 10.0.0.2:8', 'hello', 'cubic', 1, 1])
  })

  // 102 when this was written.
  test('a lean stack, sockets and a cable are at most 105 KiB, without what no part names', async () => {
    const { code, kibibytes } = await page('LeanStack', 'Socket', 'Cable', 'AF_INET', 'SOCK_STREAM')
    expect(kibibytes).toBeLessThan(105)
    // A word of each part: names of options, TCP_INFO, abstract Unix names, advertisements.
    const words = ['SO_REUSEADDR', 'tcpi_rtt', 'ipv6_mreq', 'searchDomains must', 'nameServers must']
    expect(words.filter((word) => code.includes(word))).toEqual([])
    const whole = await page('Stack', 'Socket')
    expect(words.filter((word) => whole.code.includes(word)).length).toBeGreaterThan(2)
  })

  test('a part costs what it is', async () => {
    const lean = await page('LeanStack', 'Socket')
    const parts = { unixSockets: 9, rawSockets: 3, pingSockets: 2, multicast: 25, routerDiscovery: 6, routing: 8 }
    for (const [part, most] of Object.entries(parts)) {
      const { kibibytes } = await page('LeanStack', 'Socket', part)
      expect([part, kibibytes - lean.kibibytes < most]).toEqual([part, true])
    }
  })

  test('a lean stack talks TCP and UDP over both versions of IP, and answers echo requests', async () => {
    const code = await bundlePage(`
      import {
        AF_INET, AF_INET6, Cable, IPPROTO_ICMP, IPPROTO_ICMPV6, LeanStack, pingSockets, SOCK_DGRAM, SOCK_STREAM, Socket
      } from 'jackfield'
      const cable = new Cable()
      const client = new LeanStack({ parts: [pingSockets] })
      const server = new LeanStack()
      const ends = [client.attach(cable.left, { address: ['10.0.0.1/24', '2001:db8::1/64'] })]
      ends.push(server.attach(cable.right, { address: ['10.0.0.2/24', '2001:db8::2/64'] }))
      await Promise.all(ends.map((end) => end.settled()))
      const text = (bytes, count) => new TextDecoder().decode(bytes.subarray(0, count))
      const hello = new TextEncoder().encode('hello')
      const said = []
      for (const [family, address, echo] of [[AF_INET, '10.0.0.2', 8], [AF_INET6, '2001:db8::2', 128]]) {
        const bytes = new Uint8Array(64)
        const listener = new Socket(server, family, SOCK_STREAM)
        listener.bind({ address, port: 7 })
        listener.listen()
        const socket = new Socket(client, family, SOCK_STREAM)
        await socket.connect({ address, port: 7 })
        await socket.send(hello)
        const connection = await listener.accept()
        said.push(text(bytes, await connection.recv(bytes)))
        const service = new Socket(server, family, SOCK_DGRAM)
        service.bind({ address, port: 7 })
        const asker = new Socket(client, family, SOCK_DGRAM)
        await asker.connect({ address, port: 7 })
        await asker.send(hello)
        const { length, address: from } = await service.recvfrom(bytes)
        await service.sendto(bytes.subarray(0, length), from)
        said.push(text(bytes, await asker.recv(bytes)))
        const ping = new Socket(client, family, SOCK_DGRAM, family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6)
        await ping.sendto(Uint8Array.of(echo, 0, 0, 0, 0, 0, 0, 1, 9), { address, port: 0 })
        said.push((await ping.recv(bytes)) + ' ' + bytes[0])
      }
      console.log(JSON.stringify(said))
      process.exit()
    `)
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], {
      input: code,
      encoding: 'utf8',
    })
    expect(stderr.slice(-500)).toBe('')
    expect(JSON.parse(stdout)).toEqual(['hello', 'hello', '9 0', 'hello', 'hello', '9 129'])
  })

  test('sockets of a stack in another thread are without the stack: at most 30 KiB', async () => {
    const { kibibytes } = await page('Socket', 'RemoteProvider')
    expect(kibibytes).toBeLessThan(30)
  })

  test('constants cost what they are', async () => {
    const { code } = await page('AF_INET6')
    expect(code.length).toBeLessThan(50)
  })
})
