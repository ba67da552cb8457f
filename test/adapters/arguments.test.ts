import { expect, test } from 'vitest'
import { toDuplex } from '../../src/adapters/duplex.ts'
import { toWebStreams } from '../../src/adapters/web-streams.ts'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'

const wrong = <T>(value: unknown) => value as T

async function pair(): Promise<[Stack, Socket]> {
  const clock = new ManualClock()
  const stack = new Stack({ clock, random: new SeededRandom(1) })
  const listener = new Socket(stack, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 80 })
  listener.listen()
  const client = new Socket(stack, AF_INET, SOCK_STREAM)
  const connected = client.connect({ address: '127.0.0.1', port: 80 })
  clock.settle()
  await connected
  return [stack, client]
}

test('toDuplex, toWebStreams: options that are none, or have what there is not, are named', async () => {
  const [, socket] = await pair()
  expect(() => toDuplex(socket, wrong(5))).toThrow('options must be an object, got 5')
  expect(() => toDuplex(socket, wrong({ halfOpen: true }))).toThrow(
    "options has no 'halfOpen': there are allowHalfOpen, highWaterMark",
  )
  expect(() => toDuplex(socket, { allowHalfOpen: wrong(1) })).toThrow('options.allowHalfOpen must be true or false')
  expect(() => toDuplex(socket, { highWaterMark: wrong('1k') })).toThrow('options.highWaterMark must be an integer')
  expect(() => toWebStreams(socket, wrong(null))).toThrow('options must be an object, got null')
  expect(() => toWebStreams(socket, wrong({ chunk: 1 }))).toThrow("options has no 'chunk': there are chunkSize")
})

test('a duplex whose stack is closed fails with EBADF', async () => {
  const [stack, socket] = await pair()
  const duplex = toDuplex(socket)
  const failed = new Promise((resolve) => duplex.once('error', resolve))
  duplex.resume()
  await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  stack.close()
  expect(await failed).toMatchObject({ code: 'EBADF' })
})
