import { SocketAddress } from '../../../base/socket-address.ts'
import { os } from '../../../os/operating-system.ts'
import { secureRandom } from '../../../platform/secure-random.ts'
import { lookup } from '../../programs/lookup.ts'
import { nameServer } from '../../programs/name-server.ts'
import { LOOPBACK, type OsAct } from './os-act.ts'
import { freeUdpPort } from './os-stage.ts'

const HOST = 'server.example'
const ADDRESSES = ['192.0.2.20', '192.0.2.21']

export const namesOnOs: OsAct = {
  id: 'E5',
  name: 'a DNS lookup',
  introduction: 'A name server of ours on a port of the loopback, and a resolver that asks it. Nobody else is asked.',
  async run(stage) {
    const port = await freeUdpPort()
    const hosts = ADDRESSES.map((address) => `${address} ${HOST}\n`).join('')
    const server = SocketAddress.internet(LOOPBACK, port)
    const [, found] = await stage.play(
      (signal) => nameServer(os, hosts, 'example', stage.voice('server'), signal, port),
      () => lookup(os, server, HOST, secureRandom, stage.voice('client')),
    )
    const right = [...found.addresses].sort().join() === ADDRESSES.map((address) => `${address}:80`).join()
    const ok = right && found.name === HOST && found.missing === 'EAI_NONAME'
    return { ok, text: `${found.addresses.length} addresses of ${HOST}` }
  },
}
