import { existsSync } from 'node:fs'
import { AF_INET, AF_INET6 } from '../../../base/constants.ts'
import { os } from '../../../os/operating-system.ts'
import { upperTcpClient } from '../../programs/upper-tcp-client.ts'
import { upperTcpServer } from '../../programs/upper-tcp-server.ts'
import { upperUdpClient } from '../../programs/upper-udp-client.ts'
import { upperUdpServer } from '../../programs/upper-udp-server.ts'
import { upperOutcome } from '../demo-act.ts'
import { LOOPBACK, LOOPBACK6, type OsAct } from './os-act.ts'
import { freeTcpPort, freeUdpPort } from './os-stage.ts'

const LINES = ['hello', 'the same program', 'on another provider']
const MORE_LINES = ['the same server', 'on the same port']

export const upperUdpOnOs: OsAct = {
  id: 'E1',
  name: 'upper-case over UDP',
  introduction: 'Descriptors, ports and addresses are the kernel’s now. Not a line of the programs is another.',
  async run(stage) {
    const port = await freeUdpPort()
    const [, answers] = await stage.play(
      (signal) => upperUdpServer(os, stage.voice('server'), signal, AF_INET, port),
      () => upperUdpClient(os, { address: LOOPBACK, port }, LINES, stage.voice('client')),
    )
    return upperOutcome(LINES, answers)
  },
}

export const upperTcpOnOs: OsAct = {
  id: 'E2',
  name: 'upper-case over TCP',
  introduction: 'One server for both families, where the machine has both.',
  async run(stage) {
    const both = existsSync('/proc/net/if_inet6')
    const port = await freeTcpPort()
    const [, [answers, more]] = await stage.play(
      (signal) => upperTcpServer(os, stage.voice('server'), signal, both ? AF_INET6 : AF_INET, port),
      async () => {
        const first = await upperTcpClient(os, { address: LOOPBACK, port }, LINES, stage.voice('client'))
        const there = { address: both ? LOOPBACK6 : LOOPBACK, port }
        return [first, await upperTcpClient(os, there, MORE_LINES, stage.voice('second'))] as const
      },
    )
    return upperOutcome([...LINES, ...MORE_LINES], [...answers, ...more])
  },
}
