import { bufferSizeError, nodeError } from '../node-error.ts'
import { type DatagramSocket, handleOf } from './state.ts'

/** Sets the size of a buffer, or asks for it with 0. The size. */
export function setBufferSize(socket: DatagramSocket, size: unknown, receive: boolean): number {
  if (typeof size !== 'number' || size >>> 0 !== size) throw nodeError('ERR_SOCKET_BAD_BUFFER_SIZE')
  const result = handleOf(socket).bufferSize(size, receive)
  if (result < 0) throw bufferSizeError(result, receive ? 'uv_recv_buffer_size' : 'uv_send_buffer_size')
  return result
}
