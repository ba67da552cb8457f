import { once } from 'node:events'
import type { Socket } from 'node:net'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { differential, type Programs } from '../harness.ts'
import { closed, connectedPair, gone, listening, portOf, STREAM_EVENTS } from './programs.ts'

const programs: Programs = {
  'texts and octets in every encoding': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    const heard: string[] = []
    peer.on('data', (data) => heard.push(data.toString('latin1')))
    for (const encoding of ['utf8', 'latin1', 'hex', 'base64', 'ucs2', 'ascii', 'binary', 'utf-16le'] as const) {
      client.write(encoding === 'hex' ? 'c3a4' : 'Grüße', encoding)
    }
    client.write(Buffer.from('octets'))
    client.write(new Uint8Array([1, 2, 3]))
    client.write('')
    client.end()
    await once(peer, 'end')
    bench.log('heard', heard.join(''), peer.bytesRead, client.bytesWritten)
    peer.end()
    client.resume()
    await gone(client, peer)
    await closed(server)
  },
  'setEncoding and a paused reader': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.setEncoding('utf8')
    client.end('täglich')
    bench.log('read', peer.read())
    await once(peer, 'readable')
    bench.log('read', peer.read())
    bench.heard(peer, 'end', 'close')
    peer.resume()
    client.resume()
    await gone(client, peer)
    await closed(server)
  },
  'what cannot be written': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    for (const chunk of [null, undefined, 5, {}, [], true]) {
      bench.attempt(`write ${String(chunk)}`, () => client.write(chunk as never))
    }
    bench.attempt('encoding', () => client.write('x', 'no-such-encoding' as never))
    client.destroy()
    peer.on('error', () => {}).resume()
    await gone(client, peer)
    await closed(server)
  },
  'corked writes go together': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(peer, 'data')
    client.cork()
    client.write('one ', () => bench.log('one written'))
    client.write(Buffer.from('two '), () => bench.log('two written'))
    client.write('drei', 'latin1', () => bench.log('three written'))
    bench.log('counts', client.bytesWritten, client.writableLength, client.bufferSize)
    client.uncork()
    bench.log('counts', client.bytesWritten, client.writableLength)
    await once(peer, 'data')
    client.end()
    peer.end()
    client.resume()
    await gone(client, peer)
    bench.log('counts', client.bytesWritten, peer.bytesRead)
    await closed(server)
  },
  'more than fits: drain, and all of it arrives': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    const block = Buffer.alloc(1 << 20, 'x')
    let received = 0
    peer.pause()
    bench.log('write', client.write(block))
    for (let i = 0; i < 15; i++) client.write(block, () => bench.log('written', i))
    bench.log('counts', client.writableNeedDrain, client.bytesWritten)
    bench.heard(client, 'drain', 'finish')
    peer.on('data', (data) => {
      received += data.length
    })
    peer.resume()
    client.end()
    await once(peer, 'end')
    bench.log('received', received, peer.bytesRead, client.bytesWritten)
    peer.end()
    client.resume()
    await gone(client, peer)
    await closed(server)
  },
  'many chunks at once': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    let received = 0
    client.cork()
    for (let i = 0; i < 3000; i++) client.write(i % 2 === 0 ? Buffer.alloc(i, 'y') : 'z'.repeat(i))
    client.uncork()
    client.end()
    for await (const data of peer) received += data.length
    bench.log('received', received, client.bytesWritten)
    client.resume()
    await gone(client)
    await closed(server)
  },
  'the peer ends: the socket ends too': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, ...STREAM_EVENTS)
    peer.end('bye')
    peer.resume()
    await gone(client, peer)
    bench.log('state', client.readyState, client.destroyed, client.readableEnded, client.writableFinished)
    await closed(server)
  },
  'half open: the socket goes on': async (bench) => {
    const { server, client, peer } = await connectedPair(bench, { allowHalfOpen: true }, { allowHalfOpen: true })
    bench.heard(client, ...STREAM_EVENTS)
    peer.on('data', (data) => bench.log('peer heard', data))
    peer.end('bye')
    await once(client, 'end')
    bench.log('state', client.readyState, peer.readyState)
    client.write('still here', () => bench.log('written'))
    await once(peer, 'data')
    bench.log('state', client.readyState, peer.readyState, client.destroyed)
    client.end('now')
    await gone(client, peer)
    bench.log('state', client.readyState, peer.readyState)
    await closed(server)
  },
  'a write after the peer has ended': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.resume()
    peer.end()
    client.resume()
    await once(client, 'end')
    bench.heard(client, ...STREAM_EVENTS)
    await gone(client)
    bench.log(
      'write',
      client.write('late', (error) => bench.log('written', error)),
    )
    await bench.turns()
    const { write } = client
    bench.log('its write', write === bench.net.Socket.prototype.write)
    await closed(server)
  },
  'a write from the listener of end': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, 'finish', 'error', 'close')
    client.resume()
    client.on('end', () =>
      bench.log(
        'write',
        client.write('late', (error) => bench.log('written', error)),
      ),
    )
    peer.resume()
    peer.end()
    await gone(client, peer)
    await closed(server)
  },
  'a write after end': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, 'finish', 'error', 'close')
    peer.on('error', () => {}).resume()
    client.end('last')
    bench.log(
      'write',
      client.write('late', (error) => bench.log('written', error)),
    )
    await gone(client)
    peer.end()
    await gone(peer)
    await closed(server)
  },
  'end with everything': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(peer, 'data', 'end')
    bench.heard(client, 'finish', 'end', 'close')
    bench.log('self', client.end('last', 'latin1', () => bench.log('ended')) === client)
    client.end(() => bench.log('ended again'))
    client.resume()
    peer.resume()
    await gone(client, peer)
    await closed(server)
  },
  'destroy is told as close': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, ...STREAM_EVENTS)
    bench.heard(peer, ...STREAM_EVENTS)
    bench.log('self', client.destroy() === client, client.destroyed, client.readyState)
    bench.log('again', client.destroy(new Error('too late')) === client)
    await gone(client, peer)
    await closed(server)
  },
  'destroy with an error': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, ...STREAM_EVENTS)
    peer.on('error', () => {}).resume()
    client.destroy(new Error('mine'))
    await gone(client, peer)
    await closed(server)
  },
  'destroySoon writes what there is': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, 'finish', 'close', 'error')
    bench.heard(peer, 'data', 'end', 'close')
    client.write('first ')
    client.write('second')
    client.destroySoon()
    bench.log('state', client.destroyed, client.writableEnded)
    await gone(client, peer)
    client.destroySoon()
    await closed(server)
  },
  'resetAndDestroy resets': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, ...STREAM_EVENTS)
    bench.heard(peer, ...STREAM_EVENTS)
    bench.log('self', client.resetAndDestroy() === client, client.destroyed)
    await gone(client, peer)
    bench.log('again', client.resetAndDestroy() === client)
    await bench.turns()
    await closed(server)
  },
  'resetAndDestroy before the connection is there': async (bench) => {
    const server = await listening(bench, {}, (socket) =>
      socket.on('error', (error) => bench.log('peer', error)).resume(),
    )
    const client = bench.net.connect(portOf(server), '127.0.0.1')
    bench.heard(client, 'connect', ...STREAM_EVENTS)
    client.resetAndDestroy()
    await gone(client)
    await closed(server)
    const never = new bench.net.Socket()
    bench.heard(never, ...STREAM_EVENTS)
    never.resetAndDestroy()
    await gone(never)
  },
  'a write to a peer that has reset': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    client.pause()
    peer.resetAndDestroy()
    await gone(peer)
    bench.heard(client, ...STREAM_EVENTS)
    client.write('x', (error) => bench.log('written', error))
    await gone(client)
    await closed(server)
  },
  'pause keeps data back': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(peer, 'data', 'end', 'close')
    peer.pause()
    bench.log('paused', peer.isPaused())
    client.write('one')
    await bench.turns()
    bench.log('resume')
    peer.resume()
    await once(peer, 'data')
    client.end('two')
    client.resume()
    await gone(client, peer)
    await closed(server)
  },
  'pause before the connection is there': async (bench) => {
    const server = await listening(bench, {}, (socket) => socket.end('hello'))
    const client = bench.net.connect(portOf(server), '127.0.0.1')
    bench.heard(client, 'connect', ...STREAM_EVENTS)
    client.pause()
    await once(client, 'connect')
    await bench.turns()
    bench.log('still', client.isPaused(), client.bytesRead)
    client.resume()
    await gone(client)
    await closed(server)
  },
  pauseOnConnect: async (bench) => {
    const { server, client, peer } = await connectedPair(bench, { pauseOnConnect: true })
    bench.heard(peer, 'data', 'end')
    client.end('hello')
    client.resume()
    await bench.turns()
    bench.log('paused', peer.isPaused(), peer.readableFlowing, peer.bytesRead)
    peer.resume()
    await gone(client, peer)
    await closed(server)
  },
  'onread with one buffer': async (bench) => {
    const { server, client, peer } = await connectedPair(
      bench,
      {},
      {
        onread: {
          buffer: Buffer.alloc(16),
          callback(count: number, buffer: Uint8Array) {
            bench.log('read', count, Buffer.from(buffer.subarray(0, count)).toString(), this === undefined)
            return true
          },
        },
      },
    )
    bench.heard(client, ...STREAM_EVENTS)
    peer.write('short')
    await bench.turns()
    peer.end('something that is longer than the buffer')
    peer.resume()
    await gone(client, peer)
    bench.log('count', client.bytesRead)
    await closed(server)
  },
  'onread with a function that gives buffers, and that stops': async (bench) => {
    let calls = 0
    const { server, client, peer } = await connectedPair(
      bench,
      {},
      {
        onread: {
          buffer: () => {
            bench.log('buffer', ++calls)
            return Buffer.alloc(8)
          },
          callback(count: number, buffer: Uint8Array) {
            bench.log('read', Buffer.from(buffer.subarray(0, count)).toString())
            return calls !== 3
          },
        },
      },
    )
    bench.heard(client, ...STREAM_EVENTS)
    peer.end('eight by eight by eight by eight')
    peer.resume()
    await bench.turns()
    bench.log('resume')
    client.resume()
    await gone(client, peer)
    await closed(server)
  },
  'onread that pauses': async (bench) => {
    const { server, client, peer } = await connectedPair(
      bench,
      {},
      {
        onread: {
          buffer: Buffer.alloc(4),
          callback(this: unknown, count: number, buffer: Uint8Array) {
            bench.log('read', Buffer.from(buffer.subarray(0, count)).toString())
            client?.pause()
            return true
          },
        },
      },
    )
    peer.end('12345678')
    peer.resume()
    for (let i = 0; i < 4; i++) {
      await bench.turns()
      bench.log('resume')
      client.resume()
    }
    await gone(client, peer)
    await closed(server)
  },
  'onread that is not complete is none': ({ net, attempt }) => {
    for (const onread of [
      null,
      5,
      {},
      { buffer: Buffer.alloc(1) },
      { callback() {} },
      { buffer: 'x', callback() {} },
    ]) {
      attempt('socket', () => new net.Socket({ onread } as never).readyState)
    }
  },
  'a timeout of idleness': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    bench.heard(client, 'timeout', 'close')
    bench.log('self', client.setTimeout(5, () => bench.log('callback')) === client, client.timeout)
    await once(client, 'timeout')
    bench.log('listeners', client.listenerCount('timeout'))
    const listener = () => bench.log('never')
    client.setTimeout(1000, listener)
    bench.log('listeners', client.listenerCount('timeout'))
    client.setTimeout(0, listener)
    bench.log('listeners', client.listenerCount('timeout'), client.timeout)
    client.destroy()
    bench.log('destroyed', client.setTimeout(5) === client, client.timeout)
    peer.on('error', () => {}).resume()
    await gone(client, peer)
    await closed(server)
  },
  'the option timeout': async (bench) => {
    const server = await listening(bench, {}, (socket) => socket.resume())
    const client = bench.net.connect({ port: portOf(server), host: '127.0.0.1', timeout: 100 })
    bench.heard(client, 'connect', 'timeout', 'close')
    bench.log('timeout', client.timeout)
    await once(client, 'timeout')
    client.end()
    client.resume()
    await gone(client)
    await closed(server)
  },
  'setters of a connected socket': async (bench) => {
    const { server, client, peer } = await connectedPair(
      bench,
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 },
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 },
    )
    bench.log('self', client.setNoDelay(false) === client, client.setNoDelay() === client)
    bench.log('self', client.setKeepAlive(true, 10000) === client, client.setKeepAlive(false) === client)
    bench.log('self', client.ref() === client, client.unref() === client, client.ref() === client)
    client.end()
    client.resume()
    peer.resume()
    await gone(client, peer)
    bench.log('self', client.setNoDelay() === client, client.setKeepAlive() === client, client.ref() === client)
    await closed(server)
  },
  'high water marks': async (bench) => {
    const { server, client, peer } = await connectedPair(bench, { highWaterMark: 1000 }, { highWaterMark: 500 })
    bench.log('marks', client.readableHighWaterMark, client.writableHighWaterMark)
    bench.log('marks', peer.readableHighWaterMark, peer.writableHighWaterMark)
    bench.log('write', peer.write(Buffer.alloc(999)), peer.write(Buffer.alloc(1000)))
    client.resume()
    peer.resume()
    client.end()
    await gone(client, peer)
    await closed(server)
  },
  'async iteration ends the socket': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    client.end('for await')
    client.resume()
    for await (const data of peer) bench.log('data', data)
    bench.log('over', peer.destroyed)
    await gone(client)
    await closed(server)
  },
  'a pipe echoes': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.pipe(peer)
    bench.heard(client, ...STREAM_EVENTS)
    client.write('there and back')
    await once(client, 'data')
    client.end()
    await gone(client, peer)
    await closed(server)
  },
  'listeners that throw': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.on('data', () => {
      throw new Error('thrown by data')
    })
    client.write('x')
    await bench.turns(4)
    bench.log('state', peer.destroyed, peer.readyState)
    client.destroy()
    peer.removeAllListeners('data')
    peer.on('error', () => {}).resume()
    await gone(client, peer)
    await closed(server)
  },
  'what is deferred between two chunks runs between them': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    const seen: string[] = []
    peer.on('data', (data: Buffer) => {
      seen.push(`data ${data.length > 0}`)
      process.nextTick(() => {
        seen.push('tick')
        process.nextTick(() => seen.push('tick of tick'))
      })
      Promise.resolve().then(() => seen.push('microtask'))
    })
    peer.on('end', () => seen.push('end'))
    client.end('x')
    client.resume()
    await gone(client, peer)
    bench.log('seen', seen)
    await closed(server)
  },
  'immediates and close': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.on('error', () => {}).resume()
    const seen: string[] = []
    client.on('close', () => seen.push('close'))
    client.destroy()
    process.nextTick(() => seen.push('tick'))
    setImmediate(() => seen.push('immediate'))
    await gone(client, peer)
    bench.log('seen', seen)
    await closed(server)
  },
  'the error comes before close, and both after the ticks': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.on('error', () => {}).resume()
    const seen: string[] = []
    client.on('error', () => seen.push('error'))
    client.on('close', () => seen.push('close'))
    client.destroy(new Error('mine'))
    process.nextTick(() => seen.push('tick'))
    Promise.resolve().then(() => seen.push('microtask'))
    await gone(client, peer)
    bench.log('seen', seen)
    await closed(server)
  },
  'server and socket know each other': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    const parts = peer as unknown as { server: unknown; _server: unknown }
    bench.log('server', parts.server === server, parts._server === server)
    bench.log('client', (client as unknown as { server: unknown }).server)
    client.destroy()
    peer.on('error', () => {}).resume()
    await gone(client, peer as Socket)
    await closed(server)
  },
  'Symbol.asyncDispose of a socket': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.on('error', () => {}).resume()
    bench.heard(client, 'error', 'close')
    const dispose = (client as unknown as Record<symbol, (() => Promise<void>) | undefined>)[Symbol.asyncDispose]
    bench.log('is', typeof dispose)
    client.destroy()
    await gone(client, peer)
    await closed(server)
  },
}

differential('net: data', programs, { net: netFor })
