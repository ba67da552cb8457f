import type { Endpoint } from './provider.ts'

/** What socket(2) was asked for. */
export class SocketKind {
  readonly family: number
  readonly type: number
  readonly protocol: number

  constructor(family: number, type: number, protocol: number) {
    this.family = family
    this.type = type
    this.protocol = protocol
  }
}

/** There are few kinds of which a program has sockets. More than these are not remembered. */
const KINDS = 16

const kinds: SocketKind[] = []

/** That of `endpoint`: all sockets of a kind have one object for it. */
export function kindOf({ family, type, protocol }: Endpoint): SocketKind {
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i] as SocketKind
    if (kind.family === family && kind.type === type && kind.protocol === protocol) return kind
  }
  const kind = new SocketKind(family, type, protocol)
  if (kinds.length < KINDS) kinds.push(kind)
  return kind
}
