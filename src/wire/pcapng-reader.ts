// Read first: draft-ietf-opsawg-pcapng sections 3 and 4. Reads either byte order; what it does not know it skips by its length.

import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_SECTION,
  BLOCK_SIMPLE_PACKET,
  BYTE_ORDER_MAGIC,
  INTERFACE_DESCRIPTION,
  INTERFACE_NAME,
  INTERFACE_TIME_RESOLUTION,
  OPTION_COMMENT,
  OPTION_END_OF_OPTIONS,
  PACKET_FLAGS,
  SECTION_APPLICATION,
} from './pcapng.ts'

export interface CapturedInterface {
  linkType: number
  snapLength: number
  name: string | null
  description: string | null
  /** Units of time in a second. */
  unitsPerSecond: number
}

export interface CapturedPacket {
  /** Index into `interfaces`. */
  interface: number
  /** Units of the interface's time since 1970, all of them. */
  time: bigint
  /** The same in milliseconds, as near as a double comes. */
  at: number
  /** DIRECTION_… */
  direction: number
  /** A view onto the file. */
  bytes: Uint8Array
  /** Octets of the packet on the wire: more than `bytes` has where it was cut. */
  originalLength: number
  comments: string[]
}

export interface CapturedFile {
  application: string | null
  comments: string[]
  interfaces: CapturedInterface[]
  packets: CapturedPacket[]
  /** The file ends inside a block, or a block contradicts itself: what came before it was read. */
  truncated: boolean
}

/** Reads a pcapng file. Never throws: what cannot be read ends the reading and sets `truncated`. */
export function readPcapng(bytes: Uint8Array): CapturedFile {
  const file: CapturedFile = { application: null, comments: [], interfaces: [], packets: [], truncated: false }
  const reader = new Reader(bytes, file)
  file.truncated = !reader.read()
  return file
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #file: CapturedFile
  readonly #decoder = new TextDecoder()
  #little = true
  /** Interfaces of earlier sections: numbers begin anew in each. */
  #sectionBase = 0

  constructor(bytes: Uint8Array, file: CapturedFile) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#file = file
  }

  read(): boolean {
    let at = 0
    while (at < this.#bytes.length) {
      if (at + 12 > this.#bytes.length) return false
      const type = this.#view.getUint32(at, this.#little)
      // The type of a section header reads the same in either order; the order follows it.
      if (type === BLOCK_SECTION && !this.#readByteOrder(at)) return false
      if (at === 0 && type !== BLOCK_SECTION) return false
      const length = this.#view.getUint32(at + 4, this.#little)
      if (length < 12 || length % 4 !== 0 || at + length > this.#bytes.length) return false
      if (this.#view.getUint32(at + length - 4, this.#little) !== length) return false
      if (!this.#readBlock(type, at + 8, at + length - 4)) return false
      at += length
    }
    return at > 0
  }

  #readByteOrder(at: number): boolean {
    if (at + 28 > this.#bytes.length) return false
    const magic = this.#view.getUint32(at + 8, true)
    this.#little = magic === BYTE_ORDER_MAGIC
    this.#sectionBase = this.#file.interfaces.length
    return this.#little || this.#view.getUint32(at + 8) === BYTE_ORDER_MAGIC
  }

  #readBlock(type: number, start: number, end: number): boolean {
    if (type === BLOCK_SECTION) return this.#readSection(start, end)
    if (type === BLOCK_INTERFACE) return this.#readInterface(start, end)
    if (type === BLOCK_ENHANCED_PACKET) return this.#readEnhancedPacket(start, end)
    if (type === BLOCK_SIMPLE_PACKET) return this.#readSimplePacket(start, end)
    return true
  }

  #readSection(start: number, end: number): boolean {
    if (end - start < 16) return false
    return this.#options(start + 16, end, (code, value) => {
      if (code === SECTION_APPLICATION) this.#file.application = this.#decoder.decode(value)
      if (code === OPTION_COMMENT) this.#file.comments.push(this.#decoder.decode(value))
    })
  }

  #readInterface(start: number, end: number): boolean {
    if (end - start < 8) return false
    const read: CapturedInterface = {
      linkType: this.#view.getUint16(start, this.#little),
      snapLength: this.#view.getUint32(start + 4, this.#little),
      name: null,
      description: null,
      unitsPerSecond: 1e6,
    }
    this.#file.interfaces.push(read)
    return this.#options(start + 8, end, (code, value) => {
      if (code === INTERFACE_NAME) read.name = this.#decoder.decode(value)
      if (code === INTERFACE_DESCRIPTION) read.description = this.#decoder.decode(value)
      if (code === INTERFACE_TIME_RESOLUTION && value.length === 1) {
        const resolution = value[0] as number
        read.unitsPerSecond = resolution >= 128 ? 2 ** (resolution - 128) : 10 ** resolution
      }
    })
  }

  #readEnhancedPacket(start: number, end: number): boolean {
    if (end - start < 20) return false
    const number = this.#sectionBase + this.#view.getUint32(start, this.#little)
    const description = this.#file.interfaces[number]
    const length = this.#view.getUint32(start + 12, this.#little)
    if (description === undefined || length > end - start - 20) return false
    const time =
      (BigInt(this.#view.getUint32(start + 4, this.#little)) << 32n) |
      BigInt(this.#view.getUint32(start + 8, this.#little))
    const packet: CapturedPacket = {
      interface: number,
      time,
      at: (Number(time) / description.unitsPerSecond) * 1000,
      direction: 0,
      bytes: this.#bytes.subarray(start + 20, start + 20 + length),
      originalLength: this.#view.getUint32(start + 16, this.#little),
      comments: [],
    }
    this.#file.packets.push(packet)
    return this.#options(start + 20 + ((length + 3) & ~3), end, (code, value, at) => {
      if (code === PACKET_FLAGS && value.length === 4) packet.direction = this.#view.getUint32(at, this.#little) & 3
      if (code === OPTION_COMMENT) packet.comments.push(this.#decoder.decode(value))
    })
  }

  #readSimplePacket(start: number, end: number): boolean {
    const description = this.#file.interfaces[this.#sectionBase]
    if (end - start < 4 || description === undefined) return false
    const originalLength = this.#view.getUint32(start, this.#little)
    const snapLength = description.snapLength === 0 ? originalLength : description.snapLength
    const length = Math.min(originalLength, snapLength, end - start - 4)
    this.#file.packets.push({
      interface: this.#sectionBase,
      time: 0n,
      at: 0,
      direction: 0,
      bytes: this.#bytes.subarray(start + 4, start + 4 + length),
      originalLength,
      comments: [],
    })
    return true
  }

  #options(start: number, end: number, take: (code: number, value: Uint8Array, at: number) => void): boolean {
    let at = start
    while (at + 4 <= end) {
      const code = this.#view.getUint16(at, this.#little)
      const length = this.#view.getUint16(at + 2, this.#little)
      if (code === OPTION_END_OF_OPTIONS) return true
      if (at + 4 + length > end) return false
      take(code, this.#bytes.subarray(at + 4, at + 4 + length), at + 4)
      at += 4 + ((length + 3) & ~3)
    }
    return true
  }
}
