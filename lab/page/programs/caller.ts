import type { CallEvent } from '../../engine/run-events.ts'

/** "alice/client.ts": whose a call is, or a line of output. Of a program that is watched, its stack. */
export function callerOf({ host, program }: Pick<CallEvent, 'host' | 'program'>): string {
  return program === '' ? host : `${host}/${program}`
}
