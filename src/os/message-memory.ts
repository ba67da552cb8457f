// Read first: sendmsg(2), recvmsg(2), struct msghdr and struct iovec (on systems of 64 bits), cmsg(3).

import { AF_UNSPEC } from '../base/constants.ts'
import { trueLength } from '../base/true-length.ts'
import { controlLength, decodeControl, encodeControl } from '../socket/control-buffer.ts'
import type { Message } from '../socket/provider.ts'
import { AddressMemory } from './address-memory.ts'
import { type SocketCalls, socketCalls } from './socket-calls.ts'

export const MSGHDR_LENGTH = 56
export const IOVEC_LENGTH = 16
/** The most buffers that one call takes: UIO_MAXIOV. */
export const IOV_MAX = 1024
/** Room for what comes: 253 descriptors, and every struct that there is. */
const CONTROL_ROOM = 8192

const AT_NAME = 0
const AT_NAME_LENGTH = 8
const AT_VECTOR = 16
const AT_VECTOR_LENGTH = 24
const AT_CONTROL = 32
const AT_CONTROL_LENGTH = 40
const AT_FLAGS = 48

/** The structs of one sendmsg(2) or recvmsg(2), filled anew for each call. */
export class MessageMemory {
  readonly #calls: SocketCalls
  readonly #header = new Uint8Array(new ArrayBuffer(MSGHDR_LENGTH))
  readonly #view = new DataView(this.#header.buffer)
  readonly #name = new AddressMemory()
  readonly #nameAddress: bigint
  readonly #vector = new Uint8Array(new ArrayBuffer(IOV_MAX * IOVEC_LENGTH))
  readonly #vectorView = new DataView(this.#vector.buffer)
  #control = new Uint8Array(new ArrayBuffer(CONTROL_ROOM))
  #controlAddress: bigint

  constructor(calls: SocketCalls) {
    this.#calls = calls
    this.#nameAddress = calls.address(this.#name.bytes)
    this.#controlAddress = calls.address(this.#control)
    this.#view.setBigUint64(AT_VECTOR, calls.address(this.#vector), true)
  }

  /** The header for sendmsg(2); null where there are more buffers than it takes. */
  forSending(message: Message): Uint8Array | null {
    const { name, control } = message
    let nameLength = 0
    if (name !== null) nameLength = name.family === AF_UNSPEC ? this.#name.writeUnspecified() : this.#name.write(name)
    let length = 0
    if (control.length > 0) {
      length = controlLength(control)
      if (length > this.#control.length) this.#growControl(length)
      encodeControl(control, this.#control)
    }
    return this.#fill(message, nameLength, length)
  }

  /** The header for recvmsg(2); null likewise. */
  forReceiving(message: Message): Uint8Array | null {
    const room = Math.max(0, Math.min(message.controlLength, CONTROL_ROOM))
    return this.#fill(message, message.name === null ? 0 : this.#name.bytes.length, room)
  }

  /** Gives `message` what recvmsg(2) has filled in. */
  received(message: Message): void {
    if (message.name !== null) {
      this.#name.length[0] = this.#view.getUint32(AT_NAME_LENGTH, true)
      this.#name.read(message.name)
    }
    const length = Number(this.#view.getBigUint64(AT_CONTROL_LENGTH, true))
    message.control = length === 0 ? [] : decodeControl(this.#control, length)
    message.flags = this.#view.getInt32(AT_FLAGS, true)
  }

  #fill(message: Message, nameLength: number, length: number): Uint8Array | null {
    const { buffers } = message
    const count = buffers.length
    if (count > IOV_MAX) return null
    for (let i = 0; i < count; i++) {
      const bytes = buffers[i] as Uint8Array
      const length = trueLength(bytes)
      // A buffer of no octets, or one that was given away, lies nowhere.
      this.#vectorView.setBigUint64(i * IOVEC_LENGTH, length === 0 ? 0n : this.#calls.address(bytes), true)
      this.#vectorView.setUint32(i * IOVEC_LENGTH + 8, length, true)
      this.#vectorView.setUint32(i * IOVEC_LENGTH + 12, Math.floor(length / 2 ** 32), true)
    }
    const view = this.#view
    view.setBigUint64(AT_NAME, nameLength === 0 ? 0n : this.#nameAddress, true)
    view.setUint32(AT_NAME_LENGTH, nameLength, true)
    view.setUint32(AT_VECTOR_LENGTH, count, true)
    view.setBigUint64(AT_CONTROL, length === 0 ? 0n : this.#controlAddress, true)
    view.setUint32(AT_CONTROL_LENGTH, length, true)
    view.setUint32(AT_CONTROL_LENGTH + 4, 0, true)
    view.setInt32(AT_FLAGS, 0, true)
    return this.#header
  }

  #growControl(length: number): void {
    this.#control = new Uint8Array(new ArrayBuffer(length))
    this.#controlAddress = this.#calls.address(this.#control)
  }
}

let memory: MessageMemory | null = null

/** That of this thread: no call waits, so that one is enough. */
export function messageMemory(): MessageMemory {
  memory ??= new MessageMemory(socketCalls())
  return memory
}
