// Upper-casing over TCP. The server accepts connections on one port and serves each client on a socket of its own; the client
// sends lines, and reads until each has come back.

import { type AddressText, AF_INET, type Provider, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from '../../index.ts'
import type { Say } from './say.ts'

const PORT = 12000
const CHUNK = 65536

/** Serves until `signal` is aborted. */
export async function upperTcpServer(provider: Provider, say: Say, signal: AbortSignal): Promise<void> {
  const listener = new Socket(provider, AF_INET, SOCK_STREAM)
  listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '', port: PORT })
  listener.listen(5)
  say(`socket ${listener.fd} listens at ${listener.getsockname()}`)
  try {
    for await (const connection of listener.connections({ signal })) {
      say(`accept() gave socket ${connection.fd}: ${connection.getsockname()}, peer ${connection.getpeername()}`)
      say(`it has the listener's port ${PORT}: the pair of addresses and ports tells connections apart`)
      // Not awaited: the next client need not wait until this one has been served.
      serve(connection).then(
        () => say('the client has closed; closing'),
        (error) => say(`the connection has failed: ${error.message}`),
      )
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await listener.close()
  }
}

async function serve(connection: Socket): Promise<void> {
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  try {
    // A stream has no blocks: what comes may be part of a line, or several.
    for await (const chunk of connection.chunks()) {
      await connection.send(encoder.encode(decoder.decode(chunk, { stream: true }).toUpperCase()))
    }
  } finally {
    await connection.close()
  }
}

/** Sends the lines to the server, one after the other; gives the answers. */
export async function upperTcpClient(
  provider: Provider,
  server: AddressText,
  lines: readonly string[],
  say: Say,
): Promise<string[]> {
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  const socket = new Socket(provider, AF_INET, SOCK_STREAM)
  try {
    await socket.connect(server)
    say(`connected: ${socket.getsockname()} to ${socket.getpeername()}`)
    const answers: string[] = []
    const buffer = new Uint8Array(CHUNK)
    for (const line of lines) {
      say(`sending "${line}"`)
      await socket.send(encoder.encode(`${line}\n`))
      let answer = ''
      for (let parts = 1; !answer.endsWith('\n'); parts++) {
        const length = await socket.recv(buffer)
        if (length === 0) return answers
        answer += decoder.decode(buffer.subarray(0, length), { stream: true })
        if (answer.endsWith('\n')) say(`received "${answer.trim()}", in ${parts} ${parts === 1 ? 'part' : 'parts'}`)
      }
      answers.push(answer.slice(0, -1))
    }
    return answers
  } finally {
    await socket.close()
  }
}
