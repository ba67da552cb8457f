// What is shown in a window: tables, bars, and the window itself, of which the screen below understands what we write.

import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { ConversationView } from '../../src/cli/capture/conversation-view.ts'
import type { Section } from '../../src/cli/netstat/sections.ts'
import { SocketView } from '../../src/cli/netstat/socket-view.ts'
import { Keys, keysOf } from '../../src/cli/terminal/keys.ts'
import { hasColours, paint } from '../../src/cli/terminal/paint.ts'
import { octetsShort } from '../../src/cli/terminal/rate-text.ts'
import { Screen } from '../../src/cli/terminal/screen.ts'
import { Scroll } from '../../src/cli/terminal/scroll.ts'
import { sparkline } from '../../src/cli/terminal/sparkline.ts'
import { StatusLine } from '../../src/cli/terminal/status-line.ts'
import { plain, tableLines } from '../../src/cli/terminal/table.ts'
import { FRAMES } from './capture-frames.ts'

/** A terminal of a few rows that knows how to go to a place, and to erase. */
class Terminal {
  columns = 20
  rows = 3
  cursor = true
  alternate = false
  written = ''
  #rows: string[] = []
  #listeners: (() => void)[] = []

  write(text: string): void {
    this.written += text
    let at = 0
    for (const sequence of text.split('\x1b[').slice(1)) {
      const [, code = '', rest = ''] = /^([^a-zA-Z]*[a-zA-Z])(.*)$/s.exec(sequence) ?? []
      const row = /^(\d+);1H$/.exec(code)?.[1]
      if (row !== undefined) at = Number(row) - 1
      if (code === 'K') this.#rows[at] = rest
      if (code === '2J') this.#rows = []
      if (code === '?25l' || code === '?25h') this.cursor = code === '?25h'
      if (code === '?1049h' || code === '?1049l') this.alternate = code === '?1049h'
    }
  }

  get shown(): string[] {
    return this.#rows.map((row) => row.trimEnd())
  }

  on(_: 'resize', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeListener(_: 'resize', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener)
  }

  resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
    for (const listener of this.#listeners) listener()
  }

  get listeners(): number {
    return this.#listeners.length
  }
}

describe('a screen', () => {
  let open: Screen | null = null

  afterEach(() => open?.close())

  test('draws what has changed alone, follows the window, and gives it back', () => {
    const terminal = new Terminal()
    const lines = ['one', 'two', 'three', 'four']
    const before = process.listenerCount('exit')
    const screen = new Screen(terminal, () => lines)
    open = screen
    screen.open(false)
    expect(terminal).toMatchObject({ alternate: true, cursor: false, shown: ['one', 'two', 'three'] })
    terminal.written = ''
    screen.draw()
    expect(terminal.written).toBe('')
    lines[1] = 'other'
    screen.draw()
    expect(terminal.written).toBe('\x1b[?2026h\x1b[2;1H\x1b[Kother\x1b[0m\x1b[?2026l')
    terminal.resize(20, 4)
    expect(terminal.shown).toEqual(['one', 'other', 'three', 'four'])
    screen.close()
    screen.close()
    expect(terminal).toMatchObject({ alternate: false, cursor: true, listeners: 0 })
    expect(process.listenerCount('exit')).toBe(before)
  })

  test('gives the window back when the process ends, and before it tells of a defect', () => {
    const terminal = new Terminal()
    const screen = new Screen(terminal, () => ['one'])
    open = screen
    screen.open(true)
    expect(process.listenerCount('SIGTERM')).toBeGreaterThan(0)
    const last = process.listeners('exit').at(-1) as (code: number) => void
    last(0)
    expect(terminal).toMatchObject({ alternate: false, cursor: true })
    expect(process.listeners('uncaughtException')).not.toContain(last)
  })
})

describe('keys', () => {
  test('are characters, and what the sequences of keys without one mean; others are none', () => {
    expect(keysOf('q\x1b[A\x1bOB\x1b[5~ \x1b[1;5P\x1b[6~é')).toEqual([
      'q',
      'up',
      'down',
      'page-up',
      ' ',
      'page-down',
      'é',
    ])
  })

  test('are read from a terminal as long as they are wanted, and those of signals signal', () => {
    const raw: boolean[] = []
    const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) })
    const heard: string[] = []
    const keys = new Keys(
      keyboard,
      (key) => heard.push(key),
      (signal) => heard.push(signal),
    )
    keys.open()
    keyboard.emit('data', Buffer.from('j\x03\x1a'))
    keys.close()
    keyboard.emit('data', Buffer.from('k'))
    expect(heard).toEqual(['j', 'SIGINT', 'SIGTSTP'])
    expect(raw).toEqual([true, false])
    expect(keyboard.isPaused()).toBe(true)
  })

  test('what is no terminal is not read', () => {
    const file = new PassThrough()
    const keys = new Keys(file, () => {})
    keys.open()
    expect(file.listenerCount('data')).toBe(0)
  })
})

test('a status line stays below what is printed', () => {
  let written = ''
  const status = new StatusLine((text) => {
    written += text
  })
  status.print('first\n')
  status.show('50 %')
  status.print('second\n')
  status.show('')
  expect(written).toBe('first\n\r\x1b[K50 %\r\x1b[Ksecond\n50 %\r\x1b[K')
})

test('bars are as high as their values, the highest or what is given being the top', () => {
  expect(sparkline([0, 1, 4, 8], 6)).toBe('   ▁▄█')
  expect(sparkline([1, 2, 3], 2, 8)).toBe('▂▃')
  expect(sparkline([], 3)).toBe('   ')
})

test('colours are for terminals, unless NO_COLOR says otherwise', () => {
  expect(hasColours({ isTTY: true }, {})).toBe(true)
  expect(hasColours({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
  expect(hasColours({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
  expect(hasColours({}, {})).toBe(false)
  expect([paint('x', 'bad', true), paint('x', 'bad', false)]).toEqual(['\x1b[31mx\x1b[0m', 'x'])
})

test('amounts are short', () => {
  expect([0, 999, 1000, 12_345, 999_600, 5e12].map(octetsShort)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '12.3 kB',
    '1.0 MB',
    '5.0 TB',
  ])
})

test('a table fits: what may be cut is cut, columns that have no room are left out', () => {
  const columns = [{ title: 'A' }, { title: 'Name', least: 4 }, { title: 'N', align: 'right' as const }]
  const rows = [[plain('x'), plain('a long name\x1b[2J'), plain('12')]]
  expect(tableLines(columns, rows, 40, false)).toEqual(['A Name             N', 'x a long name?[2J 12'])
  expect(tableLines(columns, rows, 12, false)).toEqual(['A Name     N', 'x a long… 12'.padEnd(12)])
  expect(tableLines(columns, rows, 6, false)).toEqual(['A Name', 'x a l…'])
})

describe('views', () => {
  const entry = (localPort: number, received: number, acked: number) => ({
    protocol: 'tcp',
    localAddress: '10.0.0.1',
    localPort,
    peerAddress: '10.0.0.2',
    peerPort: 80,
    state: 'ESTABLISHED',
    receiveQueue: 0,
    sendQueue: 5,
    fd: 3,
    details: { tcpi_bytes_received: received, tcpi_bytes_acked: acked },
  })
  const sections = (...sockets: unknown[]) =>
    [{ provider: 'os', program: null, sockets }] as unknown as readonly Section[]

  test('netstat: rates of sockets, the busiest first, in as many lines as there is room for', () => {
    const view = new SocketView()
    const scroll = new Scroll()
    view.update(sections(entry(1, 0, 0), entry(2, 0, 0), entry(3, 0, 0)), 0)
    view.update(sections(entry(1, 10, 0), entry(2, 4_000_000, 2000), entry(3, 0, 0)), 2000)
    const lines = view.lines(100, 5, 2000, false, scroll)
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/every 2 s {2}3 sockets, in 2\.0 MB\/s, out 1\.0 kB\/s$/)
    expect(lines[2]).toMatch(/^tcp +10\.0\.0\.1:2 +10\.0\.0\.2:80 +ESTABLISHED +2\.0 MB +1\.0 kB +█ +0 +5/)
    expect(lines[3]).toContain('10.0.0.1:1')
    expect(lines[4]).toBe('1-2 of 3  ↑ ↓ PgUp PgDn  q ends  space holds')
    scroll.press('end')
    expect(view.lines(100, 5, 2000, false, scroll)[3]).toContain('10.0.0.1:3')
    // Rates stay where there is hardly room.
    expect(view.lines(40, 5, 2000, false, scroll)[1]).toBe('Local Address Foreign Address In/s Out/s')
    for (const line of view.lines(30, 5, 2000, false, scroll)) expect([...line].length).toBeLessThanOrEqual(30)
  })

  test('netstat: datagrams of a stack have rates too; of those of the system, which counts none, it says so', () => {
    const view = new SocketView()
    const udp = (port: number, octetsReceived: number, octetsSent: number) => ({
      ...entry(port, 0, 0),
      ...{ protocol: 'udp', state: '', details: null, traffic: { octetsReceived, octetsSent } },
    })
    const { traffic: _, ...untold } = udp(9, 0, 0)
    view.update(sections(udp(1, 0, 0), untold), 0)
    view.update(sections(udp(1, 4000, 2_000_000), untold), 2000)
    const lines = view.lines(100, 6, 2000, false, new Scroll())
    expect(lines[0]).toContain('in 2.0 kB/s, out 1.0 MB/s')
    expect(lines[2]).toMatch(/^udp +10\.0\.0\.1:1 +10\.0\.0\.2:80 +2\.0 kB +1\.0 MB +█/)
    expect(lines[3]).toMatch(/^udp +10\.0\.0\.1:9 +10\.0\.0\.2:80 +- +- /)
  })

  test('capture: conversations with their rates, and the packets that came last', () => {
    const view = new ConversationView(0)
    for (const [name, frame] of FRAMES) view.packet(frame, 0, frame.length, 'ethernet', frame.length, `${name}\n`)
    view.tick(500)
    const lines = view.lines('jf0', 80, 40, false)
    expect(lines[0]).toMatch(new RegExp(`^jackfield capture {2}jf0 {2}${FRAMES.size} packets, `))
    expect(lines.some((line) => /^tcp +10\.0\.0\.1:4242 +10\.0\.0\.2:80 +2 /.test(line))).toBe(true)
    expect(lines.some((line) => /^arp +10\.0\.0\.1 +10\.0\.0\.2 /.test(line))).toBe(true)
    expect(lines.at(-1)).toBe('q ends  space holds')
    expect(lines.findLast((line, i) => i < 39 && line !== '')).toBe([...FRAMES.keys()].at(-1))
    view.scroll.press(' ')
    for (const [, frame] of FRAMES) view.packet(frame, 0, frame.length, 'ethernet', frame.length, 'later\n')
    const held = view.lines('jf0', 80, 40, false)
    expect(held[0]).toContain(`${2 * FRAMES.size} packets`)
    expect(held).not.toContain('later')
    expect(held.at(-1)).toBe('q ends  space goes on')
    expect(lines.length).toBeLessThanOrEqual(40)
  })
})
