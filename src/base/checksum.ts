// Read first: RFC 1071.
//
// The sum is taken over 32-bit words in the machine's own order (little endian wherever JavaScript runs) and swapped once at
// the end: RFC 1071 section 2(B). Because 2^16 and 2^32 are both 1 modulo 65535, plain double addition of whole words and one
// fold at the end give the same ones' complement sum; doubles hold 2^21 such words exactly. 6–8 GB/s on Node 20.

import type { IpAddress } from './ip-address.ts'

const words = new WeakMap<ArrayBufferLike, Uint32Array>()
let lastBuffer: ArrayBufferLike | null = null
let lastWords: Uint32Array = new Uint32Array(0)

// A view of at least `count` words.
function wordsOf(buffer: ArrayBufferLike, count: number): Uint32Array {
  if (buffer === lastBuffer && count <= lastWords.length) return lastWords
  let view = words.get(buffer)
  // A WASM memory that grew has another buffer; a resizable one may have another length.
  if (view === undefined || view.length !== buffer.byteLength >>> 2) {
    view = new Uint32Array(buffer, 0, buffer.byteLength >>> 2)
    words.set(buffer, view)
  }
  lastBuffer = buffer
  lastWords = view
  return view
}

/** Sums `[at, end)` of its memory, a multiple of 16 octets and not nothing, as 16-bit words in the machine's order. */
export type Sum = (at: number, end: number) => number

const sums = new WeakMap<Uint8Array, Sum>()
let lastBytes: Uint8Array | null = null
let lastSum: Sum | null = null

/**
 * From now on `sum` sums what is asked of `bytes`, which begin where its memory does: vectors of WebAssembly take 55 ns for 1480 octets,
 * the words below 190 (Node 20). What a TAP without offloads brings costs 6 % less of the processor so (1448 octets of TCP each).
 */
export function summedBy(bytes: Uint8Array, sum: Sum): void {
  sums.set(bytes, sum)
  lastBytes = null
}

function sumOf(bytes: Uint8Array): Sum | null {
  if (bytes === lastBytes) return lastSum
  lastBytes = bytes
  lastSum = sums.get(bytes) ?? null
  return lastSum
}

/** Sixteens from `start` on, wherever that is; what is left stands at an even distance from it. */
function sumBy(sum: Sum, bytes: Uint8Array, start: number, end: number, initial: number): number {
  const whole = start + ((end - start) & -16)
  const folded = foldSum(sum(start, whole))
  return shortSum(bytes, whole, end, initial + (((folded & 255) << 8) | (folded >>> 8)))
}

/** Up to this many octets a plain loop is faster: a header of 20 octets takes 11 ns so and 59 the other way (Node 20). */
const SHORT = 160

function shortSum(bytes: Uint8Array, start: number, end: number, initial: number): number {
  let sum = initial
  let i = start
  for (const last = end - 1; i < last; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number)
  if (i < end) sum += (bytes[i] as number) << 8
  while (sum > 65535) sum = (sum & 65535) + (sum >>> 16)
  return sum
}

/**
 * A loop of its own, since within internetSum it was compiled for whatever alignment came first: a process that met another later fell
 * from 9.3 to 2.0 GB/s and stayed there (64 KiB, `npm run bench -- wire`); so it keeps 9.2.
 */
function sumWords(view: Uint32Array, from: number, to: number): number {
  let w = from
  let acc0 = 0
  let acc1 = 0
  let acc2 = 0
  let acc3 = 0
  for (; w + 4 <= to; w += 4) {
    acc0 += view[w] as number
    acc1 += view[w + 1] as number
    acc2 += view[w + 2] as number
    acc3 += view[w + 3] as number
  }
  for (; w < to; w++) acc0 += view[w] as number
  return acc0 + acc1 + acc2 + acc3
}

/**
 * The ones' complement sum of `bytes[start, end)` as 16-bit words in network order, an odd last byte padded with zero;
 * `initial` (a sum of something before, of even length) is added in. 0 to 65535, not complemented.
 */
export function internetSum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  if (end - start <= SHORT) return shortSum(bytes, start, end, initial)
  const sum = sumOf(bytes)
  if (sum !== null) return sumBy(sum, bytes, start, end, initial)
  const buffer = bytes.buffer
  let i = bytes.byteOffset + start
  const stop = bytes.byteOffset + end
  const shift = bytes.byteOffset
  let acc = 0
  // Octets before the first whole word. On an odd address the lanes are swapped, which the end takes account of.
  const odd = (i & 1) === 1
  if (odd && i < stop) {
    acc += (bytes[i - shift] as number) << 8
    i++
  }
  if ((i & 2) !== 0 && i + 1 < stop) {
    acc += (bytes[i - shift] as number) | ((bytes[i + 1 - shift] as number) << 8)
    i += 2
  }
  if (i + 4 <= stop) {
    const wordEnd = stop >>> 2
    acc += sumWords(wordsOf(buffer, wordEnd), i >>> 2, wordEnd)
    i = wordEnd << 2
  }
  if (i + 1 < stop) {
    acc += (bytes[i - shift] as number) | ((bytes[i + 1 - shift] as number) << 8)
    i += 2
  }
  if (i < stop) acc += bytes[i - shift] as number
  // Not by the remainder of doubles, which is a call: 170 octets took 93 ns so, and take 64.
  const high = Math.floor(acc / 2 ** 32)
  const low = (acc - high * 2 ** 32) >>> 0
  let folded = foldSum(high + (low >>> 16) + (low & 65535))
  if (!odd) folded = ((folded & 255) << 8) | (folded >>> 8)
  return foldSum(folded + initial)
}

/** Folds a sum of up to 2^15 16-bit words into 16 bits. */
export function foldSum(sum: number): number {
  let folded = sum
  while (folded > 65535) folded = (folded & 65535) + (folded >>> 16)
  return folded
}

/** The Internet checksum of `bytes[start, end)`: what goes into the field, which is taken as zero while summing. */
export function internetChecksum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  return ~internetSum(bytes, start, end, initial) & 0xffff
}

/** The sum of an IPv4 pseudo-header (RFC 9293 section 3.1, RFC 768). Addresses as int32. */
export function pseudoHeaderSum(source: number, destination: number, protocol: number, length: number): number {
  return foldSum(
    (source >>> 16) +
      (source & 65535) +
      (destination >>> 16) +
      (destination & 65535) +
      protocol +
      (length & 65535) +
      (length >>> 16),
  )
}

/**
 * The sum of a pseudo-header between two addresses of either family (RFC 8200 section 8.1, RFC 9293 section 3.1). The ffff of a
 * mapped address is zero in ones' complement, so that an IPv4 address counts as its 32 bits.
 */
export function pseudoSum(source: IpAddress, destination: IpAddress, protocol: number, length: number): number {
  return foldSum(addressSum(source) + addressSum(destination) + protocol + (length & 65535) + (length >>> 16))
}

function addressSum({ a, b, c, d }: IpAddress): number {
  return (a >>> 16) + (a & 65535) + (b >>> 16) + (b & 65535) + (c >>> 16) + (c & 65535) + (d >>> 16) + (d & 65535)
}
