import { checkMethods, checkOptions } from '../../base/argument.ts'
import type { Names } from '../../services/names/names.ts'
import type { Provider } from '../../socket/provider.ts'
import type { TlsEngine } from './tls-engine.ts'

/** What `socketsFor` and `denoFor` take besides a provider. */
export interface SocketsSettings {
  /** Who looks up the names of hosts (jackfield/names). Left out: nobody; hosts are addresses. */
  readonly names?: Pick<Names, 'connect'> | null | undefined
  /** Who speaks TLS. Left out: nobody; in Node, `connect` of jackfield/web has node:tls. */
  readonly tls?: TlsEngine | null | undefined
}

/** Throws a TypeError for a provider or a setting that is none. */
export function checkSettings(
  provider: Provider,
  settings: SocketsSettings,
): { names: Pick<Names, 'connect'> | null; engine: TlsEngine | null } {
  checkMethods('provider', provider, 'a Provider', 'socket')
  checkOptions('settings', settings, ['names', 'tls'])
  const { names = null, tls: engine = null } = settings
  if (names !== null) checkMethods('settings.names', names, 'Names', 'connect')
  if (engine !== null) checkMethods('settings.tls', engine, 'a TlsEngine', 'connect')
  return { names, engine }
}
