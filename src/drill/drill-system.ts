import type { Endpoint } from '../socket/provider.ts'
import type { DrillAddresses } from './drill-addresses.ts'
import type { SentPacket } from './drill-device.ts'
import type { HostSettings } from './host-settings.ts'
import type { ShellCommand } from './script.ts'

/**
 * The system that a script tests: Jackfield's stack on virtual time, or a kernel behind a TUN device in real time. Times are
 * microseconds since it was made.
 */
export interface DrillSystem {
  readonly now: number
  /** Nobody tells when a socket becomes ready, or when a packet will come: calls that wait are tried again and again. */
  readonly realTime: boolean
  /** What its own clocks said when it was made, in microseconds since 1970: timestamps that it tells are by them. */
  readonly wallStart: number
  /** What it sent and nobody has taken yet, oldest first. */
  readonly sent: SentPacket[]
  /** What the script asked for that makes no difference here, so far. */
  readonly notes: readonly string[]
  /** socket(2) of the system. */
  socket(family: number, type: number, protocol: number): Endpoint | number
  /** A packet from the wire. */
  inject(bytes: Uint8Array): void
  /** Lets it finish what it has to do at this instant. */
  settle(): void
  /** When the next thing may happen; Infinity: nothing will. */
  nextAt(): number
  /** Lets time pass until `at`, or until something happens. */
  advanceTo(at: number): void
  /** A command of the script that runs while the script does. Throws a DrillFailure for one that fails. */
  command(command: ShellCommand): void
  /** How long a file is that a command has made, in octets; null where there is none. */
  fileSize(path: string): number | null
  close(): void
}

/** What a system is made with. */
export interface SystemSettings {
  readonly addresses: DrillAddresses
  readonly host: HostSettings
  /** What sets the system up before the script begins. */
  readonly initCommand: ShellCommand | null
}

export type SystemMaker = (settings: SystemSettings) => DrillSystem
