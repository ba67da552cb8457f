// Read first: RFC 2181 section 4.1, RFC 1122 section 4.1.3.5, ip(7) on IP_PKTINFO, RFC 3542 section 6.
//
// A host with several addresses is asked at one of them, and whoever asks may listen to that one alone. Which one it was, the
// socket says beside the datagram; what it says goes back to it with the answer.

import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_PKTINFO,
  IPV6_RECVPKTINFO,
} from '../base/constants.ts'
import { EADDRNOTAVAIL, EINVAL, ENETUNREACH } from '../base/errno.ts'
import { IN_PKTINFO_LENGTH, IN6_PKTINFO_LENGTH } from '../base/packet-info.ts'
import type { ControlMessage, Message } from '../socket/provider.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'

/** A socket of datagrams whose answers leave from the address that was asked. It must be bound already. */
export class AnsweringSocket {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    if (socket.closed || (socket.family !== AF_INET && socket.family !== AF_INET6)) return
    // What is bound to one address has no other to answer from.
    if (!socket.getsockname().ip.isUnspecified) return
    if (socket.family === AF_INET) socket.setsockopt(IPPROTO_IP, IP_PKTINFO, true)
    else socket.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, true)
  }

  /** `recvmsg`: a datagram into the buffers of `asked`, which becomes what `answer` and `tryAnswer` take, once. */
  receive(asked: Message): Promise<number> {
    return this.#socket.recvmsg(asked)
  }

  /** Sends `bytes` to where `asked` came from, waiting for room. */
  answer(asked: Message, bytes: Uint8Array): Promise<number> {
    turnRound(asked, bytes)
    return this.#socket.sendmsg(asked).catch((error: unknown) => {
      forgetSource(asked, error)
      return this.#socket.sendmsg(asked)
    })
  }

  /** The same without waiting: the count, or −EAGAIN. */
  tryAnswer(asked: Message, bytes: Uint8Array): number {
    turnRound(asked, bytes)
    try {
      return this.#socket.trySendmsg(asked)
    } catch (error) {
      forgetSource(asked, error)
      return this.#socket.trySendmsg(asked)
    }
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

// The message that came becomes its answer.
function turnRound(asked: Message, bytes: Uint8Array): void {
  asked.buffers = [bytes]
  asked.control = asked.control.filter(isPacketInfo)
  for (const { data } of asked.control) {
    // The way back is the routing table's to say, but where the address is one of that link alone: such a source needs its link
    // said (RFC 4007 section 6).
    if (data.length < IN6_PKTINFO_LENGTH) data.fill(0, 0, 4)
    else if (data[0] !== 0xfe || ((data[1] as number) & 0xc0) !== 0x80) data.fill(0, 16)
  }
}

// RFC 2181 section 4.1: what was sent to all, or to a group, cannot be answered from there, and is answered from any address.
// Throws again what has another reason.
function forgetSource(asked: Message, error: unknown): void {
  const refused =
    error instanceof SocketError &&
    (error.errno === -EINVAL || error.errno === -ENETUNREACH || error.errno === -EADDRNOTAVAIL)
  if (!refused || asked.control.length === 0) throw error
  asked.control = []
}

function isPacketInfo({ level, type, data }: ControlMessage): boolean {
  if (level === IPPROTO_IP) return type === IP_PKTINFO && data.length >= IN_PKTINFO_LENGTH
  return level === IPPROTO_IPV6 && type === IPV6_PKTINFO && data.length >= IN6_PKTINFO_LENGTH
}
