// Read first: socket(7) on SO_BINDTODEVICE, ping(8) on -I.

import { AF_INET6, SO_BINDTODEVICE, SOCK_DGRAM, SOL_SOCKET } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { Host } from '../host.ts'
import type { HostNames } from '../names-option.ts'
import { UsageError } from '../usage-error.ts'

/** Any port: nothing is sent to it. */
const PROBED_PORT = 1025

/** What -I asks for. */
export interface PingSource {
  readonly address: SocketAddress | null
  /** The interface by which requests leave; null: whichever is on the way. */
  readonly device: string | null
}

/** Reads -I: an address, or the name of an interface. Gives `target` the zone that an interface says, where it needs one. */
export async function pingSource(
  host: Host,
  names: HostNames,
  text: string | undefined,
  target: SocketAddress,
): Promise<PingSource> {
  if (text === undefined) return { address: null, device: null }
  const index = IpAddress.parse(text) === null ? host.interfaceIndex(text) : null
  if (index === null) return { address: await addressOf(names, text), device: null }
  if (target.family === AF_INET6 && target.ip.isLinkLocal && target.scopeId === 0) target.scopeId = index
  return { address: await sourceOn(host.provider, text, target), device: text }
}

async function addressOf(names: HostNames, text: string): Promise<SocketAddress> {
  try {
    return await names.address(text)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`-I ${text}: there is no interface and no address of this name`)
  }
}

/** The address from which what leaves by `device` for `target` is sent. */
async function sourceOn(provider: Provider, device: string, target: SocketAddress): Promise<SocketAddress> {
  const probe = new Socket(provider, target.family, SOCK_DGRAM)
  try {
    probe.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, device)
    const peer = target.copy()
    peer.port = PROBED_PORT
    await probe.connect(peer)
    return probe.getsockname()
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
    throw new Error(`ping: ${error.text} (${error.syscall} on ${device}, for ${target.address})`, { cause: error })
  } finally {
    await probe.close()
  }
}
