import { netstat } from '../../stack/netstat.ts'
import { formatNetstat } from '../../stack/netstat-text.ts'
import { giveAway } from '../programs/give-away.ts'
import { giveToStackThread } from '../programs/give-to-stack-thread.ts'
import { handOver } from '../programs/hand-over.ts'
import { manyLoop } from '../programs/many-loop.ts'
import { manyPromises } from '../programs/many-promises.ts'
import { hireProcess } from '../programs/process-attendant.ts'
import { upperTcpClient } from '../programs/upper-tcp-client.ts'
import { type Act, plural, upperOutcome } from './demo-act.ts'

const WAYS = [
  { name: 'loop', port: 12001 },
  { name: 'promise', port: 12002 },
  { name: 'thread', port: 12003 },
  { name: 'process', port: 12004 },
]
const LINES = ['hello', 'and good bye']

export const manyClients: Act = {
  id: 'E6',
  name: 'a server for many clients',
  introduction:
    'Two clients call at once, four times: a server that serves one after the other, one with a promise for each, one that gives ' +
    'each to a thread, and one that hands each to a process. A thread waits in calls that block, as in C; its calls are made ' +
    'where the stack is. To a process the octets are handed, both ways. The clock of the hosts stands still while threads and ' +
    'processes work. Frames and changes of state are not told here.',
  hops: false,
  async run(stage) {
    const { client, second, server, addresses } = stage.network
    const patience = stage.away
    const say = stage.voice('server')
    let waited = 0
    stage.hush()
    const [, answers] = await stage.play(
      (signal) =>
        Promise.all([
          manyLoop(server.stack, 12001, say, signal),
          manyPromises(server.stack, 12002, say, signal),
          giveAway(server.stack, 12003, giveToStackThread(server.stack, stage.serve), say, signal),
          giveAway(server.stack, 12004, handOver(hireProcess, patience), say, signal),
        ]),
      async () => {
        const given: string[][] = []
        for (const { name, port } of WAYS) {
          const there = { address: addresses.server, port }
          const look = (host: 'client' | 'second') => (text: string) => {
            stage.voice(host)(`${name}: ${text}`)
            const entries = netstat(server.stack)
            const queue =
              entries.find((entry) => entry.state === 'LISTEN' && entry.localPort === port)?.receiveQueue ?? 0
            if (queue > 0 && waited === 0)
              stage.show('server', 'netstat while the loop is busy', formatNetstat(entries))
            waited = Math.max(waited, queue)
          }
          const both = await Promise.all([
            upperTcpClient(client.stack, there, LINES, look('client')),
            upperTcpClient(second.stack, there, LINES, look('second')),
          ])
          given.push(...both)
        }
        return given
      },
    )
    if (waited > 0) {
      stage.remark(
        'a server that is busy is not there for others.',
        `${plural(waited, 'connection')} stood in the queue of the loop, made by the system, until accept() came to it.`,
      )
    }
    const lines = answers.flatMap(() => LINES)
    return upperOutcome(lines, answers.flat())
  },
}
