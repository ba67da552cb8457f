import { checkInteger } from '../base/argument.ts'
import { toSocketType } from './arguments.ts'
import type { Endpoint, Provider } from './provider.ts'
import { SocketError } from './socket-error.ts'

/** socket(2), as a constructor calls it: the new endpoint, or an error is thrown. */
export function openEndpoint(provider: Provider, family: number, type: number, protocol: number): Endpoint {
  checkInteger('family', family)
  const kind = toSocketType(type)
  checkInteger('protocol', protocol)
  const endpoint = provider.socket(family, kind, protocol)
  if (typeof endpoint === 'number') throw new SocketError('socket', endpoint)
  return endpoint
}
