import type { Sockets } from '../../../src/adapters/web.ts'

export interface Login {
  readonly address: string
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls?: { readonly sni: string } | null
}

/** See postgres-client.mjs. */
export function query(
  connect: Sockets['connect'],
  login: Login,
  sql: string,
): Promise<{
  readonly rows: (string | null)[][]
  readonly ends: { readonly remoteAddress: string; readonly localAddress: string }
}>
