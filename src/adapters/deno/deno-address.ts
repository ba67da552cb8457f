// Read first: Deno's documentation of Deno.NetAddr and Deno.UnixAddr.

import { AF_UNIX } from '../../base/constants.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { wrongOption } from './deno-errors.ts'

export interface NetAddr {
  readonly transport: 'tcp' | 'udp'
  readonly hostname: string
  readonly port: number
}

export interface UnixAddr {
  readonly transport: 'unix' | 'unixpacket'
  /** Null: it has no name. */
  readonly path: string | null
}

export type Addr = NetAddr | UnixAddr

export type Transport = Addr['transport']

/** An address as Deno has it. */
export function denoAddress(address: SocketAddress, transport: Transport): Addr {
  if (address.family !== AF_UNIX) {
    return { transport: transport as NetAddr['transport'], hostname: address.address, port: address.port }
  }
  return { transport: transport as UnixAddr['transport'], path: address.path === '' ? null : address.path }
}

/** The address with this text, in brackets or not; a port is asked for. */
export function netAddress(provider: Provider, hostname: string, port: number): SocketAddress {
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw wrongOption('port', 'an integer from 0 to 65535', port)
  const zone = (name: string) => provider.interfaceIndex?.(name) ?? 0
  return SocketAddress.internet(hostname.replace(/^\[(.*)\]$/, '$1'), port, zone)
}

export function unixAddress(path: unknown): SocketAddress {
  if (typeof path !== 'string' || path === '') throw wrongOption('path', 'a string', path)
  return SocketAddress.unix(path)
}
