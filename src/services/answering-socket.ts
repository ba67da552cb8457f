// Read first: RFC 2181 section 4.1, RFC 1122 section 4.1.3.5, ip(7) on IP_PKTINFO, RFC 3542 section 6.
//
// A host with several addresses is asked at one of them, and whoever asks may listen to that one alone. Which one it was, the
// socket says beside the datagram; what it says goes back to it with the answer.

import { writeNative } from '../base/bytes.ts'
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
import { CONTROL_HEADER_LENGTH, isOneControl } from '../socket/control-buffer.ts'
import type { MessageBatch } from '../socket/message-batch.ts'
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

  /** `recvmmsg`: what is there into the places of `asked`, which become what `answerBatch` takes, once. How many. */
  receiveBatch(asked: MessageBatch): Promise<number> {
    return this.#socket.recvmmsg(asked)
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

  /** Makes the datagram in a place its answer, which takes the first `length` octets there, and goes to where it came from. */
  turnRound(asked: MessageBatch, place: number, length: number): void {
    asked.lengths[place] = length
    const at = place * asked.controlSize
    const data = at + CONTROL_HEADER_LENGTH
    const { controls, controlLengths } = asked
    const controlLength = controlLengths[place] as number
    if (controlLength === 0) return
    // Mostly it is the one that was asked for, and nothing else.
    if (isOneControl(controls, at, controlLength, IPPROTO_IP, IP_PKTINFO, IN_PKTINFO_LENGTH)) {
      forgetInterface(controls, data, IN_PKTINFO_LENGTH)
    } else if (isOneControl(controls, at, controlLength, IPPROTO_IPV6, IPV6_PKTINFO, IN6_PKTINFO_LENGTH)) {
      forgetInterface(controls, data, IN6_PKTINFO_LENGTH)
    } else {
      const kept = asked.control(place).filter(isPacketInfo)
      for (const { data } of kept) forgetInterface(data, 0, data.length)
      asked.receiveControl(place, kept)
    }
  }

  /** Sends the places [from, from + count), waiting for room: how many went. It rejects where the first of them cannot go. */
  answerBatch(asked: MessageBatch, from: number, count: number): Promise<number> {
    return this.#socket.sendmmsg(asked, from, count)
  }

  /** Whether an answer that could not go for this reason can go from another address than the one that was asked: from then on it does. */
  forgetSource(asked: MessageBatch, place: number, error: unknown): boolean {
    if (!isRefused(error) || asked.controlLengths[place] === 0) return false
    asked.controlLengths[place] = 0
    return true
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

// The message that came becomes its answer.
function turnRound(asked: Message, bytes: Uint8Array): void {
  asked.buffers = [bytes]
  asked.control = asked.control.filter(isPacketInfo)
  for (const { data } of asked.control) forgetInterface(data, 0, data.length)
}

// The way back is the routing table's to say, but where the address is one of that link alone: such a source needs its link said
// (RFC 4007 section 6).
function forgetInterface(data: Uint8Array, at: number, length: number): void {
  if (length < IN6_PKTINFO_LENGTH) writeNative(data, at, 0)
  else if (data[at] !== 0xfe || ((data[at + 1] as number) & 0xc0) !== 0x80) writeNative(data, at + 16, 0)
}

// RFC 2181 section 4.1: what was sent to all, or to a group, cannot be answered from there, and is answered from any address.
// Throws again what has another reason.
function forgetSource(asked: Message, error: unknown): void {
  if (!isRefused(error) || asked.control.length === 0) throw error
  asked.control = []
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof SocketError)) return false
  const { errno } = error
  return errno === -EINVAL || errno === -ENETUNREACH || errno === -EADDRNOTAVAIL
}

function isPacketInfo({ level, type, data }: ControlMessage): boolean {
  if (level === IPPROTO_IP) return type === IP_PKTINFO && data.length >= IN_PKTINFO_LENGTH
  return level === IPPROTO_IPV6 && type === IPV6_PKTINFO && data.length >= IN6_PKTINFO_LENGTH
}
