import type { Random } from '../base/random.ts'
import { secureRandom } from './secure-random.ts'

/**
 * A hardware address that nobody else has, by chance: 46 random bits, an individual, locally administered address (IEEE 802c). For
 * devices that join a network which other processes or browsers are on too.
 *
 * ```ts
 * const device = new WebSocketDevice(new WebSocket('wss://relay.example/'), { hardwareAddress: randomHardwareAddress() })
 * ```
 */
export function randomHardwareAddress(random: Random = secureRandom): Uint8Array {
  const address = new Uint8Array(6)
  new DataView(address.buffer).setInt32(2, random.int32())
  const rest = random.int32()
  address[0] = ((rest >>> 8) & 0xfc) | 0x02
  address[1] = rest
  return address
}
