// node exit-program.mjs MODULE SUBJECT TIME: what it opens is left alone; it writes "exit" when the process ends by itself, and "still here"
// when it has not after so many milliseconds.

import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [, , module, subject, time] = process.argv
const { default: net } = await import(module)
const say = (text) => process.stdout.write(`${text}\n`)
const serve = (listener, then) => {
  const server = net.createServer(listener)
  server.listen(0, '127.0.0.1', () => then(server, server.address().port))
  return server
}
/** A server that keeps nobody, and the client of it. */
const connect = (then) =>
  serve(
    (socket) => socket.unref(),
    (server, port) => {
      server.unref()
      then(port)
    },
  )

const subjects = {
  nothing() {
    new net.Socket()
    net.createServer()
  },
  'a server without ref': () => serve(null, (server) => server.unref()),
  'a server without ref before it listens': () =>
    net
      .createServer()
      .unref()
      .listen(0, '127.0.0.1', () => say('listening')),
  'a server that closes': () => serve(null, (server) => server.close(() => say('closed'))),
  'connections without ref': () =>
    connect((port) => {
      const client = net.connect(port, '127.0.0.1', () => client.unref())
      client.resume()
    }),
  'a client that is paused': () => connect((port) => net.connect(port, '127.0.0.1', () => say('connected')).pause()),
  'an echo that ends': () =>
    serve(
      (socket) => socket.pipe(socket),
      (server, port) => {
        const client = net.connect(port, '127.0.0.1', () => client.end('x'))
        client.resume().on('close', () => server.close(() => say('closed')))
      },
    ),
  'a timeout alone': () => new net.Socket().setTimeout(1_000_000),
  'a Unix socket'() {
    const path = join(tmpdir(), `jackfield-exit-${process.pid}`)
    const server = net.createServer((socket) => socket.end())
    server.listen(path, () =>
      net
        .connect(path)
        .resume()
        .on('close', () => server.close(() => say('closed'))),
    )
  },
  'data that is still to be sent': () =>
    serve(
      (socket) => {
        let count = 0
        socket.on('data', ({ length }) => {
          count += length
        })
        socket.on('end', () => say(`received ${count}`))
      },
      (server, port) => {
        server.unref()
        net
          .connect(port, '127.0.0.1')
          .resume()
          .end(Buffer.alloc(8 << 20))
      },
    ),
  'a server': () => serve(null, () => {}),
  'a server with ref again': () => serve(null, (server) => server.unref().ref()),
  'a client that reads': () => connect((port) => net.connect(port, '127.0.0.1').resume()),
}

subjects[subject]()
process.on('exit', () => say('exit'))
setTimeout(() => say('still here'), Number(time)).unref()
