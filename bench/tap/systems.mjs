// The systems that serve echo, discard and chargen to the kernel's client, each in a lane's own network namespace: what to run, how it
// is joined to the client's namespace, and at which address it is.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dist } from '../harness/dist.mjs'

const here = fileURLToPath(new URL('..', import.meta.url))
export const KERNEL = '10.99.0.1'
export const PEER = '10.99.0.2'
export const KERNEL6 = '2001:db8:99::1'
export const PEER6 = '2001:db8:99::2'

const jackfield = (options) => [
  process.execPath,
  join(dirname(dist), 'bin/jackfield'),
  ...['serve', 'echo', 'discard', 'chargen', '--on', `tap:peer,${PEER}/24${options}`],
]

/** `folder`: where peers that are compiled lie. `link`: 'tap' (the server opens the device "peer"), 'veth' or 'loopback'. */
export function systems(folder) {
  const gvisor = (...flags) => [join(folder, 'gvisor'), '-address', PEER, ...flags]
  return {
    jackfield: { link: 'tap', command: jackfield('') },
    'jackfield-6': { link: 'tap', version: 6, command: jackfield(`,${PEER6}/64,dad=off`) },
    'jackfield-plain': { link: 'tap', command: jackfield(',offload=off') },
    gvisor: { link: 'tap', command: gvisor('-tap', 'peer') },
    'gvisor-no-rack': { link: 'tap', command: gvisor('-tap', 'peer', '-rack=false') },
    'gvisor-packet': { link: 'veth', own: true, command: gvisor('-packet', 'peer', '-gso') },
    node: { link: 'loopback', command: [process.execPath, join(here, 'peers/node-server.mjs')] },
    kernel: { link: 'veth', command: [join(folder, 'server')] },
    iperf3: { link: 'veth', ready: 'listening', command: ['iperf3', '--server', '--forceflush'] },
  }
}
