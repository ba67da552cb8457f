// Read first: `lookup` of dgram.createSocket and dns.lookup in Node's manual.

import dns from 'node:dns'
import { isIP } from 'node:net'
import type { Found } from '../handle/datagram-handle.ts'
import { validateFunction } from '../node-argument.ts'
import { nodeAtLeast } from '../node-version.ts'

export type Lookup = (name: string, family: 4 | 6, callback: Found) => void

/** How a socket of this family finds addresses; `lookup` is the program's own way, if it has one. No name at all is the loopback. */
export function lookupFor(family: 4 | 6, lookup: unknown): (name: string, found: Found) => void {
  if (lookup !== undefined) validateFunction(lookup, 'lookup')
  const find = (lookup ?? (NEWER ? lookupUnlessLiteral : dns.lookup)) as Lookup
  const loopback = family === 4 ? '127.0.0.1' : '::1'
  return (name, found) => find(name || loopback, family, found)
}

/** Newer Nodes ask nobody about an address; older ones ask the dns.lookup that there was when the socket was made. */
const NEWER = nodeAtLeast(26)

function lookupUnlessLiteral(name: string, family: 4 | 6, callback: Found): void {
  if (isIP(name) === family) process.nextTick(callback, null, name, family)
  else dns.lookup(name, family, callback)
}
