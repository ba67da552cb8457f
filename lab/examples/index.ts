// Programs to start from. They import the package by its names and use nothing else, so that the same texts run on a real machine.

import type { Scenario } from '../engine/scenario.ts'
import lookup from './lookup.ts?raw'
import manyClients from './many-clients.ts?raw'
import nameServer from './name-server.ts?raw'
import netstat from './netstat.ts?raw'
import pageClient from './page-client.ts?raw'
import pageServer from './page-server.ts?raw'
import ping from './ping.ts?raw'
import positionReceiver from './position-receiver.ts?raw'
import positionSender from './position-sender.ts?raw'
import upperTcpClient from './upper-tcp-client.ts?raw'
import upperTcpServer from './upper-tcp-server.ts?raw'
import upperUdpClient from './upper-udp-client.ts?raw'
import upperUdpServer from './upper-udp-server.ts?raw'

export interface ExampleProgram {
  readonly host: 'client' | 'server'
  /** As it is offered: "TCP server". */
  readonly title: string
  /** As it is named on its host. */
  readonly name: string
  readonly source: string
}

export interface Example {
  readonly title: string
  /** On the host that they are written for; a server has begun before its client. */
  readonly programs: readonly ExampleProgram[]
}

const tcpServer: ExampleProgram = { host: 'server', title: 'TCP server', name: 'upper', source: upperTcpServer }
const tcpClient: ExampleProgram = { host: 'client', title: 'TCP client', name: 'client', source: upperTcpClient }

export const EXAMPLES: readonly Example[] = [
  {
    title: 'Upper-casing over UDP',
    programs: [
      { host: 'server', title: 'UDP server', name: 'upper', source: upperUdpServer },
      { host: 'client', title: 'UDP client', name: 'client', source: upperUdpClient },
    ],
  },
  { title: 'Upper-casing over TCP', programs: [tcpServer, tcpClient] },
  {
    title: 'Fetching a web page',
    programs: [
      { host: 'server', title: 'Web server', name: 'web', source: pageServer },
      { host: 'client', title: 'Page client', name: 'fetch', source: pageClient },
    ],
  },
  { title: 'Ping', programs: [{ host: 'client', title: 'Ping', name: 'ping', source: ping }] },
  {
    title: 'A DNS lookup',
    programs: [
      { host: 'server', title: 'Name server', name: 'names', source: nameServer },
      { host: 'client', title: 'Lookup', name: 'lookup', source: lookup },
    ],
  },
  {
    title: 'Many clients at once',
    programs: [tcpServer, { host: 'client', title: 'Many clients', name: 'clients', source: manyClients }],
  },
  {
    title: 'Positions over UDP',
    programs: [
      { host: 'server', title: 'Position receiver', name: 'receiver', source: positionReceiver },
      { host: 'client', title: 'Position sender', name: 'sender', source: positionSender },
    ],
  },
  {
    title: 'Netstat, while others talk',
    programs: [tcpServer, { host: 'server', title: 'Netstat', name: 'netstat', source: netstat }, tcpClient],
  },
]

/** Every program, once. */
export const EXAMPLE_PROGRAMS: readonly ExampleProgram[] = [...new Set(EXAMPLES.flatMap(({ programs }) => programs))]

/** An example on two hosts, 20 ms apart. */
export function exampleScenario({ title, programs }: Example): Scenario {
  return {
    version: 1,
    name: title,
    seed: 1,
    ipv6: false,
    nodes: [
      { name: 'client', kind: 'host', x: 120, y: 180 },
      { name: 'server', kind: 'host', x: 520, y: 180 },
    ],
    links: [{ between: ['client', 'server'], delay: 20 }],
    programs: programs.map(({ host, name, source }) => ({ host, name, source })),
    acts: [],
  }
}
