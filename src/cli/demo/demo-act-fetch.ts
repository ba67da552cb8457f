import { trace } from '../../socket/trace/trace.ts'
import { pageClient } from '../programs/page-client.ts'
import { pageServer } from '../programs/page-server.ts'
import type { Act } from './demo-act.ts'

const PORT = 80
/** What curl does, in its order; between sending and closing it receives, as often as there is something. */
const CALLS = [
  'socket',
  'setsockopt',
  'connect',
  'getsockopt',
  'getsockname',
  'getpeername',
  'sendto',
  'recvfrom',
  'close',
]

export const fetchPage: Act = {
  id: 'E3',
  name: 'a web page, traced',
  introduction:
    'The client makes the calls that curl makes, and a tracer shows each as strace would, between the frames that it causes.',
  hops: false,
  async run(stage) {
    const { client, server, addresses } = stage.network
    const lines: string[] = []
    const show = stage.tracer('client')
    const traced = trace(
      client.stack,
      (line) => {
        lines.push(line)
        show(line)
      },
      { calls: 'network,close' },
    )
    const [, page] = await stage.play(
      (signal) => pageServer(server.stack, stage.voice('server'), signal),
      async () => {
        const answer = await pageClient(traced, { address: addresses.server, port: PORT }, '/')
        traced.exit(0)
        return answer
      },
    )
    const line = (call: string) => lines.find((text) => text.startsWith(`${call}(`)) ?? 'no such call'
    stage.remark(
      'connect() writes address and port into the descriptor.',
      `it begins a handshake. ${line('getsockname')} reads what the system has chosen.`,
    )
    stage.remark(
      'recvfrom() on TCP tells who has sent.',
      `${line('recvfrom').replace(/".*"(\.\.\.)?/, '"…"')}, without an address: a connection has one peer.`,
    )
    const order = [...new Set(lines.map((text) => /^\w+(?=\()/.exec(text)?.[0] ?? ''))].filter((name) => name !== '')
    const [status = ''] = page.split('\r\n')
    const ok = status === 'HTTP/1.1 200 OK' && page.endsWith('</p>\n') && order.join() === CALLS.join()
    return { ok, text: `${status}, ${lines.length - 1} calls` }
  },
}
