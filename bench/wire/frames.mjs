// Frames to work on: Ethernet, IPv4 or IPv6, TCP with timestamps, data.

export const LINK = 14
export const TCP = 32
export const ipLength = (version) => (version === 4 ? 20 : 40)

/** `count` frames of `size` octets of packet, each with other ports and numbers. Checksums are filled in by `checksum(frame, version)`. */
export function frames(count, version, size, checksum) {
  // In one buffer, as a device's are.
  const stride = (LINK + size + 3) & ~3
  const buffer = new Uint8Array(count * stride)
  return Array.from({ length: count }, (_, i) => {
    const frame = buffer.subarray(i * stride, i * stride + LINK + size)
    const ip = LINK
    const tcp = LINK + ipLength(version)
    frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, ...(version === 4 ? [8, 0] : [0x86, 0xdd])])
    if (version === 4)
      frame.set([0x45, 0, size >> 8, size & 255, 0, i, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], ip)
    else {
      frame.set([0x60, 0, 0, 0, (size - 40) >> 8, (size - 40) & 255, 6, 64, 0x20, 1, 0x0d, 0xb8], ip)
      frame.set([0x20, 1, 0x0d, 0xb8], ip + 24)
      frame[ip + 23] = 1
      frame[ip + 39] = 2
    }
    frame.set([0x30, i, 0, 80, 0, 0, 1, i, 0, 0, 2, i, 0x80, 0x18, 0xff, 0xff, 0, 0, 0, 0, 1, 1, 8, 10], tcp)
    for (let at = tcp + 24; at < frame.length; at++) frame[at] = (at * 31 + i) & 255
    checksum(frame, version)
    return frame
  })
}
