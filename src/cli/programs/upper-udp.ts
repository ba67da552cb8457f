// Upper-casing over UDP. The client sends each line as one datagram and the server sends it back in capitals. UDP promises
// nothing: when no answer comes, the line or its answer was lost, and the client asks again.

import { type AddressText, AF_INET, type Provider, SOCK_DGRAM, Socket, SocketError } from '../../index.ts'
import type { Say } from './say.ts'

const PORT = 12000
const PATIENCE = 400
const ATTEMPTS = 6

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Answers until `signal` is aborted. */
export async function upperUdpServer(provider: Provider, say: Say, signal: AbortSignal): Promise<void> {
  const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port: PORT })
  say(`socket ${socket.fd} is bound to ${socket.getsockname()}; nothing listens or accepts with UDP`)
  try {
    for await (const { data, address } of socket.datagrams({ signal })) {
      const line = decoder.decode(data)
      say(`${address} sent "${line}"`)
      if (address !== null) await socket.sendto(encoder.encode(line.toUpperCase()), address)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await socket.close()
  }
}

/** Sends the lines to the server; gives the answers, null for a line that no answer came to. */
export async function upperUdpClient(
  provider: Provider,
  server: AddressText,
  lines: readonly string[],
  say: Say,
): Promise<(string | null)[]> {
  const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
  const answers: (string | null)[] = []
  // An answer may come after we have given it up and asked again: the number tells which line it belongs to.
  for (const [number, line] of lines.entries()) {
    answers.push(await ask(socket, server, `${number} `, line, say))
  }
  await socket.close()
  return answers
}

async function ask(
  socket: Socket,
  server: AddressText,
  number: string,
  line: string,
  say: Say,
): Promise<string | null> {
  const buffer = new Uint8Array(2048)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    say(attempt === 1 ? `asking "${number}${line}"` : `no answer in ${PATIENCE} ms: asking again`)
    await socket.sendto(encoder.encode(number + line), server)
    try {
      for (;;) {
        const { length } = await socket.recvfrom(buffer, 0, { timeout: PATIENCE })
        const answer = decoder.decode(buffer.subarray(0, length))
        if (!answer.startsWith(number)) continue
        say(`the answer is "${answer}"`)
        return answer.slice(number.length)
      }
    } catch (error) {
      if (!(error instanceof SocketError) || error.code !== 'EAGAIN') throw error
    }
  }
  return null
}
