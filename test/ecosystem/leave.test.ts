import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeNetwork } from '../interop/requirements.ts'
import { Machine, SYSTEMS } from './machine.ts'

/** More than a connection has on its way at first. */
const SIZE = 200_000

describe.each(SYSTEMS)('over %s', (on) => {
  describeNetwork('a program that has ended', ['socat', 'sysctl'], () => {
    let machine: Machine

    beforeAll(() => {
      machine = new Machine(on)
    })
    afterAll(() => machine?.close())

    test('what it has sent and closed arrives whole: datagrams for which a neighbour is looked for, and streams', async () => {
      const datagrams = machine.namespace.start('socat', ['-dd', '-u', `UDP4-RECV:5000,bind=${machine.peer}`, 'STDOUT'])
      const stream = machine.namespace.start('socat', ['-dd', '-u', `TCP4-LISTEN:5001,bind=${machine.peer}`, 'STDOUT'])
      await datagrams.saying('starting data transfer loop')
      await stream.saying('listening on')
      // On a long way there is much to wait for.
      const far = on === 'tap' ? { JACKFIELD_ON: `${machine.where},impair=delay=50ms` } : {}
      const { status, stderr } = await machine.program('leave', { SIZE: String(SIZE), ...far }).ended
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const { stdout } = await stream.ended
      expect(stdout.length).toBe(SIZE)
      await datagrams.saying('last words')
    })
  })
})
