import { describe, expect, it } from 'vitest'
import { amount } from '../soak.ts'
import { resultOf, runProgram } from './program.ts'

const prelude = `
  import { execFileSync } from 'node:child_process'
  import { readdirSync, closeSync, openSync, readFileSync } from 'node:fs'
  import { AF_INET, AF_UNIX, EBADF, Message, SO_LINGER, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, Socket } from 'jackfield'
  import { os } from 'jackfield/os'
  const localhost = { address: '127.0.0.1', port: 0 }
  function listener() {
    const socket = new Socket(os, AF_INET, SOCK_STREAM)
    socket.bind(localhost)
    socket.listen(128)
    return socket
  }
  async function connection() {
    const server = listener()
    const client = new Socket(os, AF_INET, SOCK_STREAM)
    await client.connect(server.getsockname())
    const accepted = await server.accept()
    await server.close()
    return [client, accepted]
  }
  const open = () => readdirSync('/proc/self/fd').length
  const code = (promise) => promise.then((value) => value, (error) => error.code ?? error.name)
  const limit = (descriptors) => execFileSync('prlimit', ['--pid', process.pid, '--nofile=' + descriptors])
  const say = (value) => console.log(JSON.stringify(value))
`

function told(text: string, options = {}): Promise<unknown> {
  return resultOf(runProgram(prelude + text, options))
}

describe('the life of a program', () => {
  it('ends by itself once its sockets are closed', async () => {
    const text = `
      const [client, accepted] = await connection()
      const waits = code(accepted.recv(new Uint8Array(1)))
      await client.close()
      say(await waits)
      await accepted.close()`
    expect(await told(text)).toBe(0)
  })

  it('ends by itself where no socket was ever made, and where only the provider was asked', async () => {
    expect(await told(`say([os.size, os.endpoint(1000), os.interfaceIndex('lo') > 0])`)).toEqual([0, null, true])
  })

  it('goes on as long as a socket is open, even if nobody waits on it', async () => {
    const { code, stdout } = await runProgram(`${prelude}
      listener()
      setTimeout(() => { console.log('alive'); process.exit(7) }, 300).unref()`)
    expect([code, stdout]).toEqual([7, 'alive\n'])
  })

  it('unref: an open socket, and one that a call waits on, let it end; ref takes that back', async () => {
    expect(await told(`const server = listener().unref(); void server.accept(); say('over')`)).toBe('over')
    const { code } = await runProgram(`${prelude}
      const server = listener().unref().unref()
      server.ref()
      setTimeout(() => process.exit(7), 200).unref()`)
    expect(code).toBe(7)
  })

  it('unref of one socket does not take the hold of another', async () => {
    const { code } = await runProgram(`${prelude}
      const server = listener()
      const other = listener().unref()
      await other.close()
      setTimeout(() => process.exit(7), 200).unref()`)
    expect(code).toBe(7)
  })

  it('detach: what was let go of keeps nothing alive', async () => {
    expect(await told(`say(listener().detach() > 2)`)).toBe(true)
  })

  it('ends while a close lingers in its own thread (SO_LINGER), and what was sent arrives', async () => {
    const text = `
      const server = listener()
      const client = new Socket(os, AF_INET, SOCK_STREAM)
      await client.connect(server.getsockname())
      const accepted = await server.accept()
      client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
      const sending = client.send(new Uint8Array(1 << 20))
      let length = 0
      const bytes = new Uint8Array(65536)
      const reading = (async () => { for (let n; (n = await accepted.recv(bytes)) > 0; ) length += n })()
      await sending
      await client.close()
      await reading
      say(length)
      await accepted.close()
      await server.close()`
    expect(await told(text)).toBe(1 << 20)
  })

  it('process.exit while calls wait is an ordinary end', async () => {
    const { code, signal } = await runProgram(`${prelude}
      const [client, accepted] = await connection()
      void client.recv(new Uint8Array(1)); void accepted.recv(new Uint8Array(1)); void listener().accept()
      setImmediate(() => process.exit(5))`)
    expect([code, signal]).toEqual([5, null])
  })
})

const ROUNDS = amount(10_000, 100_000)

describe(`nothing leaks over ${ROUNDS} open and closed`, () => {
  // Octets of resident memory that the second half may cost: what one call leaves behind would be as much, were it 500 octets in a
  // soak, and 5,000 else. The collector's own ups and downs are half of it.
  const growth = 24 << 20

  async function leaks(each: string, rounds = ROUNDS): Promise<void> {
    const text = `
      // What native objects hold goes with the second collection.
      const resident = () => { for (let i = 0; i < 3; i++) globalThis.gc(); return process.memoryUsage().rss }
      const warm = ${rounds} / 2
      const server = listener()
      const address = server.getsockname()
      const bytes = new Uint8Array(16)
      async function each(round) {${each}}
      for (let i = 0; i < warm; i++) await each(i)
      await new Promise((resolve) => setTimeout(resolve, 20))
      const [descriptors, sockets, before] = [open(), os.size, resident()]
      for (let i = warm; i < ${rounds}; i++) await each(i)
      await new Promise((resolve) => setTimeout(resolve, 20))
      const registered = readdirSync('/proc/self/fdinfo').flatMap((fd) => {
        try { return readFileSync('/proc/self/fdinfo/' + fd, 'utf8').match(/^tfd:/gm) ?? [] } catch { return [] }
      }).length
      say([open() - descriptors, os.size - sockets, registered < 30, resident() - before])
      await server.close()`
    const result = (await told(text, { node: ['--expose-gc'] })) as [number, number, boolean, number]
    expect(result.slice(0, 3)).toEqual([0, 0, true])
    expect(result[3]).toBeLessThan(growth)
  }

  it('sockets that are only made', () => leaks(`await new Socket(os, AF_INET, SOCK_DGRAM).close()`))

  it('pairs, each end registered with a call that waits when it is closed', () =>
    leaks(`
      const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
      const waits = [code(left.recv(bytes)), code(right.recv(bytes))]
      await left.close(); await right.close()
      const [one, two] = await Promise.all(waits)
      if (one !== 'EBADF' || two !== 'EBADF') throw new Error(one + ' ' + two)`))

  it('duplicates of one that is registered', () =>
    leaks(`
      const copy = server.dup()
      const waits = code(copy.accept())
      await copy.close()
      if (await waits !== 'EBADF') throw new Error()`))

  // 28,000 ports: a client that resets leaves none behind.
  it('connections, made, accepted, used and reset', () =>
    leaks(
      `
      const client = new Socket(os, AF_INET, SOCK_STREAM)
      client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
      const accepting = server.accept()
      await client.connect(address)
      const accepted = await accepting
      const waits = accepted.recv(bytes)
      await client.send(bytes)
      await waits
      await client.close()
      await accepted.close()`,
    ))

  it('descriptors let go of and taken again', () =>
    leaks(`
      const [left, right] = Socket.pair(os, AF_UNIX, SOCK_DGRAM)
      void code(left.recv(bytes))
      const again = Socket.fromDescriptor(os, left.detach())
      await again.close(); await right.close()`))

  it('waiters that are aborted or whose time is over', () =>
    leaks(
      `
      const abort = new AbortController()
      const waits = code(server.accept({ signal: abort.signal }))
      abort.abort()
      if (await waits !== 20 && await waits !== 'AbortError') throw new Error(await waits)`,
    ))
})

describe('a descriptor is nobody else’s', () => {
  it('closed twice: EBADF of the endpoint, the same promise of the Socket', async () => {
    const text = `
      const socket = new Socket(os, AF_INET, SOCK_DGRAM)
      const endpoint = os.endpoint(socket.fd)
      const first = socket.close()
      const taken = new Socket(os, AF_INET, SOCK_DGRAM)
      say([first === socket.close(), endpoint.close() === -EBADF, os.endpoint(taken.fd) !== null, taken.fd])
      taken.bind(localhost)
      await taken.close()`
    expect(((await told(text)) as unknown[]).slice(0, 3)).toEqual([true, true, true])
  })

  it.each([
    ['recv', 'left.recv(bytes)'],
    ['recvfrom', 'left.recvfrom(bytes)'],
    ['recvmsg', 'left.recvmsg(new Message([bytes]))'],
    ['send', 'left.send(new Uint8Array(1 << 22)).then((count) => count < 1 << 22 ? "part" : "all")'],
    ['accept', 'server.accept()'],
    ['connect', 'client.connect(full.getsockname())'],
  ])('%s that waits while its socket is closed, and its number is taken by another: EBADF', async (name, call) => {
    const text = `
      const bytes = new Uint8Array(8)
      const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
      const server = listener()
      const client = new Socket(os, AF_INET, SOCK_STREAM)
      // Its queue takes one connection: the SYN of the next is dropped.
      const full = new Socket(os, AF_INET, SOCK_STREAM)
      full.bind(localhost)
      full.listen(0)
      await new Socket(os, AF_INET, SOCK_STREAM).connect(full.getsockname())
      const waits = code(${call})
      await new Promise((resolve) => setTimeout(resolve, 30))
      const socket = { recv: left, recvfrom: left, recvmsg: left, send: left, accept: server, connect: client }['${name}']
      const { fd } = socket
      void socket.close()
      const pair = Socket.pair(os, AF_UNIX, SOCK_STREAM)
      const same = pair[0].fd === fd
      await pair[1].send(new Uint8Array([1, 2, 3]))
      const result = await waits
      const heard = await pair[0].recv(bytes)
      say([same, result, heard])
      process.exit()`
    expect(await told(text)).toEqual([true, name === 'send' ? 'part' : 'EBADF', 3])
  })

  it('aborted calls give the reason, and the socket goes on', async () => {
    const text = `
      const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
      const bytes = new Uint8Array(8)
      const result = await code(left.recv(bytes, 0, { signal: AbortSignal.timeout(10) }))
      await right.send(bytes)
      say([result, await left.recv(bytes)])
      await left.close(); await right.close()`
    expect(await told(text)).toEqual([23, 8])
  })

  it('closed behind our back, and the number taken: the old one is closed, and never touches the new one', async () => {
    const text = `
      const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
      const bytes = new Uint8Array(8)
      const waits = code(left.recv(bytes))
      const { fd } = left
      closeSync(fd)
      const direct = code(left.send(bytes))
      const [taken, peer] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
      const results = [taken.fd === fd, await direct, await waits]
      results.push(await code(left.send(bytes)), left.fd === fd)
      await left.close()
      await peer.send(bytes)
      results.push(await taken.recv(bytes), os.size)
      say(results)
      await taken.close(); await peer.close(); await right.close()`
    expect(await told(text)).toEqual([true, 'EBADF', 'EBADF', 'EBADF', false, 8, 3])
  })

  it('closed by what another event of the same burst wakes: its own event goes to nobody', async () => {
    const text = `
      const pairs = Array.from({ length: 20 }, () => Socket.pair(os, AF_UNIX, SOCK_STREAM))
      const bytes = new Uint8Array(8)
      const heard = []
      for (const [index, [left]] of pairs.entries()) {
        void left.recv(bytes).catch(() => {})
        left.addWatcher({ ready(events) {
          if ((events & 1) === 0 || (events & 32) !== 0) return
          heard.push(index)
          // Everyone else is closed at once, and the numbers are taken again.
          for (const [other] of pairs) if (other !== left) void other.close()
          const [one] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
          one.addWatcher({ ready: (events) => { if ((events & 1) !== 0) heard.push('stranger') } })
        } })
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
      for (const [, right] of pairs) right.trySend(bytes)
      while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve))
      setTimeout(() => { say(heard.length); process.exit() }, 50)`
    expect(await told(text)).toBe(1)
  })

  it('a watcher that throws is heard of, and does not keep the others from being told', async () => {
    const text = `
      process.on('uncaughtException', (error) => heard.push(error.message))
      const pairs = Array.from({ length: 3 }, () => Socket.pair(os, AF_UNIX, SOCK_STREAM))
      const heard = []
      for (const [index, [left]] of pairs.entries()) {
        void left.recv(new Uint8Array(1)).then(() => heard.push(index))
        left.addWatcher({ ready() { throw new Error('of watcher ' + index) } })
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
      heard.length = 0
      for (const [, right] of pairs) right.trySend(new Uint8Array(1))
      while (heard.length < 6) await new Promise((resolve) => setImmediate(resolve))
      setTimeout(() => { say(heard.map(String).sort()); process.exit() }, 50)`
    expect(await told(text)).toEqual(['0', '1', '2', 'of watcher 0', 'of watcher 1', 'of watcher 2'])
  })
})

describe('more than there is room for', () => {
  it('EMFILE at accept: the listener goes on, and takes the same connection when a descriptor is free', async () => {
    const text = `
      const server = listener()
      const address = server.getsockname()
      const clients = []
      const first = new Socket(os, AF_INET, SOCK_STREAM)
      void first.connect(address)
      await server.accept()
      const last = new Socket(os, AF_INET, SOCK_STREAM)
      const made = []
      limit(64)
      for (;;) {
        try { made.push(new Socket(os, AF_INET, SOCK_DGRAM)) } catch (error) { clients.push(error.code); break }
      }
      await last.connect(address)
      clients.push(await code(server.accept()))
      const endpointError = os.dup(last.fd)
      clients.push(endpointError)
      await made.pop().close()
      const accepted = await server.accept()
      clients.push(accepted.getpeername().port === last.getsockname().port)
      say(clients)
      process.exit()`
    expect(await told(text)).toEqual(['EMFILE', 'EMFILE', -24, true])
  })

  it('EMFILE while accept waits for an event: the call fails, the next one waits again', async () => {
    const text = `
      const server = listener()
      const waits = code(server.accept())
      const client = new Socket(os, AF_INET, SOCK_STREAM)
      const made = []
      limit(64)
      for (;;) {
        try { made.push(new Socket(os, AF_INET, SOCK_DGRAM)) } catch { break }
      }
      await client.connect(server.getsockname())
      const result = await waits
      for (const socket of made) await socket.close()
      const accepted = await server.accept()
      say([result, accepted.fd > 0])
      process.exit()`
    expect(await told(text)).toEqual(['EMFILE', true])
  })

  it('500 sockets ready in one turn are all told of it', async () => {
    const text = `
      const pairs = Array.from({ length: 500 }, () => Socket.pair(os, AF_UNIX, SOCK_STREAM))
      await new Promise((resolve) => setTimeout(resolve, 20))
      const all = Promise.all(pairs.map(([left]) => left.recv(new Uint8Array(1))))
      await new Promise((resolve) => setTimeout(resolve, 20))
      for (const [, right] of pairs) right.trySend(new Uint8Array(1))
      say((await all).length)
      process.exit()`
    expect(await told(text)).toBe(500)
  })
})
