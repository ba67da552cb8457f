// In place of nc's Unix sockets.

import { OsHost } from './os-host.ts'

export async function talkOverUnix(): Promise<number> {
  new OsHost()
  return 1
}
