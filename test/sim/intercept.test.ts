import { expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { type FrameAct, type FrameLog, type InterceptedFrame, Simulation } from '../../src/sim/index.ts'

/** Two hosts 10 ms apart, the second of which echoes nothing but remembers what datagrams came when. */
function pair(options: Parameters<Simulation['link']>[2] = { delay: 10 }) {
  const net = new Simulation({ seed: 3 })
  const [alice, bob] = [net.host('alice'), net.host('bob')]
  const link = net.link(alice, bob, options)
  const heard: string[] = []
  bob.run(
    async (host) => {
      const socket = host.datagrams(7)
      const buffer = new Uint8Array(2000)
      for (;;) {
        const { length } = await socket.recvfrom(buffer)
        heard.push(`${host.now()} ${new TextDecoder().decode(buffer.subarray(0, length))}`)
      }
    },
    { daemon: true },
  )
  const say = (text: string, at = 0) =>
    alice.run(async (host) => {
      await host.sleep(at)
      const socket = host.socket(AF_INET, SOCK_DGRAM)
      await socket.sendto(new TextEncoder().encode(text), { address: host.lookup('bob'), port: 7 })
    })
  return { net, alice, bob, link, heard, say }
}

const isUdp = ({ bytes }: InterceptedFrame) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 17

const acts: readonly (readonly [string, FrameAct, readonly string[]])[] = [
  ['nothing', {}, ['20 one', '20 two']],
  ['dropped', { drop: true }, ['20 two']],
  ['held back', { delay: 5 }, ['20 two', '25 one']],
  ['doubled', { duplicate: 2 }, ['20 one', '20 one', '20 one', '20 two']],
  ['held back and doubled', { delay: 5, duplicate: 1 }, ['20 two', '25 one', '25 one']],
  // 'o' is 0x6f: 42 octets of headers, and the sixth bit of the first octet behind them. The checksum of UDP finds it.
  ['damaged', { flip: [42 * 8 + 5] }, ['20 two']],
  ['damaged behind its end', { flip: [4000 * 8] }, ['20 one', '20 two']],
]

test.each(acts)('a frame is %s: the one alone that is meant', async (_what, act, expected) => {
  const { net, heard, say } = pair()
  // ARP takes a round trip; what was said to the neighbour leaves behind it. Its frame is the third.
  say('one')
  say('two')
  const numbers: number[] = []
  let done = false
  net.intercept((frame) => {
    if (!isUdp(frame) || done) return null
    done = true
    numbers.push(frame.number)
    return act
  })
  await net.run()
  await net.run({ until: 1000 })
  expect(heard.map((line) => line.replace(/^30 /, '20 ').replace(/^35 /, '25 '))).toEqual(expected)
  expect(numbers).toEqual([3])
  net.close()
})

test('what an interceptor throws, and an act that is none, are thrown by run', async () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ delay: -1 }, /act\.delay must be 0 or more milliseconds, got -1/],
    [{ flip: [-1] }, /act\.flip\[0\] must be .*got -1/],
    [{ flip: 3 }, /act\.flip must be an array of numbers of bits, got 3/],
    [{ duplicate: 1e6 }, /act\.duplicate must be .*got 1000000/],
    [{ lose: true }, /act.*lose/],
    ['drop', /act.* must be an object.*"drop"/],
  ]
  for (const [act, message] of wrong) {
    const { net, say } = pair()
    say('one')
    net.intercept(() => act as FrameAct)
    await expect(net.run({ until: 100 })).rejects.toThrow(message)
    net.close()
  }
  const { net, say } = pair()
  say('one')
  net.intercept(() => {
    throw new Error('not this one')
  })
  await expect(net.run({ until: 100 })).rejects.toThrow('not this one')
  expect(() => net.intercept('drop' as never)).toThrow('interceptor must be a function or null, got "drop"')
  net.close()
})

/** What a log is told of each frame, a word each, by its number. */
class Fates implements FrameLog {
  readonly words = new Map<number, string[]>()
  readonly #epoch: number

  constructor(epoch: number) {
    this.#epoch = epoch
  }

  #add(number: number, word: string): void {
    this.words.set(number, [...(this.words.get(number) ?? []), word])
  }

  frame(...[port, , , , inbound, at, number]: Parameters<FrameLog['frame']>): void {
    this.#add(number, `${inbound ? 'at' : 'from'} ${port.name} ${Number((at - this.#epoch).toFixed(3))}`)
  }

  lost(number: number, why: string): void {
    this.#add(number, `lost: ${why}`)
  }

  leaves(number: number, leftAt: number, dueAt: number): void {
    this.#add(number, `leaves ${(leftAt - this.#epoch).toFixed(3)}, due ${(dueAt - this.#epoch).toFixed(3)}`)
  }

  damaged(number: number): void {
    this.#add(number, 'damaged')
  }

  cut(): void {
    this.#add(0, 'cut')
  }
}

const epoch = Date.UTC(2025, 0, 1)

test('a log follows frames by their numbers from end to end', async () => {
  const { net, say } = pair({ delay: 10, rate: 1e6 })
  const fates = new Fates(epoch)
  net.log(fates)
  say('one')
  await net.run({ until: 1000 })
  // A request, its answer, and the datagram that had to wait: 42, 42 and 45 octets at 1000 bits a millisecond.
  expect([...fates.words]).toEqual([
    [1, ['from alice.eth0 0', 'leaves 0.336, due 10.336', 'at bob.eth0 10.336']],
    [2, ['from bob.eth0 10.336', 'leaves 10.672, due 20.672', 'at alice.eth0 20.672']],
    [3, ['from alice.eth0 20.672', 'leaves 21.032, due 31.032', 'at bob.eth0 31.032']],
  ])
  net.close()
})

test.each([
  ['chance', { loss: 1 }, () => {}, ['from alice.eth0 50', 'lost: loss']],
  [
    'a link that is down',
    { delay: 10 },
    ({ link }: ReturnType<typeof pair>) => link.down(),
    ['from alice.eth0 50', 'lost: down'],
  ],
  [
    'a partition',
    { delay: 10 },
    ({ net, alice, bob }: ReturnType<typeof pair>) => net.partition([alice], [bob]),
    ['from alice.eth0 50', 'lost: partition'],
  ],
  [
    'an interceptor',
    { delay: 10 },
    ({ net }: ReturnType<typeof pair>) => net.intercept(() => ({ drop: true })),
    ['from alice.eth0 50', 'leaves 50.000, due 60.000', 'lost: act'],
  ],
  [
    'a host that has crashed',
    { delay: 10 },
    ({ bob }: ReturnType<typeof pair>) => bob.crash(),
    ['from alice.eth0 50', 'leaves 50.000, due 60.000', 'lost: nobody'],
  ],
  ['damage to what is no IP', { corrupt: 1 }, () => {}, ['from alice.eth0 50', 'lost: damage']],
])('a log is told that a frame was lost by %s', async (_why, options, happens, expected) => {
  const world = pair(options)
  const fates = new Fates(epoch)
  world.net.log(fates)
  world.net.at(40, () => void happens(world))
  world.say('one', 50)
  await world.net.run({ until: 70 })
  expect(fates.words.get(1)).toEqual(expected)
  world.net.close()
})

test('frames of a wire that is cut are told of as one; a queue that is full loses', async () => {
  const { net, link, say } = pair({ delay: 10, rate: 1000, queue: 50 })
  const fates = new Fates(epoch)
  net.log(fates)
  say('one')
  net.at(100, () => link.down())
  await net.run({ until: 200 })
  expect([...fates.words]).toEqual([
    [1, ['from alice.eth0 0', 'leaves 336.000, due 346.000']],
    [0, ['cut']],
  ])
  net.close()
  const full = pair({ rate: 1000, queue: 50 })
  const lost = new Fates(epoch)
  full.net.log(lost)
  for (const text of ['a'.repeat(1000), 'b'.repeat(1000), 'c']) full.say(text)
  await full.net.run({ until: 30_000 })
  expect([...lost.words.values()].filter((words) => words.includes('lost: queue')).length).toBeGreaterThan(0)
  full.net.close()
})
