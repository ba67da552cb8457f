import type { StackPart } from '../stack-parts.ts'
import { PingLayer } from '../transport/ping-layer.ts'

/** Sockets that send ICMP echo requests (icmp(7)). Requests of others are answered without. */
export const pingSockets: StackPart = { ping: (stack) => new PingLayer(stack) }
