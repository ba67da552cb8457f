// Read first: netlink(7), RFC 3549 section 2.3.2.

import { MSG_TRUNC, SOCK_RAW } from '../base/constants.ts'
import { AF_NETLINK } from '../base/constants-link.ts'
import { EAGAIN, EBUSY, EIO, EMSGSIZE, ENOBUFS } from '../base/errno.ts'
import { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'
import {
  decodeNetlinkMessages,
  encodeNetlinkMessage,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_OVERRUN,
  viewOf,
} from './netlink-message.ts'
import { os } from './operating-system.ts'

/** The kernel makes no datagram of a dump longer than 32 KiB. */
const DATAGRAM = 1 << 16
/** A listing that has changed while it was told is asked for so often. */
const TRIES = 4
/** Milliseconds that the kernel may take for the next part of an answer. */
const PATIENCE = 5000
/** The most messages of an answer. */
const MOST = 1 << 23

/** What speaks with the kernel: datagrams there and back. */
export interface NetlinkChannel {
  /** 0, or a negated errno. */
  send(bytes: Uint8Array): Promise<number>
  /** The next datagram of the kernel's, whose memory is used again; or a negated errno. */
  receive(): Promise<Uint8Array | number>
  close(): Promise<void>
}

/** Asks the kernel for lists, one after the other. */
export class NetlinkDump {
  readonly #channel: NetlinkChannel
  #sequence = 0

  constructor(channel: NetlinkChannel) {
    this.#channel = channel
  }

  /**
   * Asks for everything of which `request` says what, and resolves with what follows the headers of the messages; or with the
   * kernel's refusal, a negated errno: −ENOENT, −EOPNOTSUPP, −EINVAL where it cannot tell, −EPERM where it will not.
   */
  async ask(type: number, request: Uint8Array): Promise<Uint8Array[] | number> {
    let result: Uint8Array[] | number = -EBUSY
    for (let i = 0; i < TRIES; i++) {
      const answer = await this.#attempt(type, request)
      if (typeof answer !== 'number') {
        result = answer.bodies
        if (!answer.interrupted) break
      } else if (answer !== -ENOBUFS) return answer
    }
    // What is never at rest is told as it was seen.
    return result
  }

  async #attempt(type: number, request: Uint8Array): Promise<DumpAnswer | number> {
    const answer = new DumpAnswer(++this.#sequence)
    const sent = await this.#channel.send(
      encodeNetlinkMessage(type, NLM_F_REQUEST | NLM_F_DUMP, answer.sequence, request),
    )
    if (sent < 0) return sent
    while (!answer.complete) {
      const bytes = await this.#channel.receive()
      if (typeof bytes === 'number') return bytes
      answer.take(bytes)
    }
    return answer.errno < 0 ? answer.errno : answer
  }

  async close(): Promise<void> {
    await this.#channel.close()
  }
}

/** An answer in many messages, as it comes. */
export class DumpAnswer {
  readonly sequence: number
  readonly bodies: Uint8Array[] = []
  /** Whether what it tells of has changed meanwhile. */
  interrupted = false
  complete = false
  errno = 0

  constructor(sequence: number) {
    this.sequence = sequence
  }

  take(bytes: Uint8Array): void {
    for (const { type, flags, sequence, body } of decodeNetlinkMessages(bytes)) {
      // What is left of an answer that was given up.
      if (sequence !== this.sequence) continue
      if ((flags & NLM_F_DUMP_INTR) !== 0) this.interrupted = true
      if (type === NLMSG_DONE || type === NLMSG_ERROR) {
        // Both begin with how it went. An error without its number is one.
        const errno = body.length < 4 ? (type === NLMSG_ERROR ? -EIO : 0) : viewOf(body).getInt32(0, true)
        this.#end(Math.min(errno, 0))
        break
      }
      if (type === NLMSG_OVERRUN || this.bodies.length >= MOST) {
        this.#end(-ENOBUFS)
        break
      }
      // The memory is used again.
      this.bodies.push(body.slice())
    }
  }

  #end(errno: number): void {
    this.complete = true
    this.errno = errno
  }
}

/** A netlink socket of our own. */
class SocketChannel implements NetlinkChannel {
  readonly #socket: Socket
  readonly #memory = new Uint8Array(DATAGRAM)

  constructor(protocol: number) {
    this.#socket = new Socket(os, AF_NETLINK, SOCK_RAW, protocol)
  }

  async send(bytes: Uint8Array): Promise<number> {
    try {
      await this.#socket.send(bytes)
      return 0
    } catch (error) {
      return errnoOf(error)
    }
  }

  async receive(): Promise<Uint8Array | number> {
    try {
      for (;;) {
        const { length, address, flags } = await this.#socket.recvfrom(this.#memory, 0, { timeout: PATIENCE })
        // Other programs can send too: the kernel alone has port 0.
        if (address?.netlink?.pid !== 0) continue
        return (flags & MSG_TRUNC) === 0 ? this.#memory.subarray(0, length) : -EMSGSIZE
      }
    } catch (error) {
      return errnoOf(error)
    }
  }

  async close(): Promise<void> {
    await this.#socket.close()
  }
}

/** Null where there is no netlink socket of this protocol: koffi is missing, or a sandbox forbids it. */
export function openNetlink(protocol: number): NetlinkDump | null {
  try {
    return new NetlinkDump(new SocketChannel(protocol))
  } catch {
    return null
  }
}

function errnoOf(error: unknown): number {
  if (!(error instanceof SocketError)) throw error
  return error.errno < 0 ? error.errno : -EAGAIN
}
