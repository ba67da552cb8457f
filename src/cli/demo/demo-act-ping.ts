import { ping } from '../programs/ping.ts'
import { ping6 } from '../programs/ping6.ts'
import { traceRoute } from '../programs/trace-route.ts'
import { type Act, ownFrames, plural } from './demo-act.ts'
import type { SeenFrame } from './demo-stage.ts'

const PINGS = 4
const PINGS6 = 2

export const pings: Act = {
  id: 'E4',
  name: 'ping',
  introduction:
    'A raw socket sends ICMP echo requests; the other stack answers by itself, no program there takes part. A packet takes 5 ms ' +
    'each way, by the router. Then the way there, hop by hop, from packets that may not go all of it; and the same ping over ' +
    'IPv6, where neighbours are found by ICMPv6. Octets: Ethernet 14 + IP 20 or 40 + ICMP 8 + data + frame check sequence 4.',
  hops: true,
  async run(stage) {
    const { client, second, addresses } = stage.network
    const [, [times, hops, times6]] = await stage.play(
      async () => {},
      async () =>
        [
          await ping(client.stack, addresses.server, PINGS, stage.voice('client')),
          await traceRoute(client.stack, addresses.server, stage.voice('client')),
          await ping6(second.stack, addresses.server6, PINGS6, stage.voice('second')),
        ] as const,
    )
    const way = [addresses.near, addresses.server]
    const known = hops.every((hop, i) => hop === null || hop === way[i]) && hops.length >= way.length
    const all = [...times, ...times6]
    const answered = all.filter((time) => time !== null).length
    const heard = stage.arrivedFrames.filter((seen) => seen.host !== 'router' && echo(seen, 'reply')).length
    const asked = [...ownFrames(stage, 'client'), ...ownFrames(stage, 'second')].filter((seen) => echo(seen, 'request'))
    const lost = all.length - answered
    const text = `${answered} of ${all.length} answered${lost === 0 ? '' : `, ${lost} lost`}, ${plural(hops.length, 'hop')}`
    return { ok: answered > 0 && asked.length === all.length && answered <= heard && known, text }
  },
}

function echo({ frame }: SeenFrame, what: 'request' | 'reply'): boolean {
  return frame.protocol.startsWith('ICMP') && frame.line.includes(`echo ${what}`)
}
