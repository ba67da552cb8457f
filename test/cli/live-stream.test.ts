// What stands between a program that is watched and the page: nothing is held for who has gone, and why there is nothing to see is told.

import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LabServer } from '../../src/cli/lab/lab-server.ts'
import { streamLive } from '../../src/cli/lab/live-stream.ts'
import { PrivateServer } from '../../src/platform/private-server.ts'

let folder: string
let path: string
let program: PrivateServer
let lab: LabServer
/** How a page goes once it has asked. */
let goes: (request: IncomingMessage) => void
/** Of each that was told something: when it has gone. */
const gone: Promise<unknown>[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-live-'))
  path = join(folder, 'watch')
  goes = () => {}
  program = await PrivateServer.listen(path, {
    connections: 4,
    tell: (connection) => {
      gone.push(new Promise((resolve) => connection.once('close', resolve)))
      connection.write('{"tell":"stack"}\n')
    },
  })
  const live = (request: IncomingMessage, response: Parameters<typeof streamLive>[0]) => {
    streamLive(response, [path], request.method === 'HEAD')
    goes(request)
  }
  lab = await LabServer.listen({ port: 0, files: new Map(), answers: { live } })
})

afterEach(() => {
  gone.length = 0
  lab.close()
  program.close()
  rmSync(folder, { recursive: true })
})

const ask = (method = 'GET') => fetch(`${lab.url}live`, { method })

async function firstLine({ body }: Response): Promise<string> {
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  const { value } = await reader.read()
  return new TextDecoder().decode(value)
}

test.each<[string, (request: IncomingMessage) => void]>([
  ['at once', ({ socket }) => socket.destroy()],
  ['a turn of the loop later', ({ socket }) => void setImmediate(() => socket.destroy())],
])('of a page that goes %s no watch is left', async (_when, going) => {
  goes = going
  for (let i = 0; i < 3; i++) await ask().then(firstLine, () => {})
  goes = () => {}
  expect(await firstLine(await ask())).toBe('[0,{"tell":"stack"}]\n')
  // Connections are taken in their order: those of the pages that have gone came before.
  expect(gone.length).toBe(4)
  await Promise.all(gone.slice(0, 3))
})

test('who only asks whether there is something to see leaves no watch either', async () => {
  expect((await ask('HEAD')).status).toBe(200)
  await Promise.all(gone)
})

test('that as many watch as may, and that the program has ended, are two things', async () => {
  for (let i = 0; i < 4; i++) expect((await ask()).status).toBe(200)
  const fifth = await ask()
  expect([fifth.status, await fifth.text()]).toEqual([
    503,
    'As many watch the program as may: close a page that does, and load this one again.\n',
  ])
  program.close()
  const late = await ask()
  expect([late.status, await late.text()]).toEqual([410, 'The program has ended, or shows its stack no more.\n'])
})
