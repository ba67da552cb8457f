// What a running program tells of its stacks, handed on to the page that watches it. Who reads slowly is not read for either: what cannot
// be told is lost where it happens, and counted there.

import type { ServerResponse } from 'node:http'
import { WatchedStack } from '../watched-stack.ts'
import { refuse } from './lab-server.ts'

/** Hands on what is told at the sockets `paths`, one for each stack, until all have ended or the page goes. A line is [stack, line]. */
export function streamLive(response: ServerResponse, paths: readonly string[], isHead: boolean): void {
  const stacks: WatchedStack[] = paths.map(
    (path, number) =>
      new WatchedStack(path, (line) => {
        if (response.writableEnded) return
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
        if (isHead) response.end()
        else if (!response.write(`[${number},${line}]\n`)) for (const one of stacks) one.pause()
      }),
  )
  // The page may go before anything is told, or before there is a connection: none may be kept for it.
  response.once('close', () => {
    for (const stack of stacks) stack.close()
  })
  response.on('drain', () => {
    for (const stack of stacks) stack.resume()
  })
  void Promise.all(stacks.map(({ over }) => over)).then((ends) => {
    if (response.destroyed) return
    if (response.headersSent) response.end()
    else if (ends.includes('gone')) refuse(response, 410, 'The program has ended, or shows its stack no more.')
    else refuse(response, 503, 'As many watch the program as may: close a page that does, and load this one again.')
  })
}
