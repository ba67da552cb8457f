import { os } from '../os/operating-system.ts'
import type { Provider } from '../socket/provider.ts'

/** The operating system's own sockets. */
export function openOs(): Provider {
  return os
}
