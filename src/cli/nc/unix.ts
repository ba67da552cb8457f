// Read first: nc(1) on -U, unix(7). We differ: what lies at the path of -l is taken away where it is a socket alone.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../base/constants.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { FAILURE } from '../report.ts'
import { removeLeft, unixAddress } from '../unix-name.ts'
import type { ConversationOptions } from './conversation.ts'
import { hearAll, hearOne } from './listening.ts'
import type { NcFlags } from './nc-arguments.ts'
import { talkTo, tell } from './talk.ts'

/** nc -U at `path`, or by an abstract name where it begins with "@". Resolves with the exit status. */
export async function talkOverUnix(
  provider: Provider,
  path: string,
  flags: NcFlags,
  talk: ConversationOptions,
): Promise<number> {
  const address = unixAddress(path, 'nc -U')
  const own = flags.source === undefined ? null : unixAddress(flags.source, 'nc -U')
  try {
    return await (flags.listen ? listen(provider, address, flags, talk) : call(provider, address, own, flags, talk))
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
    tell(`${error.address ?? error.syscall}: ${error.text}`)
    return FAILURE
  }
}

function sayer({ verbose }: NcFlags): (text: string) => void {
  return (text) => {
    if (verbose) process.stderr.write(`${text}\n`)
  }
}

async function listen(
  provider: Provider,
  address: SocketAddress,
  flags: NcFlags,
  talk: ConversationOptions,
): Promise<number> {
  const say = sayer(flags)
  const socket = bound(provider, address, flags)
  say(`Bound on ${address}`)
  const meet = async () => say(`Connection received on ${address}`)
  if (flags.udp) return flags.keep ? hearAll(socket, talk) : hearOne(socket, meet, talk)
  socket.listen(flags.keep ? undefined : 1)
  say(`Listening on ${address}`)
  for (;;) {
    const connection = await socket.accept()
    // Whoever else calls is refused.
    if (!flags.keep) await socket.close()
    await meet()
    const status = await talkTo(connection, talk)
    if (!flags.keep) return status
  }
}

async function call(
  provider: Provider,
  peer: SocketAddress,
  given: SocketAddress | null,
  flags: NcFlags,
  talk: ConversationOptions,
): Promise<number> {
  // Who has no name gets no answer to a datagram.
  const folder = flags.udp && given === null ? mkdtempSync(join(tmpdir(), 'jackfield-nc-')) : null
  try {
    const own = folder === null ? given : SocketAddress.unix(join(folder, 'recv.sock'))
    const socket = own === null ? unbound(provider, flags) : bound(provider, own, flags)
    if (own !== null) sayer(flags)(`Bound on ${own}`)
    const { wait } = flags
    try {
      await socket.connect(peer, wait === undefined ? undefined : { timeout: wait })
    } catch (error) {
      await socket.close()
      throw error
    }
    if (!flags.scan) return await talkTo(socket, talk)
    await socket.close()
    return 0
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true })
  }
}

function unbound(provider: Provider, flags: NcFlags): Socket {
  return new Socket(provider, AF_UNIX, flags.udp ? SOCK_DGRAM : SOCK_STREAM)
}

function bound(provider: Provider, address: SocketAddress, flags: NcFlags): Socket {
  const socket = unbound(provider, flags)
  removeLeft(address.path)
  socket.bind(address)
  return socket
}
