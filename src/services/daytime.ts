// Read first: RFC 867.

import type { Socket } from '../socket/socket.ts'

/** The port that RFC 867 gives the daytime service, TCP and UDP. */
export const DAYTIME_PORT = 13

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

/** "Monday, February 22, 1982 17:37:43-UTC" and the end of the line: the first of the two syntaxes that RFC 867 suggests. */
export function daytime(date: Date): Uint8Array {
  const two = (value: number) => String(value).padStart(2, '0')
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  const day = `${DAYS[date.getUTCDay()]}, ${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`
  return new TextEncoder().encode(`${day} ${time}-UTC\r\n`)
}

/** Says what time it is, and closes. */
export async function daytimeStream(socket: Socket, date: Date): Promise<void> {
  await socket.send(daytime(date))
}
