// Read first: tcp(7) on tcp_mem. Strangers can open many connections; what they make a host hold together has a bound.

import { expect, test } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { EAGAIN, EINPROGRESS } from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { Stack } from '../../src/stack/stack.ts'

const LIMIT = 1 << 20
const CLIENTS = 40
/** Both rings of a connection may have this much when nothing is left, and the one that reached the limit may have doubled. */
const RESERVE = 2 * 4096
const LONGEST_SEGMENT = 1460

test('ESTABLISHED: what many connections buffer together stays within memoryMax, and all of it arrives in the end', () => {
  const clock = new ManualClock()
  const cable = new Cable({ delay: 1 })
  const here = new Stack({ clock, random: new SeededRandom(1), tcp: { memoryMax: LIMIT } })
  const there = new Stack({ clock, random: new SeededRandom(2) })
  here.attach(cable.left, { address: '192.0.2.1/24' })
  there.attach(cable.right, { address: '192.0.2.2/24' })
  const pass = (milliseconds: number) => clock.advanceTo(clock.now() + milliseconds)

  const listener = here.socket(AF_INET, SOCK_STREAM, 0) as Endpoint
  listener.bind(SocketAddress.internet('', 80))
  listener.listen(CLIENTS)
  const clients = Array.from({ length: CLIENTS }, () => there.socket(AF_INET, SOCK_STREAM, 0) as Endpoint)
  for (const client of clients) expect(client.connect(SocketAddress.internet('192.0.2.1', 80))).toBe(-EINPROGRESS)
  pass(2000)
  const servers = clients.map(() => listener.accept(null) as Endpoint)

  // Each client pours in what it can, each server answers as much, and nobody reads.
  const block = new Uint8Array(65536)
  const poured = clients.map(() => 0)
  const answered = clients.map(() => 0)
  const pour = (from: Endpoint, sums: number[], i: number) => {
    const count = from.send(block, 0, block.length, 0)
    if (count > 0) sums[i] = (sums[i] as number) + count
    else expect(count).toBe(-EAGAIN)
  }
  let most = 0
  for (let round = 0; round < 60; round++) {
    clients.forEach((client, i) => {
      pour(client, poured, i)
    })
    servers.forEach((server, i) => {
      pour(server, answered, i)
    })
    pass(20)
    most = Math.max(most, here.tcp.memory.used)
  }
  expect(most).toBeGreaterThan(LIMIT / 2)
  expect(most).toBeLessThanOrEqual(2 * LIMIT + CLIENTS * (RESERVE + LONGEST_SEGMENT))

  // Now they read: every octet that a send took comes out at the other end.
  const read = (end: Endpoint) => {
    let sum = 0
    for (;;) {
      const count = end.recv(block, 0, block.length, 0)
      if (count <= 0) return sum
      sum += count
    }
  }
  const got = clients.map(() => 0)
  const back = clients.map(() => 0)
  for (let round = 0; round < 6000; round++) {
    servers.forEach((server, i) => {
      got[i] = (got[i] as number) + read(server)
    })
    clients.forEach((client, i) => {
      back[i] = (back[i] as number) + read(client)
    })
    pass(20)
  }
  expect(got).toEqual(poured)
  expect(back).toEqual(answered)
  expect(here.tcp.memory.used).toBe(0)
})
