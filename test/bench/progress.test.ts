import { expect, test } from 'vitest'
import { load } from './load.ts'

const { Progress } = await load('harness/progress.mjs')

function shown(isTTY: boolean) {
  const written: string[] = []
  const progress = new Progress({ isTTY, columns: 20, write: (text: string) => written.push(text) })
  progress.show('tap: bulk', ': warming: jackfield')
  progress.show('tap: bulk', ': round 1 of 5: jackfield')
  progress.show('tap: datagrams', ': warming: jackfield')
  progress.say('tap: without gvisor')
  return written
}

test('progress is one line that is written again on a terminal, as wide as that', () => {
  expect(shown(true)).toEqual([
    '\r\x1b[Ktap: bulk: warming:',
    '\r\x1b[Ktap: bulk: round 1 ',
    '\r\x1b[Ktap: datagrams: war',
    '\r\x1b[K',
    'tap: without gvisor\n',
  ])
})

test('elsewhere progress is a line for each figure', () => {
  expect(shown(false)).toEqual(['tap: bulk\n', 'tap: datagrams\n', 'tap: without gvisor\n'])
})
