import { AF_INET, SOCK_STREAM } from '../../../base/constants.ts'
import type { NetstatEntry } from '../../../base/netstat-entry.ts'
import { os } from '../../../os/operating-system.ts'
import { osNetstat } from '../../../os/os-netstat.ts'
import { Socket } from '../../../socket/socket.ts'
import { formatNetstat } from '../../../stack/netstat-text.ts'
import { pageServer } from '../../programs/page-server.ts'
import { pause } from '../../programs/pause.ts'
import { positionReceiver } from '../../programs/position-receiver.ts'
import { positionSender } from '../../programs/position-sender.ts'
import { upperTcpClient } from '../../programs/upper-tcp-client.ts'
import { upperTcpServer } from '../../programs/upper-tcp-server.ts'
import { upperUdpServer } from '../../programs/upper-udp-server.ts'
import { LOOPBACK, type OsAct } from './os-act.ts'
import { freeTcpPort, freeUdpPort } from './os-stage.ts'

const LINES = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`)
/** How often, and after how many milliseconds, it is looked whether all connections have ended. */
const LOOKS = 100
const PAUSE = 50
const POSITIONS = 5

export const listingOnOs: OsAct = {
  id: 'E8',
  name: 'netstat',
  introduction:
    'What the kernel says of the sockets of the programs above, asked for by a netlink socket (sock_diag(7)): of this process ' +
    'alone, and only of these ports. jackfield netstat shows all.',
  async run(stage) {
    const [upper, page] = [await freeTcpPort(), await freeTcpPort()]
    const [upperUdp, positions] = [await freeUdpPort(), await freeUdpPort()]
    const ports = [upper, page, upperUdp, positions]
    const silence = () => {}
    const onThesePorts = async (): Promise<NetstatEntry[]> => {
      const all = await osNetstat({ kinds: ['tcp', 'udp'], processes: true })
      return all.filter(({ localPort, peerPort }) => ports.includes(localPort) || ports.includes(peerPort))
    }
    // A port may be free while clients of the program that had it before are still in TIME-WAIT.
    const before = new Set((await onThesePorts()).map(socketPair))
    const entriesNow = async (): Promise<NetstatEntry[]> => {
      return (await onThesePorts()).filter((entry) => !before.has(socketPair(entry)))
    }
    const list = async (title: string): Promise<NetstatEntry[]> => {
      const entries = await entriesNow()
      stage.show('server', title, formatNetstat(entries))
      return entries
    }
    const [, [during, after]] = await stage.play(
      (signal) =>
        Promise.all([
          upperTcpServer(os, silence, signal, AF_INET, upper),
          upperUdpServer(os, silence, signal, AF_INET, upperUdp),
          pageServer(os, silence, signal, page),
          positionReceiver(os, silence, signal, positions),
        ]),
      async () => {
        const sending = positionSender(os, { address: LOOPBACK, port: positions }, POSITIONS, silence)
        const talking = upperTcpClient(os, { address: LOOPBACK, port: upper }, LINES, silence)
        // One that says nothing, and stays until it has been seen.
        const client = new Socket(os, AF_INET, SOCK_STREAM)
        await client.connect({ address: LOOPBACK, port: upper })
        const seen = await list('while they talk')
        await client.close()
        await Promise.all([sending, talking])
        // A server closes when it has heard that its client has.
        for (let i = 0; i < LOOKS && (await entriesNow()).some(isOpen); i++) await pause(os, PAUSE)
        return [seen, await list('when the clients are done')] as const
      },
    )
    const established = during.filter(isOpen).length
    const listening = after.filter(({ state }) => state === 'LISTEN').length
    const gone = after.filter(({ state }) => state === 'TIME-WAIT').length
    const ok = established >= 2 && listening === 2 && gone >= 2 && !after.some(isOpen)
    return { ok, text: `${during.length} sockets, ${established} ends of connections, then ${gone} in TIME-WAIT` }
  },
}

function socketPair({ protocol, localAddress, localPort, peerAddress, peerPort }: NetstatEntry): string {
  return `${protocol} ${localAddress} ${localPort} ${peerAddress} ${peerPort}`
}

/** A connection of TCP that has not ended on both sides. A datagram socket that is connected counts as established too: not here. */
function isOpen({ protocol, state }: NetstatEntry): boolean {
  return protocol.startsWith('tcp') && state !== 'LISTEN' && state !== 'TIME-WAIT'
}
