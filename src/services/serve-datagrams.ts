import { SocketError } from '../socket/socket-error.ts'

/**
 * Receives and serves, one datagram after the other, until `closed` says so. Rejects only if the socket itself fails: what else a socket
 * tells is of an earlier answer, which did not get to its client.
 */
export async function serveDatagrams(serveOne: () => Promise<void>, closed: () => boolean): Promise<void> {
  while (!closed()) {
    try {
      await serveOne()
    } catch (error) {
      if (closed()) return
      if (!(error instanceof SocketError) || error.code === 'EBADF') throw error
    }
  }
}
