import { UsageError } from '../usage-error.ts'
import type { RelayAddress } from './relay-address.ts'

/** The address and port of bind= and sourceport=; undefined and 0 where they do not say. */
export function readBind({ name, kind, options }: RelayAddress): [string | undefined, number] {
  const { bind, sourcePort } = options
  if (bind === undefined || kind.medium !== 'internet') return [undefined, sourcePort ?? 0]
  // "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1", ":80"
  const match = /^(?:\[([^\]]*)\]|([^:]*)|(.*:.*:.*?))(?::(\d{1,5}))?$/.exec(bind)
  const port = Number(match?.[4] ?? 0)
  const host = match?.[1] ?? match?.[2] ?? match?.[3]
  if (match === null || port > 65535) {
    throw new UsageError(`${name}: bind must be ADDRESS, ADDRESS:PORT or :PORT, got ${JSON.stringify(bind)}`)
  }
  if (port !== 0 && sourcePort !== undefined && port !== sourcePort) {
    throw new UsageError(`${name} has the ports ${port} and ${sourcePort}, in bind and sourceport; write one`)
  }
  return [host === '' ? undefined : host, sourcePort ?? port]
}
