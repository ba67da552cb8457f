// Read first: "How it works" of cluster in Node's manual. The primary process listens for its workers and hands them descriptors, which
// only the system's own sockets have.

import type * as net from 'node:net'

type CreateServer = typeof net.createServer

/** net.createServer whose servers are `ours`, but for those that `cluster` of Node itself makes for workers. */
export function createServerBeside(ours: CreateServer, nodes: CreateServer): CreateServer {
  return function createServer(...given: Parameters<CreateServer>) {
    return Reflect.apply(calledByCluster(given) ? nodes : ours, undefined, given)
  } as CreateServer
}

// A look at the stack costs microseconds: only what looks like cluster's call, whose listener is never to be called, is worth it.
function calledByCluster([listener, ...more]: readonly unknown[]): boolean {
  if (more.length > 0 || typeof listener !== 'function' || listener.name !== 'fail') return false
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 8
  const { stack } = new Error('')
  Error.stackTraceLimit = stackTraceLimit
  return stack?.includes('node:internal/cluster/') === true
}
