// Read first: RFC 6762 section 3: names under "local" are asked of the link.

import { secureRandom } from '../platform/secure-random.ts'
import { isWithin } from '../services/names/domain-name.ts'
import type { MulticastNames } from '../services/names/multicast/multicast-names.ts'
import type { Host } from './host.ts'

/** Whether `node` is a name of the link of a stack. What the operating system knows of such names it knows by itself. */
export function isLinkName({ where }: Pick<Host, 'where'>, node: string): boolean {
  return where !== null && where.kind === 'tap' && isWithin(node, 'local')
}

/** Has `use` ask the link of a stack for names, by sockets that are closed then. */
export async function withLinkNames<T>(host: Host, use: (link: MulticastNames) => Promise<T>): Promise<T> {
  const { MulticastNames } = await import('../services/names/multicast/multicast-names.ts')
  const ifindex = (host.where && host.interfaceIndex(host.where.name)) ?? 0
  const link = new MulticastNames(host.provider, { ifindex, random: secureRandom })
  try {
    return await use(link)
  } finally {
    await link.close()
  }
}
