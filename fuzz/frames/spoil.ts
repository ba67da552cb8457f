// What is done to a frame that was right: octets, lengths and ends changed, and its checksums then mended, or not.

import { read16, write16 } from '../../src/base/bytes.ts'
import { internetChecksum } from '../../src/base/checksum.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { Ipv4Header, readIpv4 } from '../../src/wire/ipv4.ts'
import { readIpv6Address } from '../../src/wire/ipv6.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { checksumOffset, sum } from './packet.ts'

const EXTENSIONS: readonly number[] = [0, 43, 60]
const INTERESTING: readonly number[] = [0, 1, 2, 4, 5, 7, 8, 0x0f, 0x7f, 0x80, 0xfe, 0xff]

const header = new Ipv4Header()
const from = new IpAddress()
const to = new IpAddress()

/** Damages `frame`, of which the IP packet begins at `start`. */
export function spoil(frame: Uint8Array, start: number, chance: Chance): Uint8Array {
  let bytes = frame
  const kind = chance.below(10)
  if (kind === 0) bytes = bytes.slice(0, chance.below(bytes.length + 1))
  if (kind === 1) {
    const longer = new Uint8Array(bytes.length + 1 + chance.below(64))
    longer.set(bytes)
    bytes = longer
  }
  if (kind === 2 && bytes.length > start + 6) {
    // A length: of the packet, or of the header.
    const at = chance.pick(start, start + 2, start + 4, start + 12, start + 20 + 12, start + 24)
    if (at + 1 < bytes.length)
      write16(bytes, at, chance.pick(0, 1, bytes.length - start, bytes.length, chance.below(65_536)))
  }
  const changes = kind < 3 ? chance.below(2) : 1 + chance.below(3)
  for (let i = 0; i < changes && bytes.length > 0; i++) {
    // The headers rather than the data.
    const at = chance.below(Math.min(bytes.length, start + 100))
    const old = bytes[at] as number
    bytes[at] = chance.pick(
      old ^ (1 << chance.below(8)),
      chance.below(256),
      chance.pick(...INTERESTING),
      old + 1,
      old - 1,
    )
  }
  if (!chance.oneIn(3)) mend(bytes, start, chance.oneIn(2))
  return bytes
}

/** Makes the checksums right of what there is, as far as it can be told what there is; with `lengths`, the IP length as well. */
export function mend(bytes: Uint8Array, start: number, lengths: boolean): void {
  const version = (bytes[start] ?? 0) >> 4
  if (version === 4 && bytes.length >= start + 20) mendV4(bytes, start, lengths)
  if (version === 6 && bytes.length >= start + 40) mendV6(bytes, start, lengths)
}

function mendV4(bytes: Uint8Array, start: number, lengths: boolean): void {
  const headerLength = ((bytes[start] as number) & 15) * 4
  if (lengths) write16(bytes, start + 2, bytes.length - start)
  if (headerLength < 20 || start + headerLength > bytes.length) return
  write16(bytes, start + 10, 0)
  write16(bytes, start + 10, internetChecksum(bytes, start, start + headerLength))
  if (!readIpv4(header, bytes, start, bytes.length)) return
  if (header.moreFragments || header.fragmentOffset !== 0) return
  from.set(IpAddress.v4(header.source))
  to.set(IpAddress.v4(header.destination))
  sum(bytes.subarray(start + headerLength, start + header.totalLength), header.protocol, from, to)
}

function mendV6(bytes: Uint8Array, start: number, lengths: boolean): void {
  if (lengths) write16(bytes, start + 4, bytes.length - start - 40)
  const end = Math.min(bytes.length, start + 40 + read16(bytes, start + 4))
  let at = start + 40
  let next = bytes[start + 6] as number
  for (let i = 0; i < 16 && EXTENSIONS.includes(next) && at + 8 <= end; i++) {
    next = bytes[at] as number
    at += 8 + 8 * (bytes[at + 1] as number)
  }
  if (checksumOffset(next) < 0 || at > end) return
  readIpv6Address(from, bytes, start + 8)
  readIpv6Address(to, bytes, start + 24)
  sum(bytes.subarray(at, end), next, from, to)
}
