// How each task of each lesson is done.

import type { Lesson } from '../../lab/lessons/lesson.ts'
import { fromOf, octetsOf, printed, windowOf } from '../../lab/lessons/seen.ts'
import type { Frame } from '../../lab/page/state/store.ts'
import { flags, type LessonReader } from './lesson-reader.ts'

type Solution = (reader: LessonReader, lesson: Lesson) => Promise<void>

const isData = (frame: Frame) => frame.kind === 'tcp' && octetsOf(frame) > 0

export const SOLUTIONS: Readonly<Record<string, readonly Solution[]>> = {
  handshake: [
    async (reader) => {
      await reader.stepUntil(({ frames }) => frames.some(flags('S')))
      await reader.selectFrame(reader.frame('alice', flags('S')))
    },
    async (reader) => {
      await reader.stepUntil((view) => printed(view, 'alice', 'connect has returned'))
      await reader.selectFrame(reader.frame('bob', flags('S.')))
    },
    async (reader) => {
      await reader.until(170)
      await reader.drop(reader.frame('alice', flags('.')))
      await reader.until(800)
    },
    async (reader) => {
      await reader.setSeed(7)
      await reader.until(300)
      await reader.selectFrame(reader.frame('alice', flags('S')))
    },
  ],
  accept: [
    async (reader) => {
      await reader.stepUntil((view) => printed(view, 'bob', 'both are here'))
      await reader.selectSocket('bob', 'ESTABLISHED')
    },
    (reader) =>
      reader.selectFrame(reader.frame('switch', (frame) => isData(frame) && frame.flow.startsWith('10.0.0.3:'))),
    async (reader) => {
      await reader.edit('bob/server', [
        "console.log('both are here')",
        "console.log('both are here')\nawait listener.close()",
      ])
      await reader.until(1000)
    },
  ],
  'nobody-accepts': [
    async (reader) => {
      await reader.stepUntil(({ sockets }) => (sockets['bob']?.[0]?.receiveQueue ?? 0) > 0)
      await reader.selectNode('bob')
    },
    async (reader) => {
      await reader.until(2000)
      const [last] = reader.frames.filter(flags('S')).slice(-1)
      await reader.selectFrame(last?.number ?? 0)
    },
    async (reader) => {
      const wait = 'await new Promise((done) => setTimeout(done, 2000))'
      await reader.edit('bob/server', [
        'listener.listen(2)',
        `listener.listen(2)\n${wait}\nfor (;;) await listener.accept()`,
      ])
      await reader.until(4000)
    },
  ],
  'two-sends': [
    async (reader) => {
      await reader.until(600)
      const [, second] = reader.frames.filter((frame) => isData(frame) && fromOf(reader, frame) === 'alice')
      await reader.selectFrame(second?.number ?? 0)
    },
    async (reader) => {
      await reader.edit('bob/server', ['Uint8Array(100)', 'Uint8Array(4)'])
      await reader.until(600)
    },
    async (reader) => {
      await reader.edit(
        'bob/server',
        ['Uint8Array(4)', 'Uint8Array(5)'],
        ['import { AF_INET,', 'import { AF_INET, MSG_WAITALL,'],
        ['recv(buffer)', 'recv(buffer, MSG_WAITALL)'],
      )
      await reader.until(600)
    },
  ],
  'time-wait': [
    async (reader) => {
      await reader.until(500)
      await reader.selectSocket('bob', 'TIME-WAIT')
    },
    async (reader) => {
      await reader.drop(reader.frame('bob', (frame) => flags('.')(frame) && frame.number > 5))
      await reader.until(3000)
    },
    async (reader) => {
      await reader.edit('bob/server', ['reuseAddress: false', 'reuseAddress: true'])
      await reader.until(6000)
    },
  ],
  'half-close': [
    async (reader) => {
      await reader.until(300)
      await reader.selectSocket('bob', 'CLOSE-WAIT')
    },
    async (reader) => {
      await reader.until(900)
      await reader.selectFrame(reader.frame('bob', isData))
    },
    async (reader) => {
      await reader.edit('alice/client', ['socket.shutdown(SHUT_WR)', 'await socket.close()'])
      await reader.until(900)
      await reader.selectFrame(reader.frame('alice', flags('R')))
    },
  ],
  'lost-syn': [
    async (reader) => {
      await reader.until(90)
      await reader.drop(reader.frame('alice', flags('S')))
      await reader.until(1300)
    },
    async (reader) => {
      await reader.until(200)
      await reader.setLink(0, false)
      await reader.until(8000)
      const [last] = reader.frames.filter(flags('S')).slice(-1)
      await reader.selectFrame(last?.number ?? 0)
    },
    async (reader) => {
      await reader.setLink(0, true)
      await reader.until(16_000)
    },
  ],
  'slow-reader': [
    async (reader) => {
      await reader.until(400)
      await reader.selectFrame(reader.frame('bob', (frame) => windowOf(frame) === 0))
    },
    async (reader) => {
      await reader.until(3000)
      await reader.selectFrame(reader.frame('alice', (frame) => frame.at > 400))
    },
    async (reader) => {
      await reader.until(3300)
      await reader.drop(reader.frame('bob', (frame) => frame.at > 3000 && windowOf(frame) > 0))
      await reader.until(8000)
    },
  ],
  'fast-retransmit': [
    async (reader) => {
      await reader.until(210)
      const data = reader.frames.filter(isData)
      await reader.drop(data[4]?.number ?? 0)
      await reader.until(600)
    },
    async (reader, lesson) => {
      await reader.beginAgain(lesson)
      await reader.until(210)
      const data = reader.frames.filter(isData)
      for (const one of data.slice(-2)) await reader.drop(one.number)
      await reader.until(700)
    },
    async (reader) => {
      const data = reader.frames.filter(isData)
      await reader.drop(data[10]?.number ?? 0)
      await reader.until(2000)
    },
  ],
  'udp-loss': [
    async (reader) => {
      await reader.until(160)
      const [last] = reader.frames.filter(({ kind }) => kind === 'udp').slice(-1)
      await reader.drop(last?.number ?? 0)
      await reader.until(300)
    },
    async (reader) => {
      const [last] = reader.frames.filter(({ kind }) => kind === 'udp').slice(-1)
      await reader.holdBack(last?.number ?? 0)
      await reader.until(600)
    },
    async (reader) => {
      await reader.edit('alice/sender', ['5004', '5005'])
      await reader.until(200)
      await reader.selectFrame(reader.frame('bob', ({ kind }) => kind === 'icmp'))
    },
  ],
  names: [
    async (reader) => {
      await reader.until(300)
      await reader.selectFrame(reader.frame('names', ({ kind }) => kind === 'udp'))
    },
    async (reader) => {
      await reader.drop(reader.frame('names', ({ kind }) => kind === 'udp'))
      await reader.until(2000)
    },
    async (reader) => {
      await reader.edit('names/server', ["'www.example': '10.0.0.3'", "'www.example': '10.0.0.4'"])
      await reader.until(2000)
    },
  ],
  'syn-flood': [
    async (reader) => {
      await reader.until(200)
      await reader.selectNode('bob')
    },
    async (reader) => {
      await reader.until(500)
      await reader.selectFrame(reader.frame('bob', (frame) => /R/.test(/Flags \[([^\]]*)/.exec(frame.text)?.[1] ?? '')))
    },
    async (reader, { tasks }) => {
      const [offer] = tasks.flatMap((task) => task.offer ?? [])
      if (offer !== undefined) await reader.takeOffer(offer)
      await reader.until(500)
    },
    (reader) =>
      reader.selectFrame(reader.frame('router', (frame) => flags('.')(frame) && frame.flow.startsWith('10.0.1.2:'))),
  ],
  'path-mtu': [
    async (reader) => {
      await reader.until(150)
      await reader.selectFrame(reader.frame('east', ({ kind }) => kind === 'icmp'))
    },
    async (reader) => {
      await reader.until(200)
      await reader.selectFrame(reader.frame('east', (frame) => frame.link === 1 && octetsOf(frame) === 948))
    },
    async (reader) => {
      await reader.until(135)
      const all = reader.frames.filter(({ kind }) => kind === 'icmp')
      for (const { number } of all) await reader.drop(number)
      await reader.until(5000)
    },
  ],
}
