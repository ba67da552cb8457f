import { lookup } from '../programs/lookup.ts'
import { nameServer } from '../programs/name-server.ts'
import type { Act } from './demo-act.ts'

const HOST = 'server.example'
const ZONE = 'example'
/** http, and what mail clients and mail servers use: the table of services is the same everywhere. */
const PORTS = [80, 25, 587, 465]

export const names: Act = {
  id: 'E5',
  name: 'a DNS lookup',
  introduction:
    'A program has a name and needs an address: it asks a name server, which runs on the router, by UDP to port 53, for IPv4 ' +
    'and for IPv6 addresses. What gets lost is asked again. The other way round the address is asked for as a name.',
  hops: false,
  async run(stage) {
    const { client, router, addresses } = stage.network
    const hosts = `${addresses.server} ${HOST}\n${addresses.server6} ${HOST}\n${addresses.near} router.example\n`
    const [, found] = await stage.play(
      (signal) => nameServer(router.stack, hosts, ZONE, stage.voice('router'), signal),
      () => lookup(client.stack, addresses.near, HOST, client.stack.random, stage.voice('client')),
    )
    const asked = stage.sentFrames.filter(({ frame }) => frame.ports[1] === '53').length
    const right =
      found.addresses.join() === [`[${addresses.server6}]:80`, `${addresses.server}:80`].join() &&
      found.ports.join() === PORTS.join() &&
      found.name === HOST &&
      found.missing === 'EAI_NONAME'
    return { ok: right, text: `${found.addresses.length} addresses of ${HOST}, ${asked} questions` }
  },
}
