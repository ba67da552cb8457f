import { EINVAL } from './errno.ts'

const cookies = new WeakMap<object, bigint>()
let last = 0n

/** Writes SO_COOKIE of `endpoint`: a number that no other socket has or will have (linux/sock_diag.h). -EINVAL: no room for 8 octets. */
export function writeCookie(endpoint: object, value: Uint8Array): number {
  if (value.length < 8) return -EINVAL
  let cookie = cookies.get(endpoint)
  if (cookie === undefined) {
    cookie = ++last
    cookies.set(endpoint, cookie)
  }
  new DataView(value.buffer, value.byteOffset, 8).setBigUint64(0, cookie, true)
  return 8
}
