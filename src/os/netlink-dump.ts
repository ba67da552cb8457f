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

/** A netlink socket that asks the kernel for lists. One question at a time. */
export class NetlinkDump {
  readonly #socket: Socket
  readonly #memory = new Uint8Array(DATAGRAM)
  #sequence = 0

  /** `protocol`: NETLINK_SOCK_DIAG, NETLINK_ROUTE. Throws what `new Socket` does where there is no such thing. */
  constructor(protocol: number) {
    this.#socket = new Socket(os, AF_NETLINK, SOCK_RAW, protocol)
  }

  /**
   * Asks for everything of which `request` says what, and resolves with what follows the headers of the messages; or with the
   * kernel's refusal, a negated errno: −ENOENT, −EOPNOTSUPP, −EINVAL where it cannot tell, −EPERM where it will not.
   */
  async ask(type: number, request: Uint8Array): Promise<Uint8Array[] | number> {
    let result: Uint8Array[] | number = -EBUSY
    for (let i = 0; i < TRIES; i++) {
      const answer = await this.#attempt(type, request)
      if (typeof answer === 'number') {
        if (answer !== -ENOBUFS) return answer
      } else {
        result = answer.bodies
        if (!answer.interrupted) break
      }
    }
    // What is never at rest is told as it was seen.
    return result
  }

  async #attempt(type: number, request: Uint8Array): Promise<{ bodies: Uint8Array[]; interrupted: boolean } | number> {
    const sequence = ++this.#sequence
    try {
      await this.#socket.send(encodeNetlinkMessage(type, NLM_F_REQUEST | NLM_F_DUMP, sequence, request))
    } catch (error) {
      return errnoOf(error)
    }
    const bodies: Uint8Array[] = []
    let interrupted = false
    for (;;) {
      const bytes = await this.#receive()
      if (typeof bytes === 'number') return bytes
      for (const { type, flags, sequence: answered, body } of decodeNetlinkMessages(bytes)) {
        // What is left of an answer that was given up.
        if (answered !== sequence) continue
        if ((flags & NLM_F_DUMP_INTR) !== 0) interrupted = true
        if (type === NLMSG_OVERRUN) return -ENOBUFS
        if (type === NLMSG_DONE || type === NLMSG_ERROR) {
          // Both begin with how it went. An error without its number is one.
          const errno = body.length < 4 ? (type === NLMSG_ERROR ? -EIO : 0) : viewOf(body).getInt32(0, true)
          return errno < 0 ? errno : { bodies, interrupted }
        }
        if (bodies.length >= MOST) return -ENOBUFS
        // The memory is used again.
        bodies.push(body.slice())
      }
    }
  }

  /** The next datagram of the kernel's. */
  async #receive(): Promise<Uint8Array | number> {
    for (;;) {
      try {
        const { length, address, flags } = await this.#socket.recvfrom(this.#memory, 0, { timeout: PATIENCE })
        if ((flags & MSG_TRUNC) !== 0) return -EMSGSIZE
        // Other programs can send too: the kernel alone has port 0.
        if (address?.netlink?.pid !== 0) continue
        return this.#memory.subarray(0, length)
      } catch (error) {
        return errnoOf(error)
      }
    }
  }

  async close(): Promise<void> {
    await this.#socket.close()
  }
}

/** Null where there is no netlink socket of this protocol: koffi is missing, or a sandbox forbids it. */
export function openNetlink(protocol: number): NetlinkDump | null {
  try {
    return new NetlinkDump(protocol)
  } catch {
    return null
  }
}

function errnoOf(error: unknown): number {
  if (!(error instanceof SocketError)) throw error
  return error.errno < 0 ? error.errno : -EAGAIN
}
