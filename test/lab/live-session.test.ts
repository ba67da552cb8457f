// What becomes of what a running stack tells: it is watched as `jackfield lab --attach` does it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LiveSession } from '../../lab/engine/live-session.ts'
import { noEvents, type RunEvents } from '../../lab/engine/run-events.ts'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { WatchedStack } from '../../src/cli/watched-stack.ts'
import { type ShownSockets, showSockets } from '../../src/platform/show-sockets.ts'
import type { WatchLine } from '../../src/platform/watch-line.ts'
import { Socket } from '../../src/socket/socket.ts'
import { TwoStacks } from '../stack/two-stacks.ts'

let runtime: string
let net: TwoStacks
let shown: ShownSockets
let watched: WatchedStack

beforeEach(() => {
  runtime = mkdtempSync(join(tmpdir(), 'jackfield-live-'))
  vi.stubEnv('XDG_RUNTIME_DIR', runtime)
  net = new TwoStacks()
})

afterEach(() => {
  watched.close()
  shown.close()
  vi.unstubAllEnvs()
  rmSync(runtime, { recursive: true })
})

/** The left stack, watched from now on: what was told of it, and when more is. */
async function watch() {
  shown = await showSockets(net.left, { name: 'alice' })
  const events = noEvents()
  const session = new LiveSession((tidings) => {
    if (tidings.tell !== 'news') return
    for (const key of Object.keys(events) as (keyof RunEvents)[])
      (events[key] as unknown[]).push(...tidings.events[key])
  })
  let heard = () => {}
  watched = new WatchedStack(`${shown.path}.watch`, (text) => {
    const line = JSON.parse(text) as WatchLine
    // What was there before must not be drawn twice: it is told anew with what is drawn.
    session.hear([0, line])
    if (line.tell === 'stack') for (const list of Object.values(events)) list.length = 0
    session.news(line.at, true)
    heard()
  })
  /** Resolves when so many segments have left. */
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      heard = () => {
        if (events.segments.length >= count) resolve()
      }
      heard()
    })
  await new Promise<void>((resolve) => {
    heard = resolve
  })
  return { events, until }
}

async function connected(): Promise<[client: Socket, server: Socket]> {
  const listener = new Socket(net.right, AF_INET, SOCK_STREAM)
  listener.bind({ address: '10.0.0.2', port: 7 })
  listener.listen()
  const client = new Socket(net.left, AF_INET, SOCK_STREAM)
  const connecting = client.connect({ address: '10.0.0.2', port: 7 })
  net.run(100)
  await connecting
  return [client, await listener.accept()]
}

test('segments that leave are told of, by numbers that count from the SYN, and which of them leave again', async () => {
  const { events, until } = await watch()
  const [client] = await connected()
  await client.send(new Uint8Array(5))
  net.run(100)
  net.right.close()
  await client.send(new Uint8Array(3))
  net.run(1000)
  await until(4)
  const told = events.segments.map(({ host, seq, end, kind }) => ({ host, seq, end, kind }))
  expect(told.slice(0, 4)).toEqual([
    { host: 'alice', seq: 0, end: 1, kind: 'new' },
    { host: 'alice', seq: 1, end: 6, kind: 'new' },
    { host: 'alice', seq: 6, end: 9, kind: 'new' },
    { host: 'alice', seq: 6, end: 9, kind: 'again' },
  ])
  for (const { frame, ends } of events.segments) {
    const sent = events.frames[frame - 1]
    expect(sent).toMatchObject({ number: frame, end: 0, kind: 'tcp' })
    expect(sent?.flow).toBe(ends)
  }
})

test('of a connection that was there before, its numbers are known by what the stack tells of it', async () => {
  const [client, server] = await connected()
  await client.send(new Uint8Array(100))
  net.run(100)
  await server.recv(new Uint8Array(100))
  const { events, until } = await watch()
  await client.send(new Uint8Array(5))
  net.run(100)
  await client.send(new Uint8Array(5))
  net.run(100)
  await until(2)
  expect(events.segments.map(({ seq, end, kind }) => [seq, end, kind])).toEqual([
    [101, 106, 'new'],
    [106, 111, 'new'],
  ])
})

test('calls are told, and what each has sent: a stream long after it, other packets at once', async () => {
  const { events, until } = await watch()
  const [client] = await connected()
  await client.send(new Uint8Array(5))
  net.run(100)
  const datagrams = new Socket(net.left, AF_INET, SOCK_DGRAM)
  await datagrams.sendto(new Uint8Array(4), { address: '10.0.0.2', port: 9 })
  net.right.close()
  await client.send(new Uint8Array(3))
  net.run(1000)
  await client.close()
  net.run(1000)
  await until(5)
  const texts = events.calls.map(({ host, program, text }) => {
    expect([host, program]).toEqual(['alice', ''])
    return text.slice(0, text.indexOf('('))
  })
  expect(texts.filter((name) => name !== 'poll')).toEqual([
    ...['socket', 'connect', 'getsockopt', 'sendto'],
    ...['socket', 'sendto', 'sendto', 'close'],
  ])
  const caused = events.frames
    .filter(({ end, kind }) => end === 0 && kind !== 'arp')
    .map(({ text, cause }) => [/\[\S+\]|UDP/.exec(text)?.[0], /length (\d+)/.exec(text)?.[1], lengthIn(events, cause)])
  expect(caused.slice(0, 6)).toEqual([
    ['[S]', '0', 'connect'],
    ['[.]', '0', ''],
    ['[P.]', '5', 'sendto 5'],
    ['UDP', '4', 'sendto 4'],
    ['[P.]', '3', 'sendto 3'],
    ['[P.]', '3', 'sendto 3'],
  ])
  expect(events.calls[events.frames[0]?.cause ?? -1]?.text).toMatch(/^connect/)
})

/** "sendto 5", "connect": what a call is told by; '' of none. */
function lengthIn({ calls }: RunEvents, place: number): string {
  const { text = '' } = calls[place] ?? {}
  const [, name = '', length] = /^(\w+)\((?:.*", (\d+), )?/.exec(text) ?? []
  return length === undefined ? name : `${name} ${length}`
}
