import {
  fastOpenEnds,
  fastOpenMissesData,
  fastOpenSyn,
  suspectFastOpenBlocked,
  synAckToFastOpen,
} from './fast-open-client.ts'
import {
  answerWithFastOpen,
  requestAcknowledged,
  requestAllows,
  requestOver,
  requestTimeout,
} from './fast-open-server.ts'

/** Both ends of Fast Open, where the ordinary steps come to them: a host that has none (`TcpHost.fastOpen`) has not their code either. */
export const FAST_OPEN_CALLS = {
  fastOpenSyn,
  synAckToFastOpen,
  suspectFastOpenBlocked,
  fastOpenMissesData,
  fastOpenEnds,
  answerWithFastOpen,
  requestAllows,
  requestAcknowledged,
  requestOver,
  requestTimeout,
} as const

export type FastOpenCalls = typeof FAST_OPEN_CALLS
