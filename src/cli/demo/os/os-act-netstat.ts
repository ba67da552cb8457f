import { AF_INET } from '../../../base/constants.ts'
import type { NetstatEntry } from '../../../base/netstat-entry.ts'
import { os } from '../../../os/operating-system.ts'
import { osNetstat } from '../../../os/os-netstat.ts'
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

/** Long enough to be talking still when the list is read, whatever the machine. */
const LINES = Array.from({ length: 200 }, (_, i) => `line ${i + 1}`)
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
    const list = async (title: string): Promise<NetstatEntry[]> => {
      const all = await osNetstat({ kinds: ['tcp', 'udp'], processes: true })
      const entries = all.filter(({ localPort, peerPort }) => ports.includes(localPort) || ports.includes(peerPort))
      stage.show('server', title, formatNetstat(entries))
      return entries
    }
    let during: NetstatEntry[] = []
    const [, after] = await stage.play(
      (signal) =>
        Promise.all([
          upperTcpServer(os, silence, signal, AF_INET, upper),
          upperUdpServer(os, silence, signal, AF_INET, upperUdp),
          pageServer(os, silence, signal, page),
          positionReceiver(os, silence, signal, positions),
        ]),
      async () => {
        const sending = positionSender(os, { address: LOOPBACK, port: positions }, POSITIONS, silence)
        let listed: Promise<void> | null = null
        await upperTcpClient(os, { address: LOOPBACK, port: upper }, LINES, (text) => {
          if (!text.startsWith('in ') || listed !== null) return
          listed = list('while they talk').then((entries) => {
            during = entries
          })
        })
        await Promise.all([sending, listed])
        // The server closes when it has heard that the client has.
        await pause(os, 50)
        return list('when the clients are done')
      },
    )
    // A datagram socket that is connected counts as established too: not here.
    const established = during.filter(
      ({ protocol, state }) => protocol.startsWith('tcp') && state === 'ESTABLISHED',
    ).length
    const listening = after.filter(({ state }) => state === 'LISTEN').length
    const gone = after.filter(({ state }) => state === 'TIME-WAIT').length
    const ok = established === 2 && listening === 2 && gone === 1
    return { ok, text: `${during.length} sockets, ${established} ends of a connection, then ${gone} in TIME-WAIT` }
  },
}
