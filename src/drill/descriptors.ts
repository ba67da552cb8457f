import { EAGAIN, EBADF, EINVAL } from '../base/errno.ts'
import type { DrillSocket } from './drill-socket.ts'
import type { Epoll } from './epoll.ts'

/** A file whose octets nobody looks at: zeros, as everything that a script writes. */
export class DrillFile {
  readonly kind = 'file'
  readonly size: number
  position = 0

  constructor(size: number) {
    this.size = size
  }
}

/** What both ends of a pipe share; of what is in it only the length is known. */
export class PipeBuffer {
  /** pipe(7): 16 pages. */
  readonly capacity = 65536
  length = 0
}

export class PipeEnd {
  readonly kind = 'pipe'
  readonly buffer: PipeBuffer
  readonly writes: boolean

  constructor(buffer: PipeBuffer, writes: boolean) {
    this.buffer = buffer
    this.writes = writes
  }
}

/** What a descriptor of a script is open on. */
export type Descriptor = DrillSocket | DrillFile | PipeEnd | Epoll

/** read(2) of what is no socket. */
export function readFrom(descriptor: Exclude<Descriptor, DrillSocket>, most: number): number {
  if (descriptor.kind === 'epoll' || most < 0) return -EINVAL
  if (descriptor.kind === 'pipe') {
    if (descriptor.writes) return -EBADF
    if (descriptor.buffer.length === 0 && most > 0) return -EAGAIN
    const octets = Math.min(most, descriptor.buffer.length)
    descriptor.buffer.length -= octets
    return octets
  }
  const octets = Math.max(0, Math.min(most, descriptor.size - descriptor.position))
  descriptor.position += octets
  return octets
}

/** write(2) to what is no socket. */
export function writeTo(descriptor: Exclude<Descriptor, DrillSocket>, octets: number): number {
  if (descriptor.kind === 'epoll' || octets < 0) return -EINVAL
  if (descriptor.kind === 'file') return octets
  if (!descriptor.writes) return -EBADF
  const { buffer } = descriptor
  if (buffer.length === buffer.capacity && octets > 0) return -EAGAIN
  const taken = Math.min(octets, buffer.capacity - buffer.length)
  buffer.length += taken
  return taken
}
