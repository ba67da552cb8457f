// Read first: RFC 8446, RFC 6066 section 3 (an address is no name of a server); curl(1) on -k and --cacert. TLS is Node's own.

import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect, rootCertificates, type TLSSocket } from 'node:tls'
import { FETCH_NOT_SECURE, FETCH_NOT_TRUSTED, FetchFailure } from './fetch-failure.ts'

export interface SecureOptions {
  /** -k: whoever it is. */
  readonly insecure: boolean
  /** --cacert: who vouches for servers, in place of those that Node knows. */
  readonly authorities: string | null
}

/** TLS with `host` over a stream. Rejects with a FetchFailure. */
export function secure(stream: Duplex, host: string, { insecure, authorities }: SecureOptions): Promise<TLSSocket> {
  const tls = connect({
    socket: stream,
    // An address is no name, but is what the certificate must have.
    ...(isIP(host) > 0 ? { host, servername: '' } : { host, servername: host }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !insecure,
    ca: authorities === null ? [...rootCertificates] : [authorities],
  })
  return new Promise((resolve, reject) => {
    tls.once('secureConnect', () => resolve(tls))
    tls.once('error', (error: NodeJS.ErrnoException) => reject(failureOf(error, stream)))
    tls.once('close', () => reject(failureOf(new Error('the connection was closed'), stream)))
  })
}

/** That the other side is not who it should be, or that it does not speak TLS as we do. */
function failureOf(error: NodeJS.ErrnoException, stream: Duplex): Error {
  if (stream.errored instanceof FetchFailure) return stream.errored
  const { code = '', message } = error
  const distrust = /^(CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|INVALID_CA|HOSTNAME|ERR_TLS_CERT)/.test(code)
  const status = distrust ? FETCH_NOT_TRUSTED : FETCH_NOT_SECURE
  const why = message.replaceAll(/\s+/g, ' ').trim()
  return new FetchFailure(
    status,
    distrust ? `SSL certificate problem: ${why}; -k goes on all the same` : `SSL connect error: ${why}`,
    error,
  )
}
