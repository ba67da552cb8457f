import { AF_INET6 } from '../../base/constants.ts'
import { type NetstatEntry, netstat } from '../../stack/netstat.ts'
import { formatNetstat } from '../../stack/netstat-text.ts'
import { nameServer } from '../programs/name-server.ts'
import { pageClient } from '../programs/page-client.ts'
import { pageServer } from '../programs/page-server.ts'
import { pause } from '../programs/pause.ts'
import { positionReceiver } from '../programs/position-receiver.ts'
import { positionSender } from '../programs/position-sender.ts'
import { upperTcpClient } from '../programs/upper-tcp-client.ts'
import { upperTcpServer } from '../programs/upper-tcp-server.ts'
import { upperUdpServer } from '../programs/upper-udp-server.ts'
import type { Act } from './demo-act.ts'
import type { Stage } from './demo-stage.ts'

const UPPER = 12000
const POSITIONS = 10
/** Milliseconds. */
const SOON = 60
/** Enough to talk about until a lost SYN has been sent again. */
const LINES = Array.from({ length: 150 }, (_, i) => `line ${i + 1}`)

export const listing: Act = {
  id: 'E8',
  name: 'netstat',
  introduction:
    'Everything at once: both upper-casing servers, the page, names and positions, with their clients; and what netstat says of ' +
    'each host meanwhile, and when the clients are done. Frames and changes of state are not told here.',
  hops: false,
  async run(stage) {
    const { client, second, router, server, addresses } = stage.network
    const silence = () => {}
    const seen: NetstatEntry[][] = []
    stage.hush()
    const [, during] = await stage.play(
      (signal) =>
        Promise.all([
          upperUdpServer(server.stack, silence, signal),
          upperTcpServer(server.stack, silence, signal, AF_INET6),
          pageServer(server.stack, silence, signal),
          positionReceiver(server.stack, silence, signal),
          nameServer(router.stack, `${addresses.server} server.example\n`, 'example', silence, signal),
        ]),
      async () => {
        const there = { address: addresses.server, port: UPPER }
        const there6 = { address: addresses.server6, port: UPPER }
        // The one begins when the other is connected, so that both are at it together.
        const work: Promise<unknown>[] = []
        const start = (one: Promise<unknown>) => {
          // It is waited for below, unless something else has failed before.
          one.catch(() => {})
          work.push(one)
        }
        const begin = (text: string) => {
          if (!text.startsWith('connected')) return
          start(positionSender(client.stack, { address: addresses.server, port: 5004 }, POSITIONS, silence))
          start(pause(client.stack, SOON).then(() => seen.push(showAll(stage, 'while they talk'))))
        }
        const call = (text: string) => {
          if (text.startsWith('connected')) start(upperTcpClient(client.stack, there, LINES, begin))
        }
        await Promise.all([
          pageClient(second.stack, { address: addresses.server, port: 80 }, '/'),
          upperTcpClient(second.stack, there6, LINES, call),
        ])
        for (let done = 0; done < work.length; done++) await work[done]
        await pause(client.stack, SOON)
        showAll(stage, 'when the clients are done')
        return seen[0] ?? []
      },
    )
    const upper = during.filter(({ localPort }) => localPort === UPPER)
    const same = upper.filter(({ state }) => state === 'LISTEN' || state === '')
    stage.remark(
      'a port belongs to one program.',
      `port ${UPPER} of the server is ${same.map(({ protocol }) => protocol).join(' and ')}, and ` +
        `${upper.length - same.length} of its connections have it too.`,
    )
    const connected = during.filter(({ protocol, state }) => protocol === 'udp' && state === 'ESTABLISHED')
    stage.remark(
      'a UDP socket is never established.',
      `${connected.length} of them is shown so, after connect() (nothing was exchanged for it); the others have no state.`,
    )
    const states = new Set(during.map(({ state }) => state))
    const ok = ['LISTEN', 'ESTABLISHED', ''].every((state) => states.has(state)) && connected.length === 1
    return {
      ok: ok && same.length === 2,
      text: `${during.length} sockets on three hosts, ${upper.length} at port ${UPPER}`,
    }
  },
}

/** What netstat says of each host, printed and given. */
function showAll(stage: Stage, when: string): NetstatEntry[] {
  const { client, second, server } = stage.network
  return [server, client, second].flatMap(({ name, stack }) => {
    const entries = netstat(stack)
    stage.show(name, `netstat ${when}`, formatNetstat(entries))
    return entries
  })
}
