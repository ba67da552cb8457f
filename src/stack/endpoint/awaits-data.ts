import type { Connection } from '../../tcp/connection.ts'
import { FO_DEFERRED } from '../../tcp/fast-open.ts'

/** Whether connect has put the SYN off until data comes (tcp(7), TCP_FASTOPEN_CONNECT). */
export function awaitsData(c: Connection | null): boolean {
  return c !== null && (c.fastOpen & FO_DEFERRED) !== 0
}
