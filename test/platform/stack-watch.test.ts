// What a stack tells whoever watches it, and that it is as it was when he has gone.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createConnection, type Socket as NodeSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { watchedStacks } from '../../src/cli/watched-program.ts'
import { Cable } from '../../src/device/cable.ts'
import { type ShownSockets, type ShowSocketsOptions, showSockets } from '../../src/platform/show-sockets.ts'
import { Stack } from '../../src/platform/stack.ts'
import type { WatchLine } from '../../src/platform/watch-line.ts'
import { Socket } from '../../src/socket/socket.ts'
import { describeLine } from '../../src/wire/describe.ts'

let runtime: string
let here: Stack
let there: Stack
let shown: ShownSockets
const watchers: Watcher[] = []

beforeEach(() => {
  runtime = mkdtempSync(join(tmpdir(), 'jackfield-watch-'))
  vi.stubEnv('XDG_RUNTIME_DIR', runtime)
  const cable = new Cable({ offloads: true })
  here = new Stack()
  there = new Stack()
  here.attach(cable.left, { address: '10.0.0.1/24' })
  there.attach(cable.right, { address: '10.0.0.2/24' })
})

afterEach(() => {
  for (const watcher of watchers.splice(0)) watcher.socket.destroy()
  shown.close()
  here.close()
  there.close()
  vi.unstubAllEnvs()
  rmSync(runtime, { recursive: true })
})

const show = async (options: ShowSocketsOptions = { name: 'here' }) => {
  shown = await showSockets(here, options)
}

/** Whoever watches, and what he has been told. */
class Watcher {
  readonly lines: WatchLine[] = []
  readonly socket: NodeSocket
  #rest = ''
  #heard = () => {}

  constructor() {
    this.socket = createConnection(`${shown.path}.watch`)
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.lines.push(JSON.parse(line))
      this.#heard()
    })
    watchers.push(this)
  }

  /** Resolves with the first line that `matches`. */
  line<T extends WatchLine>(matches: (line: WatchLine) => line is T): Promise<T>
  line(matches: (line: WatchLine) => boolean): Promise<WatchLine>
  line(matches: (line: WatchLine) => boolean): Promise<WatchLine> {
    return new Promise((resolve) => {
      this.#heard = () => {
        const found = this.lines.find(matches)
        if (found !== undefined) resolve(found)
      }
      this.#heard()
    })
  }

  get frames(): string[] {
    return this.lines.flatMap((line) => {
      if (line.tell !== 'frame') return []
      const bytes = Buffer.from(line.bytes, 'base64')
      const medium = line.on === 1 ? 'ip' : 'ethernet'
      return [`${line.inbound ? 'in' : 'out'} ${describeLine(bytes, 0, bytes.length, medium)}`]
    })
  }
}

const isSockets = (line: WatchLine) => line.tell === 'sockets'

async function talk(octets = 5): Promise<void> {
  const listener = new Socket(there, AF_INET, SOCK_STREAM)
  listener.bind({ address: '10.0.0.2', port: 7 })
  listener.listen()
  const client = new Socket(here, AF_INET, SOCK_STREAM)
  await client.connect({ address: '10.0.0.2', port: 7 })
  const server = await listener.accept()
  const received = (async () => {
    const bytes = new Uint8Array(65536)
    for (let left = octets; left > 0; ) left -= await server.recv(bytes)
  })()
  for (let left = octets; left > 0; ) left -= await client.send(new Uint8Array(Math.min(left, 65536)))
  await received
  await client.close()
  await server.close()
  await listener.close()
}

test('who watches is told who it is, each frame as a wire would have it, states, numbers and sockets', async () => {
  await show()
  const watcher = new Watcher()
  expect(await watcher.line(() => true)).toMatchObject({
    tell: 'stack',
    pid: process.pid,
    name: 'here',
    interfaces: [{ name: 'lo' }, { medium: 'ethernet', addresses: ['10.0.0.1/24'] }],
  })
  await watcher.line(isSockets)
  await talk()
  await watcher.line((line) => line.tell === 'change' && line.to === 'TIME-WAIT')
  const texts = watcher.frames.filter((text) => text.includes('Flags'))
  expect(texts[0]).toMatch(/^out IP 10\.0\.0\.1\.\d+ > 10\.0\.0\.2\.7: Flags \[S\]/)
  expect(texts[1]).toMatch(/^in IP 10\.0\.0\.2\.7 > 10\.0\.0\.1\.\d+: Flags \[S\.\]/)
  expect(texts.find((text) => text.endsWith('length 5'))).toMatch(/^out .*\[P\.\]/)
  const changes = watcher.lines.flatMap((line) => (line.tell === 'change' ? [line.to] : []))
  expect(changes).toEqual(['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'])
  const samples = watcher.lines.flatMap((line) => (line.tell === 'sample' ? [line.sample] : []))
  expect(samples.at(-1)).toMatchObject({ sndUna: 7, rcvNxt: 2 })
  await watcher.line((line) => line.tell === 'sockets' && line.sockets.some(({ state }) => state === 'TIME-WAIT'))
})

test('a large segment is told as the packets that it stands for, a payload that lies elsewhere with its frame, all checksums right', async () => {
  await show()
  const watcher = new Watcher()
  await watcher.line(isSockets)
  await talk(200_000)
  await watcher.line((line) => line.tell === 'change' && line.to === 'TIME-WAIT')
  const lengths = watcher.lines.flatMap((line) =>
    line.tell === 'frame' ? [Buffer.from(line.bytes, 'base64').length] : [],
  )
  expect(Math.max(...lengths)).toBe(1514)
  expect(watcher.frames.filter((text) => /bad|wrong|incorrect/.test(text))).toEqual([])
  const octets = watcher.frames.map((text) => Number(/^out.*Flags.*length (\d+)$/.exec(text)?.[1] ?? 0))
  expect(octets.reduce((sum, length) => sum + length, 0)).toBe(200_000)
})

test('calls of sockets that were made since the stack is shown are told, each before what it has sent, none while nobody watches', async () => {
  const old = new Socket(here, AF_INET, SOCK_DGRAM)
  const showing = show()
  const socket = new Socket(here, AF_INET, SOCK_DGRAM)
  await showing
  socket.bind({ address: '127.0.0.1', port: 53 })
  const watcher = new Watcher()
  await watcher.line(isSockets)
  await old.sendto(new Uint8Array(2), { address: '127.0.0.1', port: 53 })
  await socket.sendto(new Uint8Array(3), { address: '127.0.0.1', port: 54 })
  await socket.close()
  await watcher.line((line) => line.tell === 'call' && line.text.startsWith('close('))
  const calls = watcher.lines.flatMap((line) => (line.tell === 'call' ? [line] : []))
  const fd = `${old.fd + 1}`
  expect(calls.map(({ text, stream }) => [text, stream])).toEqual([
    [expect.stringMatching(`^sendto\\(${fd}, "\\\\0\\\\0\\\\0", 3, 0, .*sin_port=htons\\(54\\), .* = 3$`), null],
    [`close(${fd}) = 0`, null],
  ])
  const [sent] = calls
  const frame = watcher.lines.find(
    (line) => line.tell === 'frame' && Buffer.from(line.bytes, 'base64').length === 20 + 8 + 3,
  )
  expect(watcher.lines.indexOf(sent as WatchLine)).toBeLessThan(watcher.lines.indexOf(frame as WatchLine))
  expect(frame?.at).toBeGreaterThanOrEqual(sent?.at ?? Number.NaN)
  expect(frame?.at).toBeLessThanOrEqual(sent?.until ?? Number.NaN)
})

test('a call of a connection is told with whose it is and how far it has written', async () => {
  await show()
  const watcher = new Watcher()
  await watcher.line(isSockets)
  await talk()
  const isSent = (line: WatchLine) => line.tell === 'call' && line.text.startsWith('sendto(')
  const sent = (await watcher.line(isSent)) as Extract<WatchLine, { tell: 'call' }>
  const sample = await watcher.line((line) => line.tell === 'sample')
  if (sample.tell !== 'sample') throw new Error('no sample')
  expect(sent.stream).toEqual({ ends: sample.sample.ends, upTo: (sample.iss + 1 + 5) >>> 0 })
})

test('what goes by the loopback interface is told too', async () => {
  await show()
  const watcher = new Watcher()
  await watcher.line(isSockets)
  const socket = new Socket(here, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '127.0.0.1', port: 53 })
  await socket.sendto(new Uint8Array(3), { address: '127.0.0.1', port: 53 })
  await watcher.line((line) => line.tell === 'frame' && line.inbound)
  const lines = watcher.frames.map((text) => text.slice(0, 40))
  expect(lines).toEqual(['out IP 127.0.0.1.53 > 127.0.0.1.53: UDP,', 'in IP 127.0.0.1.53 > 127.0.0.1.53: UDP, '])
})

test('while nobody watches no interface is looked at, nor when he has gone', async () => {
  await show()
  expect(here.interfaces.map(({ tap }) => tap)).toEqual([null, null])
  const watcher = new Watcher()
  await watcher.line(isSockets)
  expect(here.interfaces.every(({ tap }) => tap !== null)).toBe(true)
  watcher.socket.destroy()
  await vi.waitUntil(() => here.interfaces.every(({ tap }) => tap === null))
})

test('who does not read loses frames and calls, and is told how many: no more than a part waits for him', async () => {
  await show()
  const slow = new Watcher()
  await slow.line(isSockets)
  slow.socket.pause()
  const quick = new Watcher()
  await quick.line(isSockets)
  await talk(8 << 20)
  slow.socket.resume()
  await slow.line((one) => one.tell === 'sockets' && one.lost > 0 && one.lostCalls > 0)
  // What had waited for him: four mebibytes, what a turn of the loop adds, and what the kernel holds.
  const octets = slow.lines.reduce((sum, line) => sum + (line.tell === 'frame' ? line.bytes.length : 0), 0)
  expect(octets).toBeLessThan(8 << 20)
})

test('who did not read is told what has become of connections and interfaces meanwhile', async () => {
  await show()
  const slow = new Watcher()
  await slow.line(isSockets)
  slow.socket.pause()
  const quick = new Watcher()
  await quick.line(isSockets)
  await talk(8 << 20)
  here.attach(new Cable().left, { address: '10.0.1.1/24' })
  const isWider = (line: WatchLine) => line.tell === 'stack' && line.interfaces.length === 3
  await quick.line((line) => line.tell === 'change' && line.to === 'TIME-WAIT')
  await quick.line(isWider)
  slow.socket.resume()
  await slow.line(isWider)
  await slow.line((line) => line.tell === 'change' && line.to === 'TIME-WAIT')
  const changes = slow.lines.flatMap((line) => (line.tell === 'change' ? [line] : []))
  expect(changes.map(({ from }) => from)).toEqual(['CLOSED', ...changes.slice(0, -1).map(({ to }) => to)])
})

test('a stack of which packets are not shown is asked and not watched', async () => {
  await show({ name: 'here', packets: false })
  expect(() => statSync(`${shown.path}.watch`)).toThrow('ENOENT')
  expect(() => watchedStacks(process.pid)).toThrow('shows its sockets and not its packets')
})

test('its socket is its owner alone, and goes with it', async () => {
  await show()
  expect(statSync(`${shown.path}.watch`).mode & 0o777).toBe(0o600)
  expect(watchedStacks(process.pid)).toEqual([`${shown.path}.watch`])
  const watcher = new Watcher()
  await watcher.line(isSockets)
  shown.close()
  await new Promise((resolve) => watcher.socket.once('close', resolve))
  expect(() => statSync(`${shown.path}.watch`)).toThrow('ENOENT')
})
