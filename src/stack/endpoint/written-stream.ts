import { endsOf } from '../../base/ends-text.ts'
import type { Endpoint } from '../../socket/provider.ts'
import { TcpEndpoint } from './tcp-endpoint.ts'

/** How far a program has written on a connection. */
export interface WrittenStream {
  /** "10.0.1.1:4242 10.0.1.2:80", this stack's end first. */
  readonly ends: string
  /** The sequence number behind the last octet that was written. */
  readonly upTo: number
}

/** The stream of a socket; null: it has none, or none any more. */
export function writtenStream(endpoint: Endpoint | null): WrittenStream | null {
  const connection = endpoint instanceof TcpEndpoint ? endpoint.connection : null
  return connection === null ? null : { ends: endsOf(connection), upTo: connection.writeSeq >>> 0 }
}
