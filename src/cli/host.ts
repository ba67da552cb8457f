import type { Stack } from '../platform/stack.ts'
import type { NameSystem } from '../services/names/name-system.ts'
import type { Provider } from '../socket/provider.ts'
import { filePath } from './option-values.ts'
import type { Where } from './where.ts'

/** What the subcommands that run a stack have in common. */
export interface HostOptions {
  /** The text of --on. Where it is required `requireWhere` asks for it: commander would do so before it looks at unknown options. */
  readonly on?: string
  /** The text of --impair. */
  readonly impair?: string
  /** The file of --capture. */
  readonly capture?: string
  /** Whether `jackfield netstat` lists the sockets of a stack. Default: true. */
  readonly shown?: boolean
  /** Whether addresses and names are had by DHCPv6 where routers say that there are some. Default: true. */
  readonly dhcp6?: boolean
}

/** What help says of a place, in words between which lines can end. */
const PLACE =
  'tap:NAME or tun:NAME with ADDRESS/PREFIX, dhcp, ipv6=auto or auto behind it, and where wanted via GATEWAY, mtu=N, dad=off, ' +
  'offload=off, busy-poll=MICROSECONDS, impair=loss=3%+delay=10ms, a comma before each, as in tap:jf0,10.9.0.2/24,via 10.9.0.1'

export const ON_OPTION = ['--on <link>', `where the stack is joined to the kernel's network: ${PLACE}`] as const
export const ON_OR_OS_OPTION = [
  '--on <where>',
  `os: the operating system's own sockets (the default); or where a stack of its own is joined to the network: ${PLACE}`,
] as const
export const ON_OR_MACHINE_OPTION = [
  '--on <where>',
  `os: this machine's own interfaces (the default); or where a stack of its own is joined to the network: ${PLACE}`,
] as const
export const IMPAIR_OPTION = [
  '--impair <text>',
  'make the link a bad one: loss=3%,delay=10ms,jitter=2ms,reorder=5%,duplicate=1%,corrupt=0.1%,rate=10M,seed=7',
] as const
export const CAPTURE_OPTION = [
  '--capture <file>',
  'write every packet to a pcapng file for Wireshark',
  filePath,
] as const

export const CONTROL_OPTION = [
  '--control <path>',
  'a Unix socket that tells `jackfield netstat` how the stack is',
  filePath,
] as const

/** Whose sockets a subcommand uses: those of a stack that it makes, or those of the operating system. */
export interface Host {
  readonly provider: Provider
  /** Null: the operating system's own. */
  readonly stack: Stack | null
  /** Where the stack is; null without one. */
  readonly where: Where | null
  /** What the machine knows of names; null: a stack knows none. */
  readonly names: NameSystem | null
  /** Addresses of name servers that the network has told of, when it is ready. */
  readonly nameServers: readonly string[]
  /** Domains to search that it has told of. */
  readonly searchDomains: readonly string[]
  /** Whether an IPv6 address can be reached at all. */
  readonly speaksIpv6: boolean
  /** Where it is, for people. */
  readonly description: string
  /** Rejects if it cannot go on: the interface has gone away, or the capture cannot be written any more. */
  readonly lost: Promise<never>
  interfaceIndex(name: string): number | null
  interfaceName(index: number): string | null
  /** Resolves when frames pass, or after a second: what was sent before would be lost. false: they do not yet. */
  linkUp(): Promise<boolean>
  /** Waits as `linkUp` does. Where nothing gets through it says on stderr what is to be done. */
  linkUpOrTold(): Promise<boolean>
  /** Resolves when frames pass and the stack's own addresses are its own: when a program may begin. False: an address is not. */
  ready(): Promise<boolean>
  /** Waits as `ready` does. Where nothing gets through it says on stderr what is to be done, and goes on. */
  readyOrTold(): Promise<void>
  close(): void
}
