// Sockets that were opened elsewhere, by their descriptor.

import nodeDgram, { type Socket as Datagrams } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../../src/base/constants.ts'
import { openLoopback } from '../../../src/drop-in/open-loopback.ts'
import { OperatingSystem } from '../../../src/os/operating-system.ts'
import type { Provider } from '../../../src/socket/provider.ts'
import { Socket } from '../../../src/socket/socket.ts'
import { PlainLog } from '../plain-log.ts'

type Dgram = Pick<typeof nodeDgram, 'createSocket'>

/** What a program sees that binds to descriptors of `provider`. */
async function seen(of: Dgram, provider: Provider): Promise<string[]> {
  const log = new PlainLog()
  const opened = new Socket(provider, AF_INET, SOCK_DGRAM)
  opened.bind({ address: '127.0.0.1', port: 0 })
  const { fd } = opened
  opened.detach()
  const socket = of.createSocket('udp4')
  for (const event of ['listening', 'close', 'error']) socket.on(event, () => log.add(event))
  socket.on('message', (data, from) => log.add('message', data, from))
  log.add('returns itself', bound(socket, fd) === socket)
  log.add('address', socket.address())
  const arrived = once(socket, 'message')
  socket.send('mine', socket.address().port, (...values: unknown[]) => log.add('sent', ...values))
  await arrived
  const closed = once(socket, 'close')
  socket.close()
  await closed

  const stream = new Socket(provider, AF_INET, SOCK_STREAM)
  const wrong = of.createSocket('udp4')
  try {
    bound(wrong, stream.fd)
  } catch (error) {
    log.add('a stream', error)
  }
  wrong.close()
  await stream.close()
  return log.lines
}

function bound(socket: Datagrams, fd: number): unknown {
  return (socket.bind as (options: object) => unknown)({ fd })
}

describe('bind to a descriptor', () => {
  it('does on all what it does with node:dgram', async () => {
    const os = new OperatingSystem()
    const expected = await seen(nodeDgram, os)
    expect(await seen(dgramFor(os), os)).toEqual(expected)
    const stack = openLoopback()
    expect(await seen(dgramFor(stack), stack)).toEqual(expected)
  })
})
