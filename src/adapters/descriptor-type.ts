// Read first: uv_guess_handle in libuv's manual: what Node calls that which is behind a descriptor.

import { fstatSync } from 'node:fs'
import { isatty } from 'node:tty'
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../base/constants.ts'
import type { Provider } from '../socket/provider.ts'

export type DescriptorType = 'TCP' | 'UDP' | 'PIPE' | 'TTY' | 'FILE' | 'UNKNOWN'

/** A socket of `provider`, or what the system's `fd` is where that is none. */
export function descriptorType(provider: Provider, fd: number): DescriptorType {
  const endpoint = provider.endpoint(fd)
  if (endpoint === null) return typeOfFile(fd)
  const { family, type } = endpoint
  if (family === AF_UNIX) return type === SOCK_STREAM ? 'PIPE' : 'UNKNOWN'
  if (family !== AF_INET && family !== AF_INET6) return 'UNKNOWN'
  return type === SOCK_STREAM ? 'TCP' : type === SOCK_DGRAM ? 'UDP' : 'UNKNOWN'
}

function typeOfFile(fd: number): DescriptorType {
  if (isatty(fd)) return 'TTY'
  try {
    const stat = fstatSync(fd)
    if (stat.isFile() || stat.isCharacterDevice()) return 'FILE'
    return stat.isFIFO() ? 'PIPE' : 'UNKNOWN'
  } catch {
    return 'UNKNOWN'
  }
}
