// Read first: tcp(7) TCP_MD5SIG, linux/tcp.h on struct tcp_md5sig, RFC 2385. Errors are Linux's.

import { AF_INET, AF_INET6, TCP_MD5SIG_EXT } from '../../base/constants.ts'
import { TCP_MD5SIG_FLAG_IFINDEX, TCP_MD5SIG_FLAG_PREFIX } from '../../base/constants-options.ts'
import { EINVAL, ENOENT } from '../../base/errno.ts'
import { decodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import { updateMss } from '../../tcp/mss.ts'
import { SignatureKeys } from '../../tcp/signature.ts'
import { CLOSED } from '../../tcp/state.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'
import { TcpPreferences } from './tcp-preferences.ts'

const STORAGE_LENGTH = 128
const PREFIX_AT = STORAGE_LENGTH + 1
const KEY_LENGTH_AT = STORAGE_LENGTH + 2
const INTERFACE_AT = STORAGE_LENGTH + 4
const KEY_AT = STORAGE_LENGTH + 8
const KEY_MAX = 80
/** Where the bits of IPv4 begin in an address of ours. */
const MAPPED_PREFIX = 96

/** Sets a key for a peer or takes it away. 0, or a negated errno. */
export function setSignatureOption(endpoint: TcpEndpoint, name: number, value: Uint8Array): number {
  if (value.length < KEY_AT + KEY_MAX) return -EINVAL
  const address = new SocketAddress()
  if (!decodeSocketAddress(address, value, 0, STORAGE_LENGTH)) return -EINVAL
  const { family, ip } = address
  if (family !== endpoint.family || (family !== AF_INET && family !== AF_INET6)) return -EINVAL
  const bits = ip.isV4 ? 32 : 128
  const flags = name === TCP_MD5SIG_EXT ? (value[STORAGE_LENGTH] as number) : 0
  let prefix = bits
  if ((flags & TCP_MD5SIG_FLAG_PREFIX) !== 0) {
    prefix = value[PREFIX_AT] as number
    if (prefix > bits) return -EINVAL
  }
  // It must be a device that others belong to (VRF), and there is none here.
  const atInterface = value.subarray(INTERFACE_AT, KEY_AT).some((octet) => octet !== 0)
  if ((flags & TCP_MD5SIG_FLAG_IFINDEX) !== 0 && atInterface) return -EINVAL
  const keyLength = (value[KEY_LENGTH_AT] as number) | ((value[KEY_LENGTH_AT + 1] as number) << 8)
  if (keyLength > KEY_MAX) return -EINVAL
  const length = ip.isV4 ? MAPPED_PREFIX + prefix : prefix
  endpoint.preferences ??= new TcpPreferences(endpoint.layer.config)
  const { preferences } = endpoint
  if (keyLength === 0) {
    if (preferences.signatureKeys === null || !preferences.signatureKeys.delete(ip, length)) return -ENOENT
  } else {
    preferences.signatureKeys ??= new SignatureKeys()
    preferences.signatureKeys.set(ip, length, value.slice(KEY_AT, KEY_AT + keyLength))
  }
  if (endpoint.listener !== null) endpoint.listener.signatureKeys = preferences.signatureKeys
  const c = endpoint.connection
  if (c !== null && c.state !== CLOSED) {
    preferences.applyTo(c)
    updateMss(c)
  }
  return 0
}
