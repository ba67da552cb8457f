import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sendFile } from '../../src/adapters/send-file.ts'
import { AF_INET, AF_UNIX, SO_SNDBUF, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { os } from '../../src/os/operating-system.ts'
import { Socket } from '../../src/socket/socket.ts'
import { RealWorld } from './world.ts'

const LENGTH = 20_000_000
let folder: string
let path: string
let content: Uint8Array

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-file-'))
  path = join(folder, 'large')
  content = randomFillSync(new Uint8Array(LENGTH))
  writeFileSync(path, content)
})

afterAll(() => rmSync(folder, { recursive: true }))

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** All that comes until the end of the stream. */
async function collect(socket: Socket): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const room = new Uint8Array(1 << 18)
  for (let length = await socket.recv(room); length > 0; length = await socket.recv(room)) {
    parts.push(room.slice(0, length))
  }
  return Buffer.concat(parts)
}

async function kernelPair(): Promise<[Socket, Socket]> {
  const listener = new Socket(os, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 0 })
  listener.listen()
  const client = new Socket(os, AF_INET, SOCK_STREAM)
  await client.connect(listener.getsockname())
  const accepted = await listener.accept()
  await listener.close()
  return [client, accepted]
}

describe.each([
  ['TCP of the operating system', kernelPair],
  ['Unix streams of the operating system', async () => Socket.pair(os, AF_UNIX, SOCK_STREAM)],
  ['a provider without sendfile', () => new RealWorld().pair()],
])('sendFile over %s', (_, connected) => {
  let pair: [Socket, Socket]
  const sockets: Socket[] = []

  afterEach(async () => {
    await Promise.all(sockets.map((socket) => socket.close()))
    sockets.length = 0
    expect(os.size).toBe(0)
  })

  async function open(): Promise<[Socket, Socket]> {
    const made = await connected()
    sockets.push(...made)
    return made as [Socket, Socket]
  }

  async function sent(work: (socket: Socket) => Promise<number>): Promise<[number, Uint8Array]> {
    pair = await open()
    const received = collect(pair[1])
    const length = await work(pair[0])
    await pair[0].close()
    return [length, await received]
  }

  test('20 MB arrive whole, each octet once, through a send buffer that is much smaller', async () => {
    const [length, received] = await sent((socket) => sendFile(socket, path))
    expect([length, received.length, sha(received)]).toEqual([LENGTH, LENGTH, sha(content)])
  })

  test('a part: from offset on, length octets, and never more than there are', async () => {
    const part = { offset: 12_345_678, length: 2_000_001 }
    const [length, received] = await sent((socket) => sendFile(socket, pathToFileURL(path), part))
    expect([length, sha(received)]).toEqual([2_000_001, sha(content.subarray(12_345_678, 14_345_679))])
    const [last, end] = await sent((socket) => sendFile(socket, path, { offset: LENGTH - 10, length: 100 }))
    expect([last, sha(end)]).toEqual([10, sha(content.subarray(LENGTH - 10))])
    expect(await sent((socket) => sendFile(socket, path, { offset: LENGTH + 5 }))).toMatchObject([0, { length: 0 }])
    expect(await sent((socket) => sendFile(socket, path, { length: 0 }))).toMatchObject([0, { length: 0 }])
  })

  test('a descriptor stays open, and its position where it was', async () => {
    const fd = openSync(path, 'r')
    const octets = new Uint8Array(4)
    readSync(fd, octets)
    const [length] = await sent((socket) => sendFile(socket, fd, { length: 100_000 }))
    expect(length).toBe(100_000)
    readSync(fd, octets)
    expect(octets).toEqual(content.subarray(4, 8))
    closeSync(fd)
  })

  test('it goes behind what waits to be sent', async () => {
    const before = content.subarray(0, 3_000_000)
    const [, received] = await sent(async (socket) => {
      const first = socket.send(before)
      const length = await sendFile(socket, path, { length: 1000 })
      await first
      return length
    })
    expect(received.length).toBe(3_001_000)
    expect(sha(received.subarray(3_000_000))).toBe(sha(content.subarray(0, 1000)))
  })

  test('files that the kernel cannot send so are read: /proc, a pipe', async () => {
    const [length, received] = await sent((socket) => sendFile(socket, '/proc/version'))
    const version = readFileSync('/proc/version')
    expect([length, sha(received)]).toEqual([version.length, sha(version)])
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const both = openSync(pipe, 'r+')
    writeFileSync(both, 'through a pipe')
    const [, text] = await sent((socket) => sendFile(socket, both, { length: 14 }))
    expect(new TextDecoder().decode(text)).toBe('through a pipe')
    closeSync(both)
    rmSync(pipe)
  })

  test('an abort while it waits for room rejects with its reason', async () => {
    pair = await open()
    const [socket] = pair
    const abort = new AbortController()
    const sending = sendFile(socket, path, { signal: abort.signal })
    const room = new Uint8Array(1)
    await pair[1].recv(room)
    setImmediate(() => abort.abort(new Error('enough')))
    await expect(sending).rejects.toThrow('enough')
    await expect(sendFile(socket, path, { signal: abort.signal })).rejects.toThrow('enough')
  })

  test('the peer resets, or the socket is closed meanwhile: the error of the call', async () => {
    pair = await open()
    const gone = sendFile(pair[0], path)
    await pair[1].recv(new Uint8Array(1))
    await pair[1].close()
    await expect(gone).rejects.toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) })
    await pair[0].close()
    pair = await open()
    const closed = sendFile(pair[0], path)
    await pair[1].recv(new Uint8Array(1))
    await pair[0].close()
    await expect(closed).rejects.toMatchObject({ code: 'EBADF' })
    await expect(sendFile(pair[0], path)).rejects.toMatchObject({ code: 'EBADF' })
  })
})

test('sendFile: what cannot be is said before anything is sent', async () => {
  const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
  const datagram = new Socket(os, AF_INET, SOCK_DGRAM)
  left.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096)
  const wrong = (file: unknown, options?: unknown) => sendFile(left, file as string, options as object)
  await expect(sendFile(null as unknown as Socket, path)).rejects.toThrow('socket must be a Socket, got null')
  await expect(sendFile(datagram, path)).rejects.toThrow('socket must be a stream')
  await expect(wrong(null)).rejects.toThrow('file must be a path, a URL or a descriptor, got null')
  await expect(wrong(-1)).rejects.toThrow('file must be an integer from 0')
  await expect(wrong(path, { offset: -1 })).rejects.toThrow('options.offset must be an integer from 0')
  await expect(wrong(path, { length: 0.5 })).rejects.toThrow('options.length must be an integer from 0')
  await expect(wrong(path, { size: 1 })).rejects.toThrow("options has no 'size'")
  await expect(wrong(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(wrong(folder)).rejects.toMatchObject({ code: 'EISDIR' })
  await expect(wrong(999)).rejects.toMatchObject({ code: 'EBADF' })
  expect(right.tryRecv(new Uint8Array(1))).toBe(-11)
  await Promise.all([left, right, datagram].map((socket) => socket.close()))
})
