// What a running program tells of its stacks, handed on to the page that watches it. Who reads slowly is not read for either: what cannot
// be told is lost where it happens, and counted there.

import type { ServerResponse } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import { refuse } from './lab-server.ts'

/** The longest line in octets: many sockets, with all that is known of them. */
const LINE_MAX = 16 << 20

/** Hands on what is told at the sockets `paths`, one for each stack, until all have ended or the page goes. A line is [stack, line]. */
export async function streamLive(response: ServerResponse, paths: readonly string[], isHead: boolean): Promise<void> {
  const stacks: Socket[] = []
  try {
    for (const path of paths) stacks.push(await connectTo(path))
  } catch {
    for (const stack of stacks) stack.destroy()
    return refuse(response, 410, 'The program has ended, or shows its stack no more.')
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.flushHeaders()
  response.once('close', () => {
    for (const stack of stacks) stack.destroy()
  })
  response.on('drain', () => {
    for (const stack of stacks) stack.resume()
  })
  let left = stacks.length
  if (isHead) response.end()
  stacks.forEach((stack, number) => {
    readLines(stack, (line) => {
      if (!response.write(`[${number},${line}]\n`)) for (const one of stacks) one.pause()
    })
    stack.on('error', () => {})
    stack.once('close', () => {
      if (--left === 0) response.end()
    })
  })
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', reject)
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
