// What a running program tells of its stacks, handed on to the page that watches it. Who reads slowly is not read for either: what cannot
// be told is lost where it happens, and counted there.

import type { ServerResponse } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import { refuse } from './lab-server.ts'

/** The longest line in octets: many sockets, with all that is known of them. */
const LINE_MAX = 16 << 20

/** Hands on what is told at the sockets `paths`, one for each stack, until all have ended or the page goes. A line is [stack, line]. */
export function streamLive(response: ServerResponse, paths: readonly string[], isHead: boolean): void {
  const stacks = paths.map((path) => createConnection(path))
  let left = stacks.length
  let hasEnded = false
  // The page may go before anything is told, or before there is a connection: none may be kept for it.
  response.once('close', () => {
    for (const stack of stacks) stack.destroy()
  })
  response.on('drain', () => {
    for (const stack of stacks) stack.resume()
  })
  stacks.forEach((stack, number) => {
    readLines(stack, (line) => {
      if (response.writableEnded) return
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      if (isHead) response.end()
      else if (!response.write(`[${number},${line}]\n`)) for (const one of stacks) one.pause()
    })
    stack.on('error', () => {
      hasEnded = true
    })
    stack.once('close', () => {
      if (--left > 0 || response.destroyed) return
      if (response.headersSent) response.end()
      else if (hasEnded) refuse(response, 410, 'The program has ended, or shows its stack no more.')
      // Who is let in is told of the stack at once: it hangs up on all others.
      else refuse(response, 503, 'As many watch the program as may: close a page that does, and load this one again.')
    })
  })
}

function readLines(socket: Socket, take: (line: string) => void): void {
  let parts: string[] = []
  let length = 0
  socket.setEncoding('utf8').on('data', (text: string) => {
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end))
      take(parts.join(''))
      parts = []
      length = 0
      start = end + 1
    }
    parts.push(text.slice(start))
    length += text.length - start
    if (length > LINE_MAX) socket.destroy()
  })
}
