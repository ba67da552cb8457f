// The same work as one writes it without further thought, with a DataView and a fresh object for each header: a reference to say what
// parsing costs in this language on this machine, not a product.

import { ipLength, LINK } from './frames.mjs'

function sumOfPairs(view, start, end, initial) {
  let sum = initial
  let at = start
  for (; at + 1 < end; at += 2) sum += view.getUint16(at)
  if (at < end) sum += view.getUint8(at) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return sum
}

function pseudo(view, version, length) {
  const [from, to] = version === 4 ? [LINK + 12, LINK + 20] : [LINK + 8, LINK + 40]
  return sumOfPairs(view, from, to, 6 + length)
}

/** The sum over pseudo-header and segment: 65535 where the checksum is right. */
export function sum(frame, version) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const tcp = LINK + ipLength(version)
  return sumOfPairs(view, tcp, frame.length, pseudo(view, version, frame.length - tcp))
}

/** Makes the checksum of a frame right. */
export function complete(frame, version) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const tcp = LINK + ipLength(version)
  if (version === 4) {
    view.setUint16(LINK + 10, 0)
    view.setUint16(LINK + 10, ~sumOfPairs(view, LINK, LINK + 20, 0))
  }
  view.setUint16(tcp + 16, 0)
  view.setUint16(tcp + 16, ~sum(frame, version))
}

export function parse(frame, version) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = {
    destination: frame.subarray(0, 6),
    source: frame.subarray(6, 12),
    type: view.getUint16(12),
  }
  const ip =
    version === 4
      ? {
          headerLength: (view.getUint8(LINK) & 15) * 4,
          totalLength: view.getUint16(LINK + 2),
          identification: view.getUint16(LINK + 4),
          fragment: view.getUint16(LINK + 6),
          ttl: view.getUint8(LINK + 8),
          protocol: view.getUint8(LINK + 9),
          source: view.getUint32(LINK + 12),
          destination: view.getUint32(LINK + 16),
        }
      : {
          headerLength: 40,
          totalLength: 40 + view.getUint16(LINK + 4),
          protocol: view.getUint8(LINK + 6),
          ttl: view.getUint8(LINK + 7),
          source: frame.subarray(LINK + 8, LINK + 24),
          destination: frame.subarray(LINK + 24, LINK + 40),
        }
  const at = LINK + ip.headerLength
  const length = (view.getUint8(at + 12) >> 4) * 4
  const tcp = {
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    seq: view.getUint32(at + 4),
    ack: view.getUint32(at + 8),
    flags: view.getUint16(at + 12) & 0x1ff,
    window: view.getUint16(at + 14),
    options: options(view, at + 20, at + length),
    payload: frame.subarray(at + length, LINK + ip.totalLength),
  }
  return ethernet.type + ip.ttl + tcp.destinationPort + tcp.options.length + tcp.payload.length
}

function options(view, start, end) {
  const all = []
  for (let at = start; at < end; ) {
    const kind = view.getUint8(at)
    if (kind === 0) break
    if (kind === 1) {
      at++
      continue
    }
    const length = view.getUint8(at + 1)
    if (kind === 8) all.push({ kind, value: view.getUint32(at + 2), echo: view.getUint32(at + 6) })
    at += length
  }
  return all
}

/** The headers of a frame for `i`, its checksums but for the data's. */
export function build(frame, version, i) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const size = frame.length - LINK
  const at = LINK + ipLength(version)
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1])
  view.setUint16(12, version === 4 ? 0x0800 : 0x86dd)
  if (version === 4) {
    view.setUint16(LINK, 0x4500)
    view.setUint16(LINK + 2, size)
    view.setUint16(LINK + 4, i)
    view.setUint16(LINK + 6, 0x4000)
    view.setUint16(LINK + 8, 0x4006)
    view.setUint16(LINK + 10, 0)
    view.setUint32(LINK + 12, 0x0a000001)
    view.setUint32(LINK + 16, 0x0a000002)
    view.setUint16(LINK + 10, ~sumOfPairs(view, LINK, LINK + 20, 0))
  } else {
    view.setUint32(LINK, 0x60000000)
    view.setUint16(LINK + 4, size - 40)
    view.setUint16(LINK + 6, 0x0640)
    frame.set([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], LINK + 8)
    frame.set([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], LINK + 24)
  }
  view.setUint16(at, 0x3000 + (i & 255))
  view.setUint16(at + 2, 80)
  view.setUint32(at + 4, i)
  view.setUint32(at + 8, i)
  view.setUint16(at + 12, 0x8018)
  view.setUint16(at + 14, 0xffff)
  view.setUint32(at + 16, 0)
  view.setUint32(at + 20, 0x0101080a)
  view.setUint32(at + 24, i)
  view.setUint32(at + 28, i)
  return frame[at + 1]
}
