// Upper-casing over UDP, the client: it sends a line as one datagram and waits for the answer. UDP promises nothing: where no
// answer comes, the line or its answer was lost, and the client asks again.

import { type AddressText, type Provider, SOCK_DGRAM, Socket, SocketError } from '../../index.ts'
import { familyOf } from './family.ts'
import type { Say } from './say.ts'

const PATIENCE = 400
const ATTEMPTS = 6

/** Has the server answer each line; null stands for a line that no answer came to. */
export async function upperUdpClient(
  provider: Provider,
  server: AddressText,
  lines: readonly string[],
  say: Say,
): Promise<(string | null)[]> {
  const socket = new Socket(provider, familyOf(server), SOCK_DGRAM)
  say(`socket ${socket.fd} is at ${socket.getsockname()}`)
  try {
    const answers: (string | null)[] = []
    // An answer may come when we have asked again, or gone on: the number tells which line it belongs to.
    for (const [number, line] of lines.entries()) answers.push(await ask(socket, server, `${number + 1} `, line, say))
    return answers
  } finally {
    await socket.close()
  }
}

async function ask(
  socket: Socket,
  server: AddressText,
  number: string,
  line: string,
  say: Say,
): Promise<string | null> {
  const question = new TextEncoder().encode(number + line)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    say(attempt === 1 ? `sending "${number}${line}"` : `no answer in ${PATIENCE} ms: sending it again`)
    const { port } = socket.getsockname()
    await socket.sendto(question, server)
    if (port === 0) say(`sendto() has chosen a port: ${socket.getsockname().port}`)
    const answer = await listen(socket, number)
    if (answer === null) continue
    say(`the answer is "${answer}"`)
    return answer.slice(number.length)
  }
  return null
}

async function listen(socket: Socket, number: string): Promise<string | null> {
  const buffer = new Uint8Array(2048)
  try {
    for (;;) {
      const { length } = await socket.recvfrom(buffer, 0, { timeout: PATIENCE })
      const answer = new TextDecoder().decode(buffer.subarray(0, length))
      if (answer.startsWith(number)) return answer
    }
  } catch (error) {
    if (error instanceof SocketError && error.code === 'EAGAIN') return null
    throw error
  }
}
