// Looking up names: what a program does before it can connect, because sockets know numbers only.

import { AF_INET, type Provider, type Random, SOCK_STREAM, SocketAddress } from '../../index.ts'
import { AddressInfoError, Names, ResolverError } from '../../services/names/index.ts'
import type { Say } from './say.ts'

/** What was found, and what is not there. */
export interface Found {
  /** Addresses with their ports. */
  readonly addresses: readonly string[]
  /** The numbers of services. */
  readonly ports: readonly number[]
  /** The name of the first address. */
  readonly name: string
  /** The error code for a name that does not exist. */
  readonly missing: string
}

const SERVICES = ['http', 'smtp', 'submission', 'submissions']

/** Asks `server` for the addresses of `host`, and for the name of one of them; and for a name in the same domain that is not there. */
export async function lookup(
  provider: Provider,
  server: string | SocketAddress,
  host: string,
  random: Random,
  say: Say,
): Promise<Found> {
  const names = new Names(provider, { servers: [server], random })
  const found = await names.getaddrinfo(host, 'http', { socketType: SOCK_STREAM })
  const addresses = found.map(({ address }) => `${address}`)
  for (const address of addresses) say(`${host} is ${address}`)
  const ports: number[] = []
  for (const service of SERVICES) {
    const [first] = await names.getaddrinfo('127.0.0.1', service, { family: AF_INET, socketType: SOCK_STREAM })
    if (first !== undefined) ports.push(first.address.port)
  }
  say(`${SERVICES.map((service, i) => `${service} is port ${ports[i]}`).join(', ')}: from a table, nobody was asked`)
  const v4 = found.find(({ family }) => family === AF_INET)?.address ?? new SocketAddress()
  const { node: name } = await names.getnameinfo(v4)
  say(`${v4.address} is ${name}`)
  const missing = await codeOf(names.getaddrinfo(`no-such-host.${host.split('.').slice(1).join('.')}`))
  say(`a name that is not there: ${missing}`)
  return { addresses, ports, name, missing }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return ''
  } catch (error) {
    if (error instanceof AddressInfoError || error instanceof ResolverError) return error.code
    throw error
  }
}
