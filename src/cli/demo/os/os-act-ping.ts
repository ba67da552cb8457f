import { os } from '../../../os/operating-system.ts'
import { SocketError } from '../../../socket/socket-error.ts'
import { ping } from '../../programs/ping.ts'
import { traceRoute } from '../../programs/trace-route.ts'
import { plural } from '../demo-act.ts'
import { LOOPBACK, type OsAct, type OsOutcome } from './os-act.ts'
import type { OsStage } from './os-stage.ts'

const PINGS = 3

export const pingOnOs: OsAct = {
  id: 'E4',
  name: 'ping',
  introduction: 'The kernel answers. A raw socket needs root, or the capability CAP_NET_RAW.',
  async run(stage) {
    try {
      return await pingLoopback(stage)
    } catch (error) {
      if (!(error instanceof SocketError) || (error.code !== 'EPERM' && error.code !== 'EACCES')) throw error
      return { ok: null, text: `a raw socket is not for this user (${error.code}): it needs root or CAP_NET_RAW` }
    }
  },
}

async function pingLoopback(stage: OsStage): Promise<OsOutcome> {
  const times = await ping(os, LOOPBACK, PINGS, stage.voice('client'))
  const hops = await traceRoute(os, LOOPBACK, stage.voice('client'))
  const answered = times.filter((time) => time !== null).length
  const text = `${answered} of ${times.length} answered, ${plural(hops.length, 'hop')}`
  return { ok: answered === times.length && hops.join() === LOOPBACK, text }
}
