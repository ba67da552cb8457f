import type { Endpoint, Provider } from '../../socket/provider.ts'
import type { AddressInfo } from '../handle/address-texts.ts'
import { ListenHandle, type ListenOwner } from '../handle/listen-handle.ts'
import type { WorkerPort } from '../handle/worker-port.ts'

/** What a server of a worker of `cluster` listens on: a socket that workers share, or what the primary process deals out. */
export class WorkerListenHandle extends ListenHandle {
  readonly #port: WorkerPort

  constructor(provider: Provider, kind: 'tcp' | 'pipe', owner: ListenOwner, port: WorkerPort) {
    super(provider, kind, owner)
    this.#port = port
    if (port.dealt) return
    const endpoint = port.open()
    if (typeof endpoint === 'number') this.delayedError = endpoint
    else this.adopt(endpoint)
  }

  override listen(backlog: number): number {
    if (!this.#port.dealt) return super.listen(backlog)
    return this.#port.listen(backlog, (endpoint) => this.#accepted(endpoint))
  }

  #accepted(endpoint: Endpoint): void {
    if (this.closed) endpoint.close()
    else this.owner.accepted(endpoint, this)
  }

  override localName(): AddressInfo | number {
    return this.#port.dealt ? this.#port.name() : super.localName()
  }

  override ref(): void {
    super.ref()
    this.#port.hold(true)
  }

  override unref(): void {
    super.unref()
    this.#port.hold(false)
  }

  protected override letGo(): void {
    super.letGo()
    this.#port.close()
  }
}
