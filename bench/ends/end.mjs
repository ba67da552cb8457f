// One end in a process of its own: `end.mjs LIBRARY`. It is told { server, argument } and answers with the port; or { client, port,
// seconds, argument } and answers with the figure.

import { answer } from '../harness/answer.mjs'
import { fromDist } from '../harness/dist.mjs'

const LIBRARIES = {
  jackfield: async () => (await import('./os.mjs')).osEnds(),
  busy: async () => (await import('./os.mjs')).osEnds({ busyPoll: 50 }),
  /** Node's own modules, on our sockets: what they export is replaced before anybody imports it. */
  register: async () => {
    process.env.JACKFIELD_ON = 'os'
    await fromDist('drop-in/register.js')
    return (await import('./node.mjs')).nodeEnds()
  },
  node: async () => (await import('./node.mjs')).nodeEnds(),
}

const { servers, clients } = await LIBRARIES[process.argv[2]]()

await answer(({ server, client, seconds, ...rest }) =>
  server === undefined ? clients[client]({ ...rest, milliseconds: seconds * 1000 }) : servers[server](rest.argument),
)
