// How each task of each lesson is done.

import { fromOf, octetsOf, printed, windowOf } from '../../lab/lessons/seen.ts'
import type { Frame } from '../../lab/page/store.ts'
import { flags, type LessonReader } from './lesson-reader.ts'

type Solution = (reader: LessonReader) => Promise<void> | void

const isData = (frame: Frame) => frame.kind === 'tcp' && octetsOf(frame) > 0

export const SOLUTIONS: Readonly<Record<string, readonly Solution[]>> = {
  handshake: [
    async (reader) => {
      await reader.stepUntil(({ frames }) => frames.some(flags('S')))
      reader.selectFrame('alice', flags('S'))
    },
    async (reader) => {
      await reader.stepUntil((view) => printed(view, 'alice', 'connect has returned'))
      reader.selectFrame('bob', flags('S.'))
    },
    async (reader) => {
      await reader.until(170)
      await reader.drop('alice', flags('.'))
      await reader.until(800)
    },
    async (reader) => {
      await reader.change({ seed: 7 })
      await reader.until(300)
      reader.selectFrame('alice', flags('S'))
    },
  ],
  accept: [
    async (reader) => {
      await reader.stepUntil((view) => printed(view, 'bob', 'both are here'))
      reader.selectSocket('bob', 'ESTABLISHED')
    },
    (reader) => reader.selectFrame('switch', (frame) => isData(frame) && frame.flow.startsWith('10.0.0.3:')),
    async (reader) => {
      await reader.edit(
        'bob/server',
        "console.log('both are here')",
        "console.log('both are here')\nawait listener.close()",
      )
      await reader.until(1000)
    },
  ],
  'nobody-accepts': [
    async (reader) => {
      await reader.stepUntil(({ sockets }) => (sockets['bob']?.[0]?.receiveQueue ?? 0) > 0)
      reader.select({ kind: 'node', name: 'bob' })
    },
    async (reader) => {
      await reader.until(2000)
      const [last] = reader.frames.filter(flags('S')).slice(-1)
      reader.select({ kind: 'frame', number: last?.number ?? 0 })
    },
    async (reader) => {
      const wait = 'await new Promise((done) => setTimeout(done, 2000))'
      await reader.edit(
        'bob/server',
        'listener.listen(2)',
        `listener.listen(2)\n${wait}\nfor (;;) await listener.accept()`,
      )
      await reader.until(4000)
    },
  ],
  'two-sends': [
    async (reader) => {
      await reader.until(600)
      const [, second] = reader.frames.filter((frame) => isData(frame) && fromOf(reader, frame) === 'alice')
      reader.select({ kind: 'frame', number: second?.number ?? 0 })
    },
    async (reader) => {
      await reader.edit('bob/server', 'Uint8Array(100)', 'Uint8Array(4)')
      await reader.until(600)
    },
    async (reader) => {
      await reader.edit('bob/server', 'Uint8Array(4)', 'Uint8Array(5)')
      await reader.edit('bob/server', 'import { AF_INET,', 'import { AF_INET, MSG_WAITALL,')
      await reader.edit('bob/server', 'recv(buffer)', 'recv(buffer, MSG_WAITALL)')
      await reader.until(600)
    },
  ],
  'time-wait': [
    async (reader) => {
      await reader.until(500)
      reader.selectSocket('bob', 'TIME-WAIT')
    },
    async (reader) => {
      await reader.drop('bob', (frame) => flags('.')(frame) && frame.number > 5)
      await reader.until(3000)
    },
    async (reader) => {
      await reader.edit('bob/server', 'reuseAddress: false', 'reuseAddress: true')
      await reader.until(6000)
    },
  ],
  'half-close': [
    async (reader) => {
      await reader.until(300)
      reader.selectSocket('bob', 'CLOSE-WAIT')
    },
    async (reader) => {
      await reader.until(900)
      reader.selectFrame('bob', isData)
    },
    async (reader) => {
      await reader.edit('alice/client', 'socket.shutdown(SHUT_WR)', 'await socket.close()')
      await reader.until(900)
      reader.selectFrame('alice', flags('R'))
    },
  ],
  'lost-syn': [
    async (reader) => {
      await reader.until(90)
      await reader.drop('alice', flags('S'))
      await reader.until(1300)
    },
    async (reader) => {
      await reader.until(200)
      await reader.act({ at: 200, link: 0, up: false })
      await reader.until(8000)
      const [last] = reader.frames.filter(flags('S')).slice(-1)
      reader.select({ kind: 'frame', number: last?.number ?? 0 })
    },
    async (reader) => {
      await reader.act({ at: reader.now, link: 0, up: true })
      await reader.until(16_000)
    },
  ],
  'slow-reader': [
    async (reader) => {
      await reader.until(400)
      reader.selectFrame('bob', (frame) => windowOf(frame) === 0)
    },
    async (reader) => {
      await reader.until(3000)
      reader.selectFrame('alice', (frame) => frame.at > 400)
    },
    async (reader) => {
      await reader.until(3300)
      await reader.drop('bob', (frame) => frame.at > 3000 && windowOf(frame) > 0)
      await reader.until(8000)
    },
  ],
  'fast-retransmit': [
    async (reader) => {
      await reader.until(210)
      const data = reader.frames.filter(isData)
      await reader.act({ frame: data[4]?.number ?? 0, drop: true })
      await reader.until(600)
    },
    async (reader) => {
      await reader.change({ acts: [] })
      await reader.until(210)
      const data = reader.frames.filter(isData)
      for (const one of data.slice(-2)) await reader.act({ frame: one.number, drop: true })
      await reader.until(700)
    },
    async (reader) => {
      const data = reader.frames.filter(isData)
      await reader.act({ frame: data[10]?.number ?? 0, drop: true })
      await reader.until(2000)
    },
  ],
  'udp-loss': [
    async (reader) => {
      await reader.until(160)
      const [last] = reader.frames.filter(({ kind }) => kind === 'udp').slice(-1)
      await reader.act({ frame: last?.number ?? 0, drop: true })
      await reader.until(300)
    },
    async (reader) => {
      const [last] = reader.frames.filter(({ kind }) => kind === 'udp').slice(-1)
      await reader.act({ frame: last?.number ?? 0, delay: 50 })
      await reader.until(600)
    },
    async (reader) => {
      await reader.edit('alice/sender', '5004', '5005')
      await reader.until(200)
      reader.selectFrame('bob', ({ kind }) => kind === 'icmp')
    },
  ],
  names: [
    async (reader) => {
      await reader.until(300)
      reader.selectFrame('names', ({ kind }) => kind === 'udp')
    },
    async (reader) => {
      await reader.drop('names', ({ kind }) => kind === 'udp')
      await reader.until(2000)
    },
    async (reader) => {
      await reader.edit('names/server', "'www.example': '10.0.0.3'", "'www.example': '10.0.0.4'")
      await reader.until(2000)
    },
  ],
  'syn-flood': [
    async (reader) => {
      await reader.until(200)
      reader.select({ kind: 'node', name: 'bob' })
    },
    async (reader) => {
      await reader.until(500)
      reader.selectFrame('bob', (frame) => /R/.test(/Flags \[([^\]]*)/.exec(frame.text)?.[1] ?? ''))
    },
    async (reader) => {
      const nodes = reader.scenario.nodes.map((node) =>
        node.name === 'bob' ? { ...node, tcp: { synCookies: 1 } } : node,
      )
      await reader.change({ nodes })
      await reader.until(500)
    },
    (reader) => reader.selectFrame('router', (frame) => flags('.')(frame) && frame.flow.startsWith('10.0.1.2:')),
  ],
  'path-mtu': [
    async (reader) => {
      await reader.until(150)
      reader.selectFrame('east', ({ kind }) => kind === 'icmp')
    },
    async (reader) => {
      await reader.until(200)
      reader.selectFrame('east', (frame) => frame.link === 1 && octetsOf(frame) === 948)
    },
    async (reader) => {
      await reader.until(135)
      const all = reader.frames.filter(({ kind }) => kind === 'icmp')
      for (const { number } of all) await reader.act({ frame: number, drop: true })
      await reader.until(5000)
    },
  ],
}
