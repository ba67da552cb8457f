import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { checkMethods, checkOptions, checkText } from '../base/argument.ts'
import type { Stack } from '../stack/stack.ts'
import { openShownFolder, shownName, sweep } from './shown-folder.ts'
import { LONGEST_PATH, SnapshotServer } from './snapshot-server.ts'
import { snapshotOf } from './stack-snapshot.ts'

export interface ShowSocketsOptions {
  /** What `jackfield netstat` calls it. Default: the file that was started. */
  readonly name?: string | undefined
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
  checkOptions('options', options, ['name'])
  checkText('options.name', options.name)
  const name = options.name ?? basename(process.argv[1] ?? process.title)
  const folder = openShownFolder()
  const path = join(folder, shownName(randomBytes(4)))
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new Error(`${path} is longer than the ${LONGEST_PATH} octets that a Unix socket's path may have`)
  }
  const server = await SnapshotServer.listen(path, () => snapshotOf(stack, name))
  await sweep(folder)
  return server
}
