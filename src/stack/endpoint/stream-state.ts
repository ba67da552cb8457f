// What a stream socket is made of beside its port and its connection, in as few fields as an idle one can do with.

import { IPPROTO_TCP, SOCK_STREAM } from '../../base/constants.ts'
import type { Listener } from '../../tcp/listener.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { TcpLayer } from '../transport/tcp-layer.ts'
import { StackEndpoint } from './endpoint.ts'
import type { EndpointExtras } from './endpoint-extras.ts'
import type { ErrorQueue } from './error-queue.ts'
import { StreamExtras } from './stream-extras.ts'
import type { StreamNotices } from './stream-notices.ts'

// Bits of `state`
const CONNECTING = 1 << 8
const READ_SHUT = 1 << 9
const BORROWED = 1 << 10

/** The part of a stream socket that is state alone. */
export abstract class StreamState extends StackEndpoint {
  readonly layer: TcpLayer
  declare protected extras: StreamExtras | null

  constructor(layer: TcpLayer, fd: number, family: number) {
    super(fd, family, layer.endpointOptions)
    this.layer = layer
  }

  get stack(): LeanStack {
    return this.layer.stack
  }

  get type(): number {
    return SOCK_STREAM
  }

  get protocol(): number {
    return IPPROTO_TCP
  }

  protected override makeExtras(): EndpointExtras {
    return new StreamExtras()
  }

  private ensureStreamExtras(): StreamExtras {
    return this.ensureExtras() as StreamExtras // makeExtras made it
  }

  get listener(): Listener | null {
    return this.extras === null ? null : this.extras.listener
  }

  set listener(value: Listener | null) {
    if (this.extras !== null || value !== null) this.ensureStreamExtras().listener = value
  }

  /** IP_RECVERR; null: nothing was ever in it. */
  get errors(): ErrorQueue | null {
    return this.extras === null ? null : this.extras.errors
  }

  set errors(value: ErrorQueue | null) {
    if (this.extras !== null || value !== null) this.ensureStreamExtras().errors = value
  }

  /** What is told of the octets on their way; null: nobody has asked. */
  get notices(): StreamNotices | null {
    return this.extras === null ? null : this.extras.notices
  }

  set notices(value: StreamNotices | null) {
    if (this.extras !== null || value !== null) this.ensureStreamExtras().notices = value
  }

  /** SND.NXT of the connection that gave way to one whose SYN is put off. */
  get floor(): number | null {
    return this.extras === null ? null : this.extras.floor
  }

  set floor(value: number | null) {
    if (this.extras !== null || value !== null) this.ensureStreamExtras().floor = value
  }

  /** A connect that was begun and whose end no call has told yet. */
  protected get connecting(): boolean {
    return (this.state & CONNECTING) !== 0
  }

  protected set connecting(yes: boolean) {
    this.state = yes ? this.state | CONNECTING : this.state & ~CONNECTING
  }

  /** It was shut for reading when there was nothing to shut. */
  get readShut(): boolean {
    return (this.state & READ_SHUT) !== 0
  }

  set readShut(yes: boolean) {
    this.state = yes ? this.state | READ_SHUT : this.state & ~READ_SHUT
  }

  /** Its port is one that connect or listen has taken. */
  protected get borrowed(): boolean {
    return (this.state & BORROWED) !== 0
  }

  protected set borrowed(yes: boolean) {
    this.state = yes ? this.state | BORROWED : this.state & ~BORROWED
  }
}
