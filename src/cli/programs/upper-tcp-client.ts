// Upper-casing over TCP, the client: it sends lines, and reads until each has come back.

import { type AddressText, type Provider, SOCK_STREAM, Socket } from '../../index.ts'
import { familyOf } from './family.ts'
import type { Say } from './say.ts'

/** Has the server answer the lines, one after the other. There are fewer answers where the server closes early. */
export async function upperTcpClient(
  provider: Provider,
  server: AddressText,
  lines: readonly string[],
  say: Say,
): Promise<string[]> {
  const encoder = new TextEncoder()
  const socket = new Socket(provider, familyOf(server), SOCK_STREAM)
  try {
    await socket.connect(server)
    say(`connected, ${socket.getsockname()} to ${socket.getpeername()}`)
    const answers: string[] = []
    for (const line of lines) {
      say(`sending "${line}"`)
      await socket.send(encoder.encode(`${line}\n`))
      const answer = await receiveLine(socket, say)
      if (answer === null) break
      answers.push(answer)
    }
    return answers
  } finally {
    await socket.close()
  }
}

/** Reads to the end of the line, which may take several reads. null: the stream has ended before. */
async function receiveLine(socket: Socket, say: Say): Promise<string | null> {
  const buffer = new Uint8Array(65536)
  const decoder = new TextDecoder()
  let line = ''
  let reads = 0
  while (!line.endsWith('\n')) {
    const length = await socket.recv(buffer)
    if (length === 0) return null
    reads++
    line += decoder.decode(buffer.subarray(0, length), { stream: true })
  }
  say(`in ${reads} ${reads === 1 ? 'read' : 'reads'}: "${line.trimEnd()}"`)
  return line.slice(0, -1)
}
