// Read first: draft-ietf-opsawg-pcapng (PCAP Next Generation) sections 3 and 4.
//
// Little endian throughout. Blocks: section header, interface description, enhanced packet.

import { checkOptions, checkText, given } from '../base/argument.ts'
import { copyBytes } from '../base/byte-ring.ts'

export const LINKTYPE_ETHERNET = 1
/** The packet begins with its IP header, version 4 or 6. */
export const LINKTYPE_RAW = 101

export const BLOCK_SECTION = 0x0a0d0d0a
export const BLOCK_INTERFACE = 1
export const BLOCK_SIMPLE_PACKET = 3
export const BLOCK_ENHANCED_PACKET = 6
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d

export const OPTION_END_OF_OPTIONS = 0
export const OPTION_COMMENT = 1
export const SECTION_APPLICATION = 4
export const INTERFACE_NAME = 2
export const INTERFACE_DESCRIPTION = 3
export const INTERFACE_HARDWARE_ADDRESS = 6
export const INTERFACE_TIME_RESOLUTION = 9
export const PACKET_FLAGS = 2

/** Bits 0 and 1 of the flags of a packet. */
export const DIRECTION_UNKNOWN = 0
export const DIRECTION_INBOUND = 1
export const DIRECTION_OUTBOUND = 2

export interface PcapngOptions {
  /** What wrote it. Default 'Jackfield'. */
  readonly application?: string
  /** Decimal digits of a second that times are written with: 6 or 9. Default 6. */
  readonly resolution?: 6 | 9
  readonly comment?: string
}

export interface PcapngInterface {
  readonly linkType: typeof LINKTYPE_ETHERNET | typeof LINKTYPE_RAW
  readonly name?: string
  readonly description?: string
  /** Six octets. */
  readonly hardwareAddress?: Uint8Array | null
  /** Octets of each packet that are kept. Default: all. */
  readonly snapLength?: number
}

/** Why `snapLength` is not 0 by default: some readers take 0 as nothing at all. */
const SNAP_ALL = 262144

/**
 * Writes a capture that Wireshark opens. `write` gets whole blocks, lent until it returns.
 *
 * ```ts
 * const writer = new PcapngWriter((bytes) => file.writeSync(bytes))
 * const eth0 = writer.addInterface({ linkType: LINKTYPE_ETHERNET, name: 'eth0' })
 * writer.packet(eth0, Date.now(), DIRECTION_OUTBOUND, frame, 0, frame.length)
 * ```
 */
export class PcapngWriter {
  readonly #write: (bytes: Uint8Array) => void
  readonly #resolution: 6 | 9
  readonly #snapLengths: number[] = []
  readonly #encoder = new TextEncoder()
  #block = new Uint8Array(4096)
  #view = new DataView(this.#block.buffer)
  #at = 0

  constructor(write: (bytes: Uint8Array) => void, options: PcapngOptions = {}) {
    if (typeof write !== 'function') throw new TypeError(`write must be a function, got ${given(write)}`)
    checkOptions('options', options, ['application', 'resolution', 'comment'])
    checkText('options.application', options.application)
    const { resolution = 6 } = options
    if (resolution !== 6 && resolution !== 9) {
      throw new RangeError(`options.resolution must be 6 or 9 digits, got ${given(resolution)}`)
    }
    this.#write = write
    this.#resolution = resolution
    this.#begin(BLOCK_SECTION, 256 + 3 * (options.comment?.length ?? 0) + 3 * (options.application?.length ?? 0))
    this.#int32(BYTE_ORDER_MAGIC)
    this.#int16(1)
    this.#int16(0)
    // The length of the section is not known while it is written: −1.
    this.#int32(-1)
    this.#int32(-1)
    if (options.comment !== undefined) this.#text(OPTION_COMMENT, options.comment)
    this.#text(SECTION_APPLICATION, options.application ?? 'Jackfield')
    this.#end(true)
  }

  /** Describes an interface; returns the number that its packets are written with. */
  addInterface(description: PcapngInterface): number {
    const snapLength = description.snapLength ?? SNAP_ALL
    if (!Number.isInteger(snapLength) || snapLength < 1) {
      throw new RangeError(`snapLength must be a positive integer, got ${String(snapLength)}`)
    }
    const { name, description: text, hardwareAddress } = description
    this.#begin(BLOCK_INTERFACE, 256 + 3 * (name?.length ?? 0) + 3 * (text?.length ?? 0))
    this.#int16(description.linkType)
    this.#int16(0)
    this.#int32(snapLength)
    if (name !== undefined) this.#text(INTERFACE_NAME, name)
    if (text !== undefined) this.#text(INTERFACE_DESCRIPTION, text)
    if (hardwareAddress) this.#option(INTERFACE_HARDWARE_ADDRESS, hardwareAddress)
    this.#option(INTERFACE_TIME_RESOLUTION, Uint8Array.of(this.#resolution))
    this.#end(true)
    this.#snapLengths.push(snapLength)
    return this.#snapLengths.length - 1
  }

  /**
   * Writes the packet in `bytes[start, end)`, seen `at` milliseconds since 1970 (with a fraction), `direction` one of
   * DIRECTION_…. RangeError for an interface that was not added.
   */
  packet(
    interfaceNumber: number,
    at: number,
    direction: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    comment?: string,
  ): void {
    const snapLength = this.#snapLengths[interfaceNumber]
    if (snapLength === undefined)
      throw new RangeError(`interfaceNumber must be one added before, got ${interfaceNumber}`)
    const length = Math.min(end - start, snapLength)
    this.#begin(BLOCK_ENHANCED_PACKET, 64 + length + 3 * (comment?.length ?? 0))
    this.#int32(interfaceNumber)
    this.#time(at)
    this.#int32(length)
    this.#int32(end - start)
    copyBytes(bytes, start, start + length, this.#block, this.#at)
    this.#at += length
    this.#pad()
    if (comment !== undefined) this.#text(OPTION_COMMENT, comment)
    if (direction !== DIRECTION_UNKNOWN) {
      this.#int16(PACKET_FLAGS)
      this.#int16(4)
      this.#int32(direction)
    }
    this.#end(comment !== undefined || direction !== DIRECTION_UNKNOWN)
  }

  #begin(type: number, room: number): void {
    if (this.#block.length < room) {
      this.#block = new Uint8Array(2 ** Math.ceil(Math.log2(room)))
      this.#view = new DataView(this.#block.buffer)
    }
    this.#at = 0
    this.#int32(type)
    this.#int32(0)
  }

  #end(hasOptions: boolean): void {
    if (hasOptions) this.#int32(OPTION_END_OF_OPTIONS)
    const length = this.#at + 4
    this.#int32(length)
    this.#view.setInt32(4, length, true)
    this.#write(this.#block.subarray(0, length))
  }

  #int16(value: number): void {
    this.#view.setInt16(this.#at, value, true)
    this.#at += 2
  }

  #int32(value: number): void {
    this.#view.setInt32(this.#at, value, true)
    this.#at += 4
  }

  // Nanoseconds since 1970 need more than the 53 bits of a double; microseconds do not until the year 2255. Both are multiplied in
  // two halves of the milliseconds, which is exact.
  #time(at: number): void {
    const perMillisecond = this.#resolution === 9 ? 1e6 : 1e3
    const whole = Math.floor(at)
    const fraction = Math.round((at - whole) * perMillisecond)
    const upper = Math.floor(whole / 65536) * perMillisecond
    const low = (upper % 65536) * 65536 + (whole % 65536) * perMillisecond + fraction
    this.#int32((Math.floor(upper / 65536) + Math.floor(low / 0x100000000)) | 0)
    this.#int32(low | 0)
  }

  #option(code: number, value: Uint8Array): void {
    this.#int16(code)
    this.#int16(value.length)
    copyBytes(value, 0, value.length, this.#block, this.#at)
    this.#at += value.length
    this.#pad()
  }

  #text(code: number, text: string): void {
    // An option's length has 16 bits.
    this.#option(code, this.#encoder.encode(text).subarray(0, 65535))
  }

  #pad(): void {
    while ((this.#at & 3) !== 0) this.#block[this.#at++] = 0
  }
}
