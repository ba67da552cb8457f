import { UnixSystem } from '../../unix/unix-system.ts'
import type { StackPart } from '../stack-parts.ts'

/** Unix sockets (unix(7)). */
export const unixSockets: StackPart = { unix: (stack) => new UnixSystem(stack) }
