import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { checkBoolean, checkMethods, checkOptions, checkText } from '../base/argument.ts'
import type { Stack } from '../stack/stack.ts'
import { LONGEST_PATH, PrivateServer } from './private-server.ts'
import { openShownFolder, shownName, sweep, WATCHED } from './shown-folder.ts'
import { listenForSnapshots } from './snapshot-server.ts'
import { snapshotOf } from './stack-snapshot.ts'
import { StackWatch } from './stack-watch.ts'

export interface ShowSocketsOptions {
  /** What `jackfield netstat` calls it. Default: the file that was started. */
  readonly name?: string | undefined
  /** Whether `jackfield lab --attach` and `capture --pid` may watch its packets and calls too, with what is in them. Default true. */
  readonly packets?: boolean | undefined
}

/** A stack whose sockets are shown. */
export interface ShownSockets {
  /** The Unix socket that tells: `jackfield netstat PATH` asks it alone. */
  readonly path: string
  /** Shows them no longer. */
  close(): void
}

/**
 * Lets `jackfield netstat` list the sockets of this stack, its routes, interfaces, neighbours and counters, beside those of the
 * operating system: for programs of the same user alone, who asks at a Unix socket in $XDG_RUNTIME_DIR/jackfield, or in
 * /tmp/jackfield-UID. Nothing is shown of a stack for which this was not called.
 *
 * `jackfield lab --attach PID` watches it there, as it goes on: its packets, octet by octet, its connections, its sockets, and the
 * calls of sockets that are made from now on; `jackfield capture --pid PID` prints its packets, or hands them to Wireshark. Nothing is
 * computed while nobody watches; who watches and is slow loses packets and calls, not the program's memory.
 *
 * It keeps the process alive no longer than it would be, and ends with it. Rejects with an Error where the folder cannot be made, is
 * another user's, or can be used by others.
 *
 * ```ts
 * const shown = await showSockets(stack, { name: 'my server' })
 * // $ jackfield netstat -at
 * shown.close()
 * ```
 */
export async function showSockets(stack: Stack, options: ShowSocketsOptions = {}): Promise<ShownSockets> {
  checkMethods('stack', stack, 'a Stack', 'socket', 'attach', 'routeTo')
  checkOptions('options', options, ['name', 'packets'])
  checkText('options.name', options.name)
  checkBoolean('options.packets', options.packets)
  const name = options.name ?? basename(process.argv[1] ?? process.title)
  const folder = openShownFolder()
  const path = join(folder, shownName(randomBytes(4)))
  const watched = `${path}${WATCHED}`
  if (Buffer.byteLength(watched) > LONGEST_PATH) {
    throw new Error(`${watched} is longer than the ${LONGEST_PATH} octets that a Unix socket's path may have`)
  }
  // From now on, not from when others can ask: sockets that are made meanwhile are told of too.
  const watch = options.packets === false ? null : StackWatch.of(stack, name)
  const servers = [await listenForSnapshots(path, () => snapshotOf(stack, name))]
  const close = () => {
    for (const server of servers) server.close()
  }
  try {
    if (watch !== null) servers.push(await listenForWatchers(watched, watch))
    await sweep(folder)
  } catch (error) {
    close()
    throw error
  }
  return { path, close }
}

/** How many may watch a stack at once. */
const WATCHERS = 4

function listenForWatchers(path: string, watch: StackWatch): Promise<PrivateServer> {
  return PrivateServer.listen(path, { connections: WATCHERS, tell: (connection) => watch.tell(connection) })
}
