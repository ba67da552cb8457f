import { lstatSync, unlinkSync } from 'node:fs'
import { LONGEST_PATH, type PrivateServer } from '../../platform/private-server.ts'
import { isRefused } from '../../platform/shown-folder.ts'
import { listenForSnapshots } from '../../platform/snapshot-server.ts'
import { snapshotOf } from '../../platform/stack-snapshot.ts'
import type { Stack } from '../../stack/stack.ts'
import { UsageError } from '../usage-error.ts'
import { commandName } from './show-command.ts'

/** The control socket of a command. */
export class ControlServer {
  readonly #server: PrivateServer

  private constructor(server: PrivateServer) {
    this.#server = server
  }

  /** Listens at `path`, for the owner alone. What a command that was killed has left there is taken away. */
  static async open(path: string, stack: Stack): Promise<ControlServer> {
    if (path === '' || Buffer.byteLength(path) > LONGEST_PATH) {
      throw new UsageError(`--control ${JSON.stringify(path)} must be a path of 1 to ${LONGEST_PATH} octets`)
    }
    const listen = () => listenForSnapshots(path, () => snapshotOf(stack, commandName()))
    try {
      return new ControlServer(await listen())
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isLeft(path))) throw failure(path, error)
    }
    unlinkSync(path)
    try {
      return new ControlServer(await listen())
    } catch (error) {
      throw failure(path, error)
    }
  }

  close(): void {
    this.#server.close()
  }

  get path(): string {
    return this.#server.path
  }
}

/** Whether what is there may go: it is a socket, and nobody listens. */
async function isLeft(path: string): Promise<boolean> {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true && (await isRefused(path))
}

function failure(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const why =
    code === 'EADDRINUSE' ? 'there is something already: end what listens there, or name another path' : message
  return new Error(`--control ${JSON.stringify(path)}: ${why}`)
}
