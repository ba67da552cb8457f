import { ByteRing } from '../../base/byte-ring.ts'
import { Target } from './addressed-endpoint.ts'

/** A datagram that is being put together, part by part: MSG_MORE (send(2)), UDP_CORK (udp(7)). */
export class Cork {
  readonly target: Target = new Target()
  readonly ring: ByteRing = new ByteRing()

  constructor(target: Target) {
    this.target.set(target)
  }

  /** Adds a part. False, and all is forgotten, where it were more than `max` octets. */
  add(buffers: readonly Uint8Array[], max: number): boolean {
    const { ring } = this
    for (let i = 0; i < buffers.length; i++) {
      const buffer = buffers[i] as Uint8Array
      if (ring.length + buffer.length > max) {
        ring.free()
        return false
      }
      ring.write(buffer, 0, buffer.length)
    }
    return true
  }
}
