// Datagrams of a batch to the kernel through a TAP or TUN device that cuts them: they are heard one by one, as they were sent.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { AF_INET, AF_INET6, SOCK_DGRAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { os } from '../../src/os/index.ts'
import { openTap, openTun } from '../../src/os/open-tuntap.ts'
import { Stack } from '../../src/platform/stack.ts'
import { MessageBatch } from '../../src/socket/message-batch.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'
import { KERNEL, KERNEL6, STACK, STACK6 } from '../interop/served.ts'

const PORT = 7000
const LENGTHS = [...new Array<number>(40).fill(64), 7, ...new Array<number>(12).fill(1400), 0, 9, 9]

describeNetwork('datagrams that the kernel cuts', ['sysctl'], () => {
  let namespace: Namespace
  let stack: Stack

  beforeEach(() => {
    namespace = new Namespace()
    stack = new Stack()
  })

  afterEach(async () => {
    stack.close()
    await namespace.close()
  })

  test.each([
    ['TAP over IPv4', () => openTap('jf0'), AF_INET, 3],
    ['TAP over IPv6', () => openTap('jf0'), AF_INET6, 3],
    ['TUN over IPv4', () => openTun('jf0'), AF_INET, 3],
    ['TUN over IPv6', () => openTun('jf0'), AF_INET6, 3],
    ['TAP, largeDatagrams: false', () => openTap('jf0', { largeDatagrams: false }), AF_INET, 0],
    ['TAP, offloads: false', () => openTap('jf0', { offloads: false }), AF_INET, 0],
  ] as const)('%s', async (_, open, family, joined) => {
    const device = namespace.enter(open)
    stack.attach(device, { address: [`${STACK}/24`, `${STACK6}/64`], duplicateAddressDetection: false })
    namespace.configure('jf0', [`${KERNEL}/24`, `${KERNEL6}/64`])
    const kernel = namespace.enter(() => new Socket(os, family, SOCK_DGRAM))
    const address = family === AF_INET ? KERNEL : KERNEL6
    kernel.bind({ address, port: PORT })
    const socket = new Socket(stack, family, SOCK_DGRAM)
    await socket.connect({ address, port: PORT })
    // The neighbour is asked for; what waits for it goes as it was sent.
    await socket.send(Uint8Array.of(1))
    expect(await kernel.recv(new Uint8Array(10))).toBe(1)
    const batch = new MessageBatch(LENGTHS.length, 1400)
    for (const [i, length] of LENGTHS.entries()) batch.set(i, new Uint8Array(length).fill(i))
    const sent = device.counters.sent
    expect(await socket.sendmmsg(batch)).toBe(LENGTHS.length)
    const buffer = new Uint8Array(2000)
    for (const [i, length] of LENGTHS.entries()) {
      const received = await kernel.recvfrom(buffer)
      expect(received.length).toBe(length)
      expect(buffer.subarray(0, length).every((octet) => octet === i)).toBe(true)
      expect(received.address).toEqual(
        SocketAddress.internet(family === AF_INET ? STACK : STACK6, socket.getsockname().port),
      )
    }
    expect(device.counters.joined).toBe(joined)
    expect(device.counters.sent - sent >= LENGTHS.length).toBe(joined === 0)
    expect(device.counters.refused).toBe(0)
    await kernel.close()
    await socket.close()
  })
})
