// Segments signed by RFC 2385, with the kernel on the other side of a TAP: each end takes only what the other has signed.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM, TCP_MD5SIG } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { openTap } from '../../src/os/open-tuntap.ts'
import { os } from '../../src/os/operating-system.ts'
import { Stack } from '../../src/platform/stack.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'

const KEY = new TextEncoder().encode('correct horse')
const OTHER = new TextEncoder().encode('battery staple')
const SIZE = 300_000
let nextPort = 4000
const FAMILIES = [
  ['IPv4', AF_INET, '192.0.2.1', '192.0.2.2'],
  ['IPv6', AF_INET6, '2001:db8:1::1', '2001:db8:1::2'],
] as const

function sign(socket: Socket, peer: string, key: Uint8Array): void {
  socket.setsockopt(IPPROTO_TCP, TCP_MD5SIG, { address: SocketAddress.internet(peer, 0), key })
}

async function drain(socket: Socket, size: number): Promise<number> {
  const buffer = new Uint8Array(65536)
  let sum = 0
  for (let left = size; left > 0; ) {
    const length = await socket.recv(buffer)
    if (length === 0) throw new Error(`the stream ended ${left} octets early`)
    for (let i = 0; i < length; i++) sum += buffer[i] as number
    left -= length
  }
  return sum
}

async function pour(socket: Socket, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; ) at += await socket.send(data.subarray(at))
}

describeNetwork('TCP_MD5SIG with the kernel', ['sysctl'], () => {
  let namespace: Namespace
  let stack: Stack
  const data = new Uint8Array(SIZE).map((_, i) => i * 7)
  const sum = data.reduce((a, b) => a + b, 0)

  beforeAll(() => {
    namespace = new Namespace()
    stack = new Stack({ profile: 'linux' })
    const device = namespace.enter(() => openTap('jf0'))
    namespace.configure('jf0', ['192.0.2.1/24', '2001:db8:1::1/64'])
    stack.attach(device, { address: ['192.0.2.2/24', '2001:db8:1::2/64'], duplicateAddressDetection: false })
  })

  afterAll(async () => {
    stack?.close()
    await namespace?.close()
  })

  test.each([
    ['another key', OTHER, 'signatureWrong'],
    ['none', null, 'signatureMissing'],
  ] as const)('a SYN of the kernel with %s is dropped, and not answered', async (_, key, counter) => {
    const kernel = namespace.enter(() => new Socket(os, AF_INET, SOCK_STREAM))
    const server = new Socket(stack, AF_INET, SOCK_STREAM)
    const port = nextPort++
    if (key !== null) sign(kernel, '192.0.2.2', key)
    sign(server, '192.0.2.1', KEY)
    server.bind({ address: '192.0.2.2', port })
    server.listen()
    const before = stack.tcp.counters[counter]
    const out = stack.tcp.counters.segmentsOut
    kernel.tryConnect({ address: '192.0.2.2', port })
    while (stack.tcp.counters[counter] === before) await new Promise((resolve) => setImmediate(resolve))
    expect(stack.tcp.counters.segmentsOut).toBe(out)
    kernel.close()
    server.close()
  })

  for (const [name, family, theirs, ours] of FAMILIES) {
    test.each([
      [`${name}: the kernel opens, and both send`, true],
      [`${name}: the stack opens, and both send`, false],
    ])('%s', async (_, kernelOpens) => {
      const wrong = stack.tcp.counters.signatureWrong
      const kernel = namespace.enter(() => new Socket(os, family, SOCK_STREAM))
      const mine = new Socket(stack, family, SOCK_STREAM)
      sign(kernel, ours, KEY)
      sign(mine, theirs, KEY)
      const [server, client] = kernelOpens ? [mine, kernel] : [kernel, mine]
      const address = kernelOpens ? ours : theirs
      const port = nextPort++
      server.bind({ address, port })
      server.listen()
      const accepted = server.accept()
      const { retransmits } = stack.tcp.counters
      await client.connect({ address, port })
      expect(stack.tcp.counters.retransmits).toBe(retransmits)
      const peer = await accepted
      const results = await Promise.all([drain(peer, SIZE), drain(client, SIZE), pour(peer, data), pour(client, data)])
      expect(results.slice(0, 2)).toEqual([sum, sum])
      expect(stack.tcp.counters.signatureWrong).toBe(wrong)
      for (const socket of [peer, client, server]) socket.close()
    })
  }
})
