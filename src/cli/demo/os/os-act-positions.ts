import { os } from '../../../os/operating-system.ts'
import { positionReceiver } from '../../programs/position-receiver.ts'
import { positionSender } from '../../programs/position-sender.ts'
import { LOOPBACK, type OsAct } from './os-act.ts'
import { freeUdpPort } from './os-stage.ts'

const POSITIONS = 20

export const positionsOnOs: OsAct = {
  id: 'E7',
  name: 'position updates over UDP',
  introduction: 'A loopback is a good link. What a bad one does to these updates is shown above, on links of our own.',
  async run(stage) {
    const port = await freeUdpPort()
    const [{ numbers, late }] = await stage.play(
      (signal) => positionReceiver(os, stage.voice('server'), signal, port),
      () => positionSender(os, { address: LOOPBACK, port }, POSITIONS, stage.voice('client')),
    )
    const lost = POSITIONS - numbers.length
    return { ok: lost === 0, text: `${numbers.length} received + ${lost} lost = ${POSITIONS} sent, ${late} late` }
  },
}
