// Read first: netdevice(7), struct ifreq.

const IFREQ_LENGTH = 40
/** Octets of the name in a struct ifreq, its NUL among them; what is asked for follows. */
export const IFNAMSIZ = 16

/** A struct ifreq that asks about the interface `name`. */
export function interfaceRequest(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(IFREQ_LENGTH)
  request.set(new TextEncoder().encode(name))
  return request
}
