import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../../base/constants.ts'

/** What one side of a relay can be. */
export interface AddressKind {
  /** As it is written: "tcp-listen". */
  readonly name: string
  readonly medium: 'internet' | 'unix' | 'stdio' | 'program'
  /** AF_UNSPEC: IPv4 and IPv6, whichever there is. */
  readonly family: number
  /** SOCK_…; of what is no socket SOCK_STREAM. */
  readonly type: number
  /** receive: takes datagrams of everybody, and sends none. */
  readonly role: 'connect' | 'listen' | 'receive'
}

const kinds = new Map<string, AddressKind>()
/** What stands in the list of them; the others are further names. */
const SHOWN: string[] = []

function add(
  names: readonly [string, ...string[]],
  kind: Omit<AddressKind, 'name'>,
  shown: boolean = kind.family === AF_UNSPEC || kind.medium !== 'internet',
): void {
  const [name] = names
  for (const one of names) kinds.set(one, { ...kind, name })
  if (shown) SHOWN.push(name)
}

for (const [suffix, family] of [
  ['', AF_UNSPEC],
  ['4', AF_INET],
  ['6', AF_INET6],
] as const) {
  const tcp = { medium: 'internet', family, type: SOCK_STREAM } as const
  const udp = { medium: 'internet', family, type: SOCK_DGRAM } as const
  add([`tcp${suffix}`, `tcp${suffix}-connect`], { ...tcp, role: 'connect' })
  add([`tcp${suffix}-listen`, `tcp${suffix}-l`], { ...tcp, role: 'listen' })
  add([`udp${suffix}`, `udp${suffix}-connect`], { ...udp, role: 'connect' })
  add([`udp${suffix}-listen`, `udp${suffix}-l`], { ...udp, role: 'listen' })
  add([`udp${suffix}-recv`], { ...udp, role: 'receive' })
}
const unix = (type: number, role: AddressKind['role']) => ({ medium: 'unix', family: AF_UNIX, type, role }) as const
add(['unix', 'unix-connect'], unix(SOCK_STREAM, 'connect'))
add(['unix-listen', 'unix-l'], unix(SOCK_STREAM, 'listen'))
add(['unix-datagram', 'unix-sendto'], unix(SOCK_DGRAM, 'connect'))
add(['unix-datagram-listen'], unix(SOCK_DGRAM, 'listen'))
add(['unix-recv'], unix(SOCK_DGRAM, 'receive'))
add(['seqpacket'], unix(SOCK_SEQPACKET, 'connect'))
add(['seqpacket-listen'], unix(SOCK_SEQPACKET, 'listen'))
const plain = { family: AF_UNSPEC, type: SOCK_STREAM, role: 'connect' } as const
add(['stdio', '-'], { ...plain, medium: 'stdio' })
add(['exec'], { ...plain, medium: 'program' })
add(['system'], { ...plain, medium: 'program' })

/** The names of all kinds, for people. */
export const KIND_NAMES: readonly string[] = SHOWN

/** The kind of this name, in letters of either case; null where there is none. */
export function kindNamed(name: string): AddressKind | null {
  return kinds.get(name.toLowerCase()) ?? null
}
