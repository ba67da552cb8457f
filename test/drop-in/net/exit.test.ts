// When a process ends by itself: the same programs on Node's own module and on ours, each in a plain Node.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ours = new URL('../../../dist/drop-in/net.js', import.meta.url).href
const program = fileURLToPath(new URL('exit-program.mjs', import.meta.url))

/** What it wrote until it ended, or until it said that it would stay. */
function run(subject: string, module: string, on: string, time: number): Promise<string> {
  const child = spawn(process.execPath, [program, module, subject, String(time)], {
    env: { ...process.env, JACKFIELD_ON: on },
  })
  let written = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text
      if (written.includes('still here')) child.kill('SIGKILL')
    })
  }
  return new Promise((resolve) => child.on('close', () => resolve(written)))
}

const ENDS = [
  'nothing',
  'a server without ref',
  'a server without ref before it listens',
  'a server that closes',
  'connections without ref',
  'a client that is paused',
  'an echo that ends',
  'a timeout alone',
  'a Unix socket',
  'data that is still to be sent',
]
const STAYS = ['a server', 'a server with ref again', 'a client that reads']

describe.each([
  ['os', ENDS, 'ends'],
  ['userspace', ENDS, 'ends'],
  ['os', STAYS, 'stays'],
  ['userspace', STAYS, 'stays'],
])('on %s', (on, subjects, does) => {
  it.each(subjects)(`a process with %s ${does}`, async (subject) => {
    // What ends is waited for, however slow the machine is.
    const time = does === 'stays' ? 1000 : 50_000
    const [expected, found] = await Promise.all([run(subject, 'node:net', '', time), run(subject, ours, on, time)])
    expect(found).toBe(expected)
    expect(found.includes('still here')).toBe(does === 'stays')
  })
})
