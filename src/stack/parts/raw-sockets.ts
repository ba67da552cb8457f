import type { StackPart } from '../stack-parts.ts'
import { RawLayer } from '../transport/raw-layer.ts'

/** Raw sockets (raw(7)). */
export const rawSockets: StackPart = { raw: (stack) => new RawLayer(stack) }
