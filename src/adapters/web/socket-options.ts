// Read first: the WinterTC Sockets API, "SocketOptions dictionary".

import { given } from '../../base/argument.ts'
import { SocketError } from './socket-error.ts'

export type SecureTransport = 'off' | 'on' | 'starttls'

export interface SocketOptions {
  /** 'on': TLS from the start; 'starttls': TLS once `startTls` is called. Left out: 'off', none. */
  readonly secureTransport?: SecureTransport | undefined
  /** Whether the writable stays open when the peer's end has come. Left out: the socket closes itself then. */
  readonly allowHalfOpen?: boolean | undefined
  /** The name to ask the server's certificate for, with TLS alone. Left out: the hostname. */
  readonly sni?: string | null | undefined
  /** Protocols to offer the server, with TLS alone. */
  readonly alpn?: readonly string[] | undefined
}

export interface CheckedSocketOptions {
  readonly secureTransport: SecureTransport
  readonly allowHalfOpen: boolean
  readonly sni: string | null
  readonly alpn: readonly string[]
}

const TRANSPORTS: readonly unknown[] = ['off', 'on', 'starttls']

/** Throws a SocketError for what is no option's value. A key that the specification does not have is nobody's: it is a dictionary. */
export function checkSocketOptions(options: SocketOptions | null | undefined): CheckedSocketOptions {
  if (options !== undefined && options !== null && typeof options !== 'object') {
    throw new SocketError(`options must be an object, got ${given(options)}`)
  }
  const { secureTransport = 'off', allowHalfOpen = false, sni = null, alpn = [] } = options ?? {}
  if (!TRANSPORTS.includes(secureTransport)) {
    throw new SocketError(`secureTransport must be 'off', 'on' or 'starttls', got ${given(secureTransport)}`)
  }
  if (sni !== null && (typeof sni !== 'string' || sni === '')) {
    throw new SocketError(`sni must be a name, got ${given(sni)}`)
  }
  if (!Array.isArray(alpn) || alpn.some((name) => typeof name !== 'string' || name === '' || name.length > 255)) {
    throw new SocketError(`alpn must be an array of names of 1 to 255 octets, got ${given(alpn)}`)
  }
  if (secureTransport === 'off' && (sni !== null || alpn.length > 0)) {
    throw new SocketError(`${sni !== null ? 'sni' : 'alpn'} needs secureTransport 'on' or 'starttls'`)
  }
  return { secureTransport, allowHalfOpen: Boolean(allowHalfOpen), sni, alpn: [...alpn] }
}
