// What capture -r prints of a file, beside what Debian's tcpdump prints of it.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AF_INET, SHUT_WR, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { commandFor } from '../../src/cli/commands.ts'
import { Cable } from '../../src/device/cable.ts'
import { Capture } from '../../src/device/capture.ts'
import { PcapngSink } from '../../src/device/pcapng-sink.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { PcapngWriter } from '../../src/wire/pcapng.ts'
import { describeNetwork } from './requirements.ts'

describeNetwork('text of jackfield capture', ['tcpdump'], () => {
  let folder: string
  let path: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-text-'))
    path = join(folder, 'talk.pcapng')
    const blocks: Uint8Array[] = []
    const writer = new PcapngWriter((bytes) => blocks.push(bytes.slice()))
    talk(writer)
    writeFileSync(path, Buffer.concat(blocks))
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  /** ARP, a handshake, octets both ways, and the end. */
  function talk(writer: PcapngWriter): void {
    const clock = new ManualClock(1000)
    const cable = new Cable()
    const left = new Stack({ clock, random: new SeededRandom(1) })
    const right = new Stack({ clock, random: new SeededRandom(2) })
    const sink = new PcapngSink(writer, cable.left, 1.79e12)
    left.attach(new Capture(cable.left, sink), { address: '10.0.0.1/24' })
    right.attach(cable.right, { address: '10.0.0.2/24' })
    const run = (ms: number) => {
      clock.advanceTo(clock.now() + ms)
      clock.settle()
    }
    const listener = new Socket(right, AF_INET, SOCK_STREAM)
    listener.bind({ address: '10.0.0.2', port: 4000 })
    listener.listen()
    const client = new Socket(left, AF_INET, SOCK_STREAM)
    client.tryConnect({ address: '10.0.0.2', port: 4000 })
    run(1500)
    const server = listener.tryAccept() as Socket
    client.trySend(Buffer.from('a question\r\nof two lines\n'))
    run(10)
    server.trySend(Buffer.from('\x01\x7f\xff an answer\r'))
    run(70)
    client.shutdown(SHUT_WR)
    run(0.25)
    server.shutdown(SHUT_WR)
    run(5)
    left.close()
    right.close()
  }

  async function ours(...flags: string[]): Promise<string> {
    let text = ''
    const write = process.stdout.write
    process.stdout.write = ((part: string) => {
      text += part
      return true
    }) as typeof write
    try {
      const command = await commandFor(['capture'], '')
      await command.parseAsync(['capture', '-r', path, ...flags], { from: 'user' })
    } finally {
      process.stdout.write = write
    }
    return text
  }

  test.each([
    [],
    ['-e'],
    ['-q'],
    ['-S'],
    ['-t'],
    ['-tt'],
    ['-ttt'],
    ['-tttt'],
    ['-ttttt'],
    ['-x'],
    ['-xx'],
    ['-X'],
    ['-XX'],
    ['-A'],
    ['-t', '-e', '-X', 'tcp[tcpflags] & tcp-push != 0'],
    ['-c', '2', 'arp or tcp'],
  ])('flags %#', async (...flags) => {
    const { stdout } = spawnSync('tcpdump', ['-n', '-r', path, ...flags], { encoding: 'utf8' })
    expect(stdout.split('\n').length).toBeGreaterThan(2)
    expect(await ours('-n', ...flags)).toBe(stdout)
  })
})
