// Read first: netlink(7), RFC 3549 section 2.3, linux/netlink.h. The kernel writes numbers in the order of the machine, which is
// little endian wherever this runs.

/** Octets of a struct nlmsghdr, and of a struct nlattr. */
export const NLMSG_HDRLEN = 16
const NLA_HDRLEN = 4

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
export const NLMSG_OVERRUN = 4

export const NLM_F_REQUEST = 0x1
export const NLM_F_MULTI = 0x2
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_DUMP = 0x300

/** Two bits of an attribute's type say how its value is to be read. */
const NLA_TYPE_MASK = 0x3fff

export interface NetlinkMessage {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** Who asked, by the address of its socket. */
  readonly portId: number
  /** What follows the header: a part of what was read. */
  readonly body: Uint8Array
}

export function encodeNetlinkMessage(
  type: number,
  flags: number,
  sequence: number,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(NLMSG_HDRLEN + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, flags, true)
  view.setUint32(8, sequence, true)
  bytes.set(body, NLMSG_HDRLEN)
  return bytes
}

/** The messages of one datagram. What does not fit in it ends them. */
export function decodeNetlinkMessages(bytes: Uint8Array): NetlinkMessage[] {
  const view = viewOf(bytes)
  const messages: NetlinkMessage[] = []
  for (let at = 0; at + NLMSG_HDRLEN <= bytes.length; ) {
    const length = view.getUint32(at, true)
    if (length < NLMSG_HDRLEN || length > bytes.length - at) break
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      portId: view.getUint32(at + 12, true),
      body: bytes.subarray(at + NLMSG_HDRLEN, at + length),
    })
    at += aligned(length)
  }
  return messages
}

/** The attributes from `start` on, by their types; of two of one type the later. What does not fit ends them. */
export function decodeAttributes(body: Uint8Array, start: number): Map<number, Uint8Array> {
  const view = viewOf(body)
  const attributes = new Map<number, Uint8Array>()
  for (let at = start; at + NLA_HDRLEN <= body.length; ) {
    const length = view.getUint16(at, true)
    if (length < NLA_HDRLEN || length > body.length - at) break
    attributes.set(view.getUint16(at + 2, true) & NLA_TYPE_MASK, body.subarray(at + NLA_HDRLEN, at + length))
    at += aligned(length)
  }
  return attributes
}

/** An attribute that is a number of 8 or 32 bits; null where it is left out, or shorter. */
export function attribute8(attributes: ReadonlyMap<number, Uint8Array>, type: number): number | null {
  return attributes.get(type)?.[0] ?? null
}

export function attribute32(attributes: ReadonlyMap<number, Uint8Array>, type: number): number | null {
  const value = attributes.get(type)
  return value === undefined || value.length < 4 ? null : viewOf(value).getUint32(0, true)
}

/** An attribute that is text, up to its NUL. */
export function attributeText(attributes: ReadonlyMap<number, Uint8Array>, type: number): string | null {
  const value = attributes.get(type)
  if (value === undefined) return null
  const end = value.indexOf(0)
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end))
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function aligned(length: number): number {
  return (length + 3) & ~3
}
