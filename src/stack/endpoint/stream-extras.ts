import type { Listener } from '../../tcp/listener.ts'
import { EndpointExtras } from './endpoint-extras.ts'
import type { ErrorQueue } from './error-queue.ts'
import type { StreamNotices } from './stream-notices.ts'

/** What most stream sockets never have. */
export class StreamExtras extends EndpointExtras {
  listener: Listener | null = null
  /** IP_RECVERR; null: nothing was ever in it. */
  errors: ErrorQueue | null = null
  /** What is told of the octets on their way; null: nobody has asked. */
  notices: StreamNotices | null = null
  /** SND.NXT of the connection that gave way to one whose SYN is put off. */
  floor: number | null = null
}
