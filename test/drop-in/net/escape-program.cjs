// node [--import register] escape-program.cjs SUBJECT: what nobody catches ends the process.

'use strict'
const net = require('node:net')

const [, , subject] = process.argv
const LOCAL = '127.0.0.1'
const say = (...words) => process.stdout.write(`${words.join(' ')}\n`)
const found = [
  { address: LOCAL, family: 4 },
  { address: '::1', family: 6 },
]
const serve = (options, listener, then) => {
  const server = net.createServer(options, listener).listen(0, LOCAL, () => then(server.address().port, server))
  return server
}
const connectTo = (port) => net.connect(port, LOCAL).on('error', () => {})

const subjects = {
  'nobody hears that nobody listens': () => net.connect(1, LOCAL),
  'nobody hears that no address answers': () =>
    net.connect({ port: 1, host: 'some.name', lookup: (_host, _options, callback) => callback(null, found) }),
  'nobody hears that there is no path': () => net.connect('/nothing/here'),
  'nobody hears of a lookup that fails': () =>
    net.connect({
      port: 1,
      host: 'some.name',
      lookup: (_host, _options, callback) => callback(new Error('no such name')),
    }),
  'nobody hears that a port is in use': () => serve({}, null, (port) => net.createServer().listen(port, LOCAL)),
  'a wrong port': () => net.connect(65536),
  'no port and no path': () => net.connect({}),
  'a listener of connection throws': () =>
    serve(
      {},
      () => {
        throw new Error('by a listener')
      },
      connectTo,
    ),
  'a listener of data throws': () =>
    serve(
      {},
      (socket) =>
        socket.on('data', () => {
          throw new TypeError('by a listener')
        }),
      (port) => connectTo(port).write('x'),
    ),
  'a listener of connection rejects': () =>
    serve(
      {},
      async () => {
        throw new Error('by a listener')
      },
      connectTo,
    ),
  'it is heard of, and goes on': () => {
    process.on('uncaughtException', ({ message }, origin) => say('uncaught', message, origin))
    const server = serve(
      {},
      (socket) => {
        socket.on('end', () => {
          server.close()
          throw new Error('in end')
        })
        socket.resume()
        throw new Error('in connection')
      },
      (port) => {
        const client = net.connect(port, LOCAL, () => {
          client.end('x')
          throw new Error('in connect')
        })
        client.on('close', () => {
          throw new Error('in close')
        })
        throw new Error('in listening')
      },
    )
  },
  'many octets go to and fro': () => {
    const sent = Buffer.alloc(12e6, 'jackfield')
    const server = serve(
      { allowHalfOpen: true },
      (socket) => socket.pipe(socket),
      (port) => {
        const received = []
        const client = net.connect(port, LOCAL)
        client.on('data', (data) => received.push(data))
        client.on('close', (hadError) => {
          const { bytesRead, bytesWritten, localAddress, remoteAddress } = client
          say(hadError, bytesRead, bytesWritten, localAddress, remoteAddress, sent.equals(Buffer.concat(received)))
          server.close(() => say('closed'))
        })
        client.end(sent, () => say('sent'))
      },
    )
  },
}

process.on('exit', (code) => say('exit', code))
subjects[subject]()
