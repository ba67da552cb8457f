// A web page, the client: the calls are those that curl makes, in its order. Give it a traced provider to see them.

import {
  type AddressText,
  AF_INET,
  EINPROGRESS,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  POLLIN,
  POLLOUT,
  type Provider,
  poll,
  SO_ERROR,
  SO_KEEPALIVE,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../../index.ts'

/** Fetches a page of a server that closes the connection behind it: header and all. */
export async function pageClient(provider: Provider, server: AddressText, path: string): Promise<string> {
  const socket = new Socket(provider, AF_INET, SOCK_STREAM, IPPROTO_TCP)
  try {
    socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
    socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    socket.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 60)
    socket.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 60)
    // The handshake has begun; when it is over the socket is writable, and SO_ERROR says how it went.
    if (socket.tryConnect(server) === -EINPROGRESS) await poll([{ socket, events: POLLOUT }])
    if (socket.getsockopt(SOL_SOCKET, SO_ERROR) !== 0) throw new Error(`${server.address} cannot be reached`)
    socket.getsockname()
    socket.getpeername()
    const request = `GET ${path} HTTP/1.1\r\nHost: ${server.address}\r\nUser-Agent: jackfield\r\nAccept: */*\r\n\r\n`
    await socket.send(new TextEncoder().encode(request), MSG_NOSIGNAL)
    return await receiveAll(socket)
  } finally {
    await socket.close()
  }
}

async function receiveAll(socket: Socket): Promise<string> {
  const buffer = new Uint8Array(102_400)
  const decoder = new TextDecoder()
  let answer = ''
  for (;;) {
    await poll([{ socket, events: POLLIN }])
    const count = socket.tryRecv(buffer)
    if (count === 0) return answer
    if (count > 0) answer += decoder.decode(buffer.subarray(0, count), { stream: true })
  }
}
