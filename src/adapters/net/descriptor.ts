import type { Endpoint, Provider } from '../../socket/provider.ts'
import { descriptorType } from '../descriptor-type.ts'
import { StreamHandle, type StreamOwner } from '../handle/stream-handle.ts'
import { validateInt32 } from '../node-argument.ts'
import { invalidFdType } from '../node-error.ts'

/** The stream socket at a descriptor. Throws ERR_INVALID_FD_TYPE for what is none. */
export function streamOfDescriptor(provider: Provider, fd: unknown, owner: StreamOwner): StreamHandle {
  validateInt32(fd, 'fd', 0)
  const found = endpointOfDescriptor(provider, fd)
  if (found === null) throw invalidFdType(descriptorType(provider, fd))
  const handle = new StreamHandle(provider, found.kind, owner)
  handle.adopt(found.endpoint)
  return handle
}

/** null where it is no stream socket. */
export function endpointOfDescriptor(
  provider: Provider,
  fd: number,
): { endpoint: Endpoint; kind: 'tcp' | 'pipe' } | null {
  const endpoint = provider.endpoint(fd)
  const type = descriptorType(provider, fd)
  if (endpoint === null || (type !== 'TCP' && type !== 'PIPE')) return null
  return { endpoint, kind: type === 'TCP' ? 'tcp' : 'pipe' }
}
