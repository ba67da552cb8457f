// A web page, the server: it gives the same page to everybody. Read first: RFC 9112 section 6.

import { AF_INET, type Provider, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from '../../index.ts'
import type { Say } from './say.ts'

const PAGE = '<!doctype html><title>Jackfield</title><p>Hello.</p>\n'
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\nConnection: close\r\n\r\n${PAGE}`

/** Serves until `signal` is aborted. */
export async function pageServer(provider: Provider, say: Say, signal: AbortSignal, port = 80): Promise<void> {
  const listener = new Socket(provider, AF_INET, SOCK_STREAM)
  listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '', port })
  listener.listen()
  try {
    for await (const connection of listener.connections({ signal })) {
      serve(connection, say).catch((error) => say(`the connection has failed: ${error.message}`))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await listener.close()
  }
}

async function serve(connection: Socket, say: Say): Promise<void> {
  const decoder = new TextDecoder()
  try {
    let head = ''
    for await (const chunk of connection.chunks()) {
      head += decoder.decode(chunk, { stream: true })
      if (head.includes('\r\n\r\n')) break
    }
    say(`asked for "${head.split('\r\n')[0]}"`)
    await connection.send(new TextEncoder().encode(ANSWER))
  } finally {
    await connection.close()
  }
}
