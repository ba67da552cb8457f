import { UsageError } from '../../src/cli/usage-error.ts'

/** In place of the machine's own sockets: a host of the lab has those of its stack alone. */
export class OsHost {
  constructor() {
    throw new UsageError('-U is for the sockets of an operating system, and a host of the lab has none of them')
  }
}
