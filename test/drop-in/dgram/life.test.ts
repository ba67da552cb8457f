// When a program ends by itself, and when it does not: with Node's own module, and with ours.

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../os/program.ts'

/** What a program does with its socket `s`. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'never bound': '',
  bound: 's.bind(0)',
  'bound and unref': 's.bind(0); s.unref()',
  'unref and bound': 's.unref(); s.bind(0)',
  'unref, bound, ref': 's.unref(); s.bind(0); s.ref()',
  'closed when bound': 's.bind(0, () => s.close())',
  'closed when sent': `s.send('x', 9, '127.0.0.1', () => s.close())`,
  'open when sent': `s.send('x', 9, '127.0.0.1')`,
  'a member that was never bound': `s.addMembership('239.1.2.3', '127.0.0.1')`,
  'closed when connected': 's.connect(9, () => s.close())',
  'unref, and another that waits for an answer': `
    s.on('message', (data, from) => s.send(data, from.port, from.address))
    s.bind(0, '127.0.0.1', () => {
      s.unref()
      const other = dgram.createSocket('udp4', (data) => {
        console.log('answer', String(data))
        other.close()
      })
      other.send('hello', s.address().port, '127.0.0.1')
    })`,
}

/** Says how it ended: by itself, or after so many turns of the event loop that are due to something which keeps it alive. */
function outcome(module: string, program: string, on: string): string {
  const text = `
    const dgram = require('${module}')
    let looks = 0
    setInterval(() => {
      looks++
      if (looks < 40) return
      console.log('goes on')
      process.exit()
    }, 10).unref()
    const s = dgram.createSocket('udp4')
    s.on('listening', () => console.log('listening'))
    s.on('close', () => console.log('close'))
    ${program}`
  const env = { ...process.env, JACKFIELD_ON: on }
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', text], {
    cwd: packageRoot,
    encoding: 'utf8',
    env,
  })
  // Older Nodes warn of ES modules that are required.
  return `${status} ${stdout}${stderr.replace(/^\(node.*\n(\(Use.*\n)?/gm, '')}`
}

describe.each(Object.entries(PROGRAMS))('a socket that is %s', (_, program) => {
  it.each(['os', 'userspace'])('ends the program as with node:dgram, over %s', (on) => {
    expect(outcome('jackfield/dgram', program, on)).toBe(outcome('node:dgram', program, on))
  })
})
