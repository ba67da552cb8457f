// What a running program tells whoever watches its stack: a line of JSON for each thing that happens, of which this is the first field.

import type { NetstatEntry } from '../base/netstat-entry.ts'
import type { InterfaceListing } from '../base/netstat-listing.ts'
import type { ConnectionChange } from '../stack/connection-changes.ts'
import type { ConnectionSample } from '../stack/connection-sample.ts'
import type { WrittenStream } from '../stack/endpoint/written-stream.ts'

/** Instants are milliseconds since 1970, by the machine's clock, whatever time the stack has. */
export type WatchLine =
  /** First, and again when interfaces or their addresses have changed. */
  | {
      readonly tell: 'stack'
      readonly at: number
      readonly pid: number
      /** What the program calls itself, or this stack. */
      readonly name: string
      readonly interfaces: readonly InterfaceListing[]
    }
  /** A frame, as a wire would have carried it, in Base64. `on` is the interface's index. */
  | {
      readonly tell: 'frame'
      readonly at: number
      readonly on: number
      readonly inbound: boolean
      readonly bytes: string
    }
  /** A call of a socket, as strace(1) would print it. It is told before the frames that it has sent at once. */
  | {
      readonly tell: 'call'
      /** When it began. */
      readonly at: number
      /** When it was over. */
      readonly until: number
      readonly text: string
      readonly stream: WrittenStream | null
    }
  | ({ readonly tell: 'change'; readonly at: number } & ConnectionChange)
  | {
      readonly tell: 'sample'
      readonly at: number
      readonly sample: ConnectionSample
      /** The sequence number from which the others are counted: that of the SYN. */
      readonly iss: number
    }
  | {
      readonly tell: 'sockets'
      readonly at: number
      readonly sockets: readonly NetstatEntry[]
      /** How many more there are than are told of. */
      readonly more: number
      /** Frames that this watcher was not told of, being slow. */
      readonly lost: number
      /** The same of calls. */
      readonly lostCalls: number
    }
