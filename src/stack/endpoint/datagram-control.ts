// Read first: ip(7) on IP_PKTINFO, IP_TTL, IP_TOS; cmsg(3).

import { read32, write32 } from '../../base/bytes.ts'
import { IP_PKTINFO, IP_TOS, IP_TTL, IPPROTO_IP, SOL_SOCKET } from '../../base/constants.ts'
import { EINVAL } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { ControlMessage } from '../../socket/provider.ts'
import type { DatagramQueue } from './datagram-queue.ts'
import { OPTION_PKTINFO, OPTION_RECVTOS, OPTION_RECVTTL } from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'

const PKTINFO_LENGTH = 12

/** What the control messages of a sendmsg ask for. */
export class DatagramControl {
  /** −1: as the socket's options say. */
  ttl = -1
  tos = -1
  /** 0: any. */
  interfaceIndex = 0
  source: IpAddress | null = null

  clear(): void {
    this.ttl = -1
    this.tos = -1
    this.interfaceIndex = 0
    this.source = null
  }

  /** Reads them; 0, or -EINVAL for one that there is not or that is malformed, as ip_cmsg_send in Linux. */
  read(messages: readonly ControlMessage[]): number {
    this.clear()
    for (const { level, type, data } of messages) {
      if (level === SOL_SOCKET) continue
      if (level !== IPPROTO_IP) return -EINVAL
      if (type === IP_PKTINFO && data.length >= PKTINFO_LENGTH) {
        this.interfaceIndex = readInt(data)
        const source = IpAddress.v4(read32(data, 4))
        this.source = source.isUnspecified ? null : source
      } else if (type === IP_TTL && data.length === 4) {
        this.ttl = readInt(data)
        if (this.ttl < 1 || this.ttl > 255) return -EINVAL
      } else if (type === IP_TOS && (data.length === 4 || data.length === 1)) {
        this.tos = data.length === 4 ? readInt(data) : (data[0] as number)
        if (this.tos < 0 || this.tos > 255) return -EINVAL
      } else {
        return -EINVAL
      }
    }
    return 0
  }
}

const address = new IpAddress()

/** The control messages for the first datagram of `queue`, of those that `optionBits` asks for. */
export function receiveControl(optionBits: number, queue: DatagramQueue): ControlMessage[] {
  if ((optionBits & (OPTION_PKTINFO | OPTION_RECVTTL | OPTION_RECVTOS)) === 0) return []
  const messages: ControlMessage[] = []
  if ((optionBits & OPTION_PKTINFO) !== 0) {
    const data = new Uint8Array(PKTINFO_LENGTH)
    queue.destination(address)
    writeInt(data, queue.interfaceIndex)
    write32(data, 4, address.d)
    write32(data, 8, address.d)
    messages.push({ level: IPPROTO_IP, type: IP_PKTINFO, data })
  }
  if ((optionBits & OPTION_RECVTTL) !== 0) {
    const data = new Uint8Array(4)
    writeInt(data, queue.ttl)
    messages.push({ level: IPPROTO_IP, type: IP_TTL, data })
  }
  if ((optionBits & OPTION_RECVTOS) !== 0) {
    messages.push({ level: IPPROTO_IP, type: IP_TOS, data: Uint8Array.of(queue.tos) })
  }
  return messages
}
