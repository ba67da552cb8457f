import { IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { linkOf, onLink } from '../link-address.ts'
import { UsageError } from '../usage-error.ts'
import type { RelayAddress } from './relay-address.ts'

/** Whether somebody may call. */
export type CallerRange = (peer: SocketAddress | null) => boolean

/** What range= says: everybody may where it is left out. */
export function readRange({ name, options: { range } }: RelayAddress): CallerRange {
  if (range === undefined) return () => true
  const [address = '', length] = range.split('/')
  const ip = IpAddress.parse(address.replace(/^\[(.*)\]$/, '$1'))
  const longest = ip === null || ip.isV4 ? 32 : 128
  if (ip === null || (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > longest))) {
    throw new UsageError(`${name}: range must be a network such as 192.0.2.0/24, got ${JSON.stringify(range)}`)
  }
  const link = linkOf(`${ip}/${length ?? longest}`)
  return (peer) => peer !== null && peer.ip.isV4 === ip.isV4 && onLink(peer.ip, link)
}
