// Peers that lie, or say nothing: each is bounded by time and size, and the server goes on with the next.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, MSG_WAITALL, SOCK_STREAM } from '../../src/base/constants.ts'
import {
  ACCESS_DENIED,
  CREATE_STREAMS,
  DISPLAY_RESULTS,
  EXCHANGE_RESULTS,
  IPERF_DONE,
  PARAM_EXCHANGE,
  SERVER_TERMINATE,
  TEST_END,
  TEST_RUNNING,
  TEST_START,
} from '../../src/cli/iperf3/control-state.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { SocketError } from '../../src/socket/socket-error.ts'
import { Iperf3World, PORT } from './iperf3-world.ts'

const COOKIE = `${'a'.repeat(36)}\0`

function record(value: unknown): Uint8Array {
  const text = Buffer.from(JSON.stringify(value))
  return Buffer.concat([Buffer.of(0, 0, text.length >> 8, text.length), text])
}

const octets = (text: string) => Buffer.from(text)

/** One side of a conversation as it is written down: octets are sent, a number of octets and a record are read, an array of states is expected. */
type Step = Uint8Array | number | readonly number[] | 'record' | 'end' | 'stream' | 'close'

class Talk {
  readonly world: Iperf3World
  readonly socket: Socket
  readonly #stream: () => Promise<Socket>

  constructor(world: Iperf3World, socket: Socket, stream: () => Promise<Socket>) {
    this.world = world
    this.socket = socket
    this.#stream = stream
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step === 'end') expect(await this.#rest()).toBe(0)
      else if (step === 'stream') await this.#stream()
      else if (step === 'record') await this.#read(Buffer.from(await this.#read(4)).readUInt32BE())
      else if (step === 'close') await this.socket.close()
      else if (typeof step === 'number') await this.#read(step)
      else if (step instanceof Uint8Array) await this.socket.send(step)
      else expect([...new Int8Array(await this.#read(step.length))]).toEqual(step)
    }
  }

  async #read(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    expect(await this.socket.recv(bytes, MSG_WAITALL)).toBe(length)
    return bytes
  }

  /** What is left to read until the other side is done: a reset ends it too. */
  async #rest(): Promise<number> {
    try {
      return await this.socket.recv(new Uint8Array(1))
    } catch (error) {
      expect((error as SocketError).code).toBe('ECONNRESET')
      return 0
    }
  }
}

describe('a client that lies', () => {
  let world: Iperf3World

  beforeEach(() => {
    world = new Iperf3World()
    world.serve()
  })

  afterEach(() => world.interrupt())

  const results = (streams: unknown) => record({ streams })
  const begun: readonly Step[] = [octets(COOKIE), [PARAM_EXCHANGE]]
  const running = (parameters: object): readonly Step[] => [
    ...begun,
    record(parameters),
    [CREATE_STREAMS],
    'stream',
    [TEST_START, TEST_RUNNING],
  ]
  /** SERVER_ERROR, "unable to receive parameters", no errno. */
  const REFUSED = [-2, 0, 0, 0, 114, 0, 0, 0, 0]

  test.each<[string, readonly Step[], string | null]>([
    ['says nothing', ['end'], null],
    ['says half a cookie, and goes', [octets('abc'), 'close'], null],
    ['has a cookie that cannot be printed', [new Uint8Array(37), 'end'], null],
    ['goes after the cookie', [...begun, 'close'], 'the client has unexpectedly closed the connection'],
    [
      'announces two gigabytes',
      [...begun, Uint8Array.of(0x7f, 0xff, 0xff, 0xff), REFUSED, 'end'],
      'the client announces a record of 2147483647 octets, where 65536 are allowed',
    ],
    ['announces nothing', [...begun, new Uint8Array(4), REFUSED, 'end'], 'a record that is no JSON object'],
    [
      'sends no JSON',
      [...begun, Uint8Array.of(0, 0, 0, 3, 0x7b, 0x7b, 0x7b), REFUSED, 'end'],
      'a record that is no JSON object',
    ],
    ['sends an array', [...begun, record([1]), REFUSED, 'end'], 'a record that is no JSON object'],
    ['wants a thousand streams', [...begun, record({ parallel: 1000 }), REFUSED, 'end'], 'parallel must be'],
    [
      'announces more than it sends',
      [...begun, Uint8Array.of(0, 0, 0x80, 0, 0x7b), REFUSED, 'end'],
      'the client has said nothing for 30 seconds',
    ],
    ['brings no streams', [...begun, record({}), [CREATE_STREAMS], 'end'], 'the streams of the test have not come'],
    [
      'ends the test before it begins',
      [...begun, record({}), [CREATE_STREAMS], Uint8Array.of(TEST_END), 'end'],
      'the client sent TEST_END before the test',
    ],
    [
      'says what nobody knows',
      [...running({}), Uint8Array.of(77), 'end'],
      'the client sent state 77 while the test was running',
    ],
    ['forgets the test', [...running({ time: 1 }), 'end'], 'the client has not ended the test in time'],
    ['sends nothing, without a time', [...running({}), 'end'], 'no data has passed for 120000 ms (--rcv-timeout)'],
    [
      'has results of no stream',
      [...running({}), Uint8Array.of(TEST_END), [EXCHANGE_RESULTS], results([]), 'end'],
      'unable to receive results: there are 1 streams, and it tells of 0',
    ],
    [
      'has results of another stream',
      [...running({}), Uint8Array.of(TEST_END), [EXCHANGE_RESULTS], results([{ id: 2, bytes: 1 }]), 'end'],
      'unable to receive results: it tells nothing of the stream 1',
    ],
    [
      'has sent more than it has',
      [
        ...running({ num: 5 }),
        Uint8Array.of(TEST_END),
        [EXCHANGE_RESULTS],
        results([{ id: 1, bytes: 1e18 }]),
        'record',
        'close',
      ],
      null,
    ],
  ])('%s', async (_, steps, error) => {
    const talk = new Talk(world, await world.call(), async () => {
      const stream = new Socket(world.net.left, AF_INET, SOCK_STREAM)
      await stream.connect({ address: '10.0.0.2', port: PORT })
      await stream.send(octets(COOKIE))
      return stream
    })
    await world.drive(talk.run(steps))
    await world.pass(1000)
    if (error === null) expect(world.reports.filter((report) => report.error !== undefined)).toEqual([])
    else expect(world.reports[0]?.error).toContain(error)
    // Nobody has waited longer than for octets that do not come.
    expect(world.net.clock.now()).toBeLessThan(130_000)
    // The next is served as if nothing had been.
    expect((await world.client({ tcp: true, blockcount: 1, len: 100 })).end.sum_received.bytes).toBe(100)
  })

  test('says nothing: another is served meanwhile', async () => {
    const silent = await world.call()
    expect((await world.client({ tcp: true, blockcount: 1, len: 100 })).end.sum_received.bytes).toBe(100)
    await silent.close()
  })

  const toTheEnd: readonly Step[] = [
    ...running({ num: 5 }),
    Uint8Array.of(TEST_END),
    [EXCHANGE_RESULTS],
    results([{ id: 1, bytes: 0 }]),
    'record',
    [DISPLAY_RESULTS],
  ]

  async function stream(): Promise<Socket> {
    const socket = await world.call()
    await socket.send(octets(COOKIE))
    return socket
  }

  test('knows all, and has not left yet: who calls is served when it has', async () => {
    const talk = new Talk(world, await world.call(), stream)
    await world.drive(talk.run(toTheEnd))
    const other = new Talk(world, await world.call(), stream)
    const third = new Talk(world, await world.call(), stream)
    await world.drive(other.run([octets(`${'b'.repeat(36)}\0`)]))
    await world.drive(third.run([octets(`${'c'.repeat(36)}\0`)]))
    await world.pass(1000)
    await world.drive(talk.run([Uint8Array.of(IPERF_DONE), 'end']))
    await world.drive(other.run([[PARAM_EXCHANGE]]))
    await world.drive(third.run([[ACCESS_DENIED], 'end']))
    await other.socket.close()
  })

  test('knows all, and never leaves: who calls is served five seconds later', async () => {
    const talk = new Talk(world, await world.call(), stream)
    await world.drive(talk.run(toTheEnd))
    const begun = world.net.clock.now()
    expect((await world.client({ tcp: true, blockcount: 1, len: 100 })).end.sum_received.bytes).toBe(100)
    expect(world.net.clock.now() - begun).toBeLessThan(6000)
    await talk.socket.close()
  })

  test('brings a stream with the cookie of another: it is told that the server is busy', async () => {
    const talk = new Talk(world, await world.call(), () => world.call())
    await world.drive(talk.run([...begun, record({}), [CREATE_STREAMS]]))
    const other = new Talk(world, await world.call(), () => world.call())
    await world.drive(other.run([octets(`${'b'.repeat(36)}\0`), [ACCESS_DENIED], 'end']))
    await talk.socket.close()
  })
})

describe('a server that lies', () => {
  let world: Iperf3World

  /** Listens, and talks with whoever calls first; others are streams. */
  function answer(steps: readonly Step[]): Promise<void> {
    const listener = new Socket(world.net.right, AF_INET, SOCK_STREAM)
    listener.bind({ address: '', port: PORT })
    listener.listen()
    return (async () => {
      const socket = await listener.accept()
      await new Talk(world, socket, () => listener.accept()).run([37, ...steps])
    })()
  }

  beforeEach(() => {
    world = new Iperf3World()
  })

  const running: readonly Step[] = [
    Uint8Array.of(PARAM_EXCHANGE),
    'record',
    Uint8Array.of(CREATE_STREAMS),
    'stream',
    Uint8Array.of(TEST_START, TEST_RUNNING),
  ]

  test.each<[string, readonly Step[], string]>([
    ['goes at once', ['close'], 'control socket has closed unexpectedly'],
    ['says nothing', [], 'the server has said nothing for 30 seconds'],
    ['is busy', [Uint8Array.of(0xff)], 'the server is busy running a test. try again later'],
    [
      'has failed, and says why',
      [Uint8Array.of(0xfe, 0, 0, 0, 114, 0, 0, 0, 111)],
      'the server has failed: unable to receive parameters from client: Connection refused',
    ],
    ['has failed, and says nothing more', [Uint8Array.of(0xfe)], 'the server has said nothing for 30 seconds'],
    ['says what nobody knows', [Uint8Array.of(77)], 'the server sent state 77 where PARAM_EXCHANGE'],
    ['begins in the middle', [Uint8Array.of(TEST_RUNNING)], 'the server sent TEST_RUNNING where PARAM_EXCHANGE'],
    ['ends', [Uint8Array.of(SERVER_TERMINATE)], 'the server has terminated'],
    ['ends in the middle', [...running, Uint8Array.of(SERVER_TERMINATE)], 'the server has terminated'],
    ['goes in the middle', [...running, 'close'], 'control socket has closed unexpectedly'],
    [
      'goes back in the middle',
      [...running, Uint8Array.of(PARAM_EXCHANGE)],
      'the server sent PARAM_EXCHANGE while the test was running',
    ],
    [
      'has results of two gigabytes',
      [...running, [TEST_END], Uint8Array.of(EXCHANGE_RESULTS, 0x7f, 0xff, 0xff, 0xff)],
      'the server announces a record of 2147483647 octets, where 16777216 are allowed',
    ],
    [
      'has results that are none',
      [...running, [TEST_END], Uint8Array.of(EXCHANGE_RESULTS), record({ streams: 5 })],
      'unable to receive results: streams must be an array',
    ],
    [
      'announces results that do not come',
      [...running, [TEST_END], Uint8Array.of(EXCHANGE_RESULTS, 0, 0xff, 0xff, 0xff)],
      'the server has said nothing for 30 seconds',
    ],
  ])('%s', async (_, steps, error) => {
    const answering = answer(steps)
    const told = await world.client({ tcp: true, time: 1, len: 1000, bandwidth: 800_000 })
    expect(told.error).toContain(error)
    await world.drive(answering)
  })
})
