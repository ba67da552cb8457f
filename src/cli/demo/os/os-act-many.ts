import { os } from '../../../os/operating-system.ts'
import { giveAway } from '../../programs/give-away.ts'
import { giveToProcess } from '../../programs/give-to-process.ts'
import { giveToThread } from '../../programs/give-to-thread.ts'
import { manyLoop } from '../../programs/many-loop.ts'
import { manyPromises } from '../../programs/many-promises.ts'
import { upperTcpClient } from '../../programs/upper-tcp-client.ts'
import { upperOutcome } from '../demo-act.ts'
import { LOOPBACK, type OsAct } from './os-act.ts'
import { freeTcpPort } from './os-stage.ts'

const WAYS = ['loop', 'promise', 'thread', 'process'] as const
const LINES = ['hello', 'and good bye']

export const manyClientsOnOs: OsAct = {
  id: 'E6',
  name: 'a server for many clients',
  introduction:
    'Two clients call at once, four times: a loop that serves one after the other, a promise for each, a thread for each and a ' +
    'process for each. Threads and processes are given the descriptor itself, and wait in calls that block, as in C.',
  async run(stage) {
    const say = stage.voice('server')
    const ports: number[] = []
    for (const _ of WAYS) ports.push(await freeTcpPort())
    const [loop = 0, promise = 0, thread = 0, process = 0] = ports
    const [, answers] = await stage.play(
      (signal) =>
        Promise.all([
          manyLoop(os, loop, say, signal),
          manyPromises(os, promise, say, signal),
          giveAway(os, thread, giveToThread, say, signal),
          giveAway(os, process, giveToProcess, say, signal),
        ]),
      async () => {
        const given: string[][] = []
        for (const [i, way] of WAYS.entries()) {
          const there = { address: LOOPBACK, port: ports[i] as number }
          const call = (host: 'client' | 'second') =>
            upperTcpClient(os, there, LINES, (text) => stage.voice(host)(`${way}: ${text}`))
          given.push(...(await Promise.all([call('client'), call('second')])))
        }
        return given
      },
    )
    return upperOutcome(
      answers.flatMap(() => LINES),
      answers.flat(),
    )
  },
}
