import { AF_INET, AF_INET6, AF_UNIX } from '../base/constants.ts'
import {
  decodeSocketAddress,
  encodeSocketAddress,
  SOCKADDR_IN_LENGTH,
  SOCKADDR_IN6_LENGTH,
  type SocketAddress,
} from '../base/socket-address.ts'

/** sizeof(struct sockaddr_storage); a Unix path that fills its struct is counted as one octet more than that has. */
const LENGTH = 128

function encodes(family: number): boolean {
  return family === AF_INET || family === AF_INET6 || family === AF_UNIX
}

/** Memory for one address of a system call: a struct sockaddr of any family, and its length. */
export class AddressMemory {
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(LENGTH))
  /** A socklen_t. */
  readonly length: Int32Array<ArrayBuffer> = new Int32Array(new ArrayBuffer(4))

  /** Writes an address; its length. */
  write(address: SocketAddress): number {
    if (!encodes(address.family) && address.other === null) return this.#writeFamily(address.family)
    return encodeSocketAddress(address, this.bytes)
  }

  // Of a family that is known by its number alone: the kernel says what it thinks of that.
  #writeFamily(family: number): number {
    this.bytes.fill(0, 0, SOCKADDR_IN6_LENGTH)
    this.bytes[0] = family
    this.bytes[1] = family >> 8
    return SOCKADDR_IN6_LENGTH
  }

  /** AF_UNSPEC, which dissolves an association: connect(2). */
  writeUnspecified(): number {
    this.bytes.fill(0, 0, 16)
    return 16
  }

  /** Any address of an Internet family, for a call that looks at nothing but that; its length. */
  writeInternet(family: number): number {
    this.bytes.fill(0, 0, SOCKADDR_IN6_LENGTH)
    this.bytes[0] = family
    return family === AF_INET ? SOCKADDR_IN_LENGTH : SOCKADDR_IN6_LENGTH
  }

  /** Before a call that fills it. */
  ask(): void {
    this.length[0] = LENGTH
  }

  /** What a call has filled in; the family is AF_UNSPEC where that was nothing. */
  read(into: SocketAddress): void {
    const length = Math.min(this.length[0] as number, LENGTH)
    if (!decodeSocketAddress(into, this.bytes, 0, length)) into.family = 0
  }
}
