// Read first: packet(7), socket(7) on SO_TIMESTAMP.

import { setImmediate as turn } from 'node:timers/promises'
import { SO_RCVBUF, SO_RCVBUFFORCE, SO_TIMESTAMP, SOCK_RAW, SOL_SOCKET } from '../../base/constants.ts'
import {
  AF_PACKET,
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  ETH_P_ALL,
  ETH_P_IP,
  ETH_P_IPV6,
  PACKET_ADD_MEMBERSHIP,
  PACKET_AUXDATA,
  PACKET_IGNORE_OUTGOING,
  PACKET_MR_PROMISC,
  PACKET_OUTGOING,
  PACKET_STATISTICS,
  SOL_PACKET,
} from '../../base/constants-link.ts'
import type { PacketAddress } from '../../base/other-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { os } from '../../os/operating-system.ts'
import { readTimestamp } from '../../socket/control-message.ts'
import { readFrameDetails } from '../../socket/link-control.ts'
import { Message } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'

/** The longest frame: what tcpdump takes for it. */
const LONGEST = 262_144
/** Octets that the kernel keeps for us, as much as libpcap asks for on a busy link. */
const KEPT = 16 << 20
/** Frames that are read before others have their turn. */
const BURST = 256
const ETHERNET_ADDRESSES = 12
const TAG = 4

/** A frame is lent until this returns. `at` is milliseconds since 1970. */
export interface FrameTaker {
  frame(from: Required<PacketAddress>, bytes: Uint8Array, start: number, end: number, isOut: boolean, at: number): void
}

/** Whether frames of such links begin with an Ethernet header. That of the loopback is all zeros. */
function isEthernet(hardwareType: number): boolean {
  return hardwareType === ARPHRD_ETHER || hardwareType === ARPHRD_LOOPBACK
}

/** What frames of such links are to those who take them. */
export function mediumOf(hardwareType: number): 'ethernet' | 'ip' {
  return isEthernet(hardwareType) ? 'ethernet' : 'ip'
}

/** Sees what passes at an interface of the operating system, or at all. */
export class PacketSocket {
  /** What the kernel says of the interface. */
  readonly link: Required<PacketAddress>
  readonly #socket: Socket
  readonly #bytes = new Uint8Array(LONGEST + TAG)
  #closed = false
  #lost = 0

  /** `ifindex`: 0 is all. Throws a SocketError: EPERM without CAP_NET_RAW. */
  constructor(ifindex: number, isPromiscuous: boolean) {
    // Of no protocol until it is bound: nothing comes of an interface that it is not for.
    const socket = new Socket(os, AF_PACKET, SOCK_RAW, 0)
    this.#socket = socket
    try {
      enlarge(socket)
      socket.setsockopt(SOL_SOCKET, SO_TIMESTAMP, true)
      socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, true)
      socket.bind({ ifindex, protocol: ETH_P_ALL })
      this.link = socket.getsockname().packet as Required<PacketAddress> // of AF_PACKET it is one
      // What passes the loopback goes out and comes in: it is one packet, as to tcpdump.
      if (this.link.hardwareType === ARPHRD_LOOPBACK) socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, true)
      if (isPromiscuous && isEthernet(this.link.hardwareType)) {
        socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, { ifindex, type: PACKET_MR_PROMISC })
      }
    } catch (error) {
      void socket.close()
      throw error
    }
  }

  /** Gives `taker` each frame until it is closed; rejects with a SocketError: ENETDOWN where the interface goes down. */
  async read(taker: FrameTaker): Promise<void> {
    // A tag that was taken out of the frame is put in again, for which there is room ahead.
    const message = new Message([this.#bytes.subarray(TAG)], new SocketAddress())
    try {
      while (!this.#closed) {
        this.#frame(message, await this.#socket.recvmsg(message), taker)
        for (let i = 1; i < BURST && !this.#closed; i++) {
          const length = this.#socket.tryRecvmsg(message)
          if (length < 0) break
          this.#frame(message, length, taker)
        }
        await turn()
      }
    } catch (error) {
      if (!this.#closed) throw error
    }
  }

  /** Frames that came while there was no room for them. */
  get lost(): number {
    // What is told is forgotten there.
    if (!this.#closed) this.#lost += this.#socket.getsockopt(SOL_PACKET, PACKET_STATISTICS).drops
    return this.#lost
  }

  async close(): Promise<void> {
    this.#lost = this.lost
    this.#closed = true
    await this.#socket.close()
  }

  #frame(message: Message, length: number, taker: FrameTaker): void {
    const from = message.name?.packet
    const details = readFrameDetails(message)
    if (from === null || from === undefined || details === null) return
    const isOut = from.packetType === PACKET_OUTGOING
    // Of all interfaces, the loopback's.
    if (isOut && from.hardwareType === ARPHRD_LOOPBACK) return
    const at = readTimestamp(message) ?? Date.now()
    const end = TAG + length
    if (isEthernet(from.hardwareType)) {
      const start = details.vlan === null || length < ETHERNET_ADDRESSES ? TAG : this.#putTag(details.vlan)
      taker.frame(from, this.#bytes, start, end, isOut, at)
    } else if (from.protocol === ETH_P_IP || from.protocol === ETH_P_IPV6) {
      // Whatever header such a link has, the packet itself is one of IP.
      taker.frame(from, this.#bytes, TAG + Math.min(details.net - details.mac, length), end, isOut, at)
    }
  }

  /** IEEE 802.1Q clause 9.6: type and tag stand behind both addresses. Returns where the frame begins then. */
  #putTag({ tpid, tci }: { readonly tpid: number; readonly tci: number }): number {
    this.#bytes.copyWithin(0, TAG, TAG + ETHERNET_ADDRESSES)
    new DataView(this.#bytes.buffer).setUint32(ETHERNET_ADDRESSES, tpid * 0x10000 + tci)
    return 0
  }
}

/** More than all may have takes CAP_NET_ADMIN, which is no reason to do without the rest. */
function enlarge(socket: Socket): void {
  try {
    socket.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE, KEPT)
  } catch {
    socket.setsockopt(SOL_SOCKET, SO_RCVBUF, KEPT)
  }
}
