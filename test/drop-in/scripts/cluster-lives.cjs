// What sockets and servers of a worker of a cluster go through, each in a worker of its own, over os.
'use strict'

const cluster = require('node:cluster')
const dgram = require('node:dgram')
const net = require('node:net')

const HERE = '127.0.0.1'
const NOWHERE = '203.0.113.5'
const tell = (...what) => process.send(what)
const leave = () => cluster.worker.disconnect()
const failed = ({ message, code, syscall, address }) => {
  tell(message, code, syscall, address)
  leave()
}

const SUBJECTS = {
  'a datagram socket that closes when it is bound'() {
    const socket = dgram.createSocket('udp4')
    socket.bind(0, HERE, () => {
      tell(socket.address().address)
      socket.close(leave)
    })
  },
  'a datagram socket that closes before it is bound'() {
    const socket = dgram.createSocket('udp4')
    socket.on('listening', () => tell('listening'))
    socket.bind(0, HERE)
    socket.close(leave)
  },
  'a datagram socket that is closed with the connection to the primary'() {
    const socket = dgram.createSocket({ type: 'udp6', ipv6Only: true }, (data) => {
      tell(String(data))
      leave()
    })
    socket.bind(0, () => socket.send('to itself', socket.address().port, '::1'))
  },
  'a datagram socket of its own'() {
    const socket = dgram.createSocket('udp4')
    socket.bind({ port: 0, address: HERE, exclusive: true }, () => socket.close(leave))
  },
  'a datagram socket that is bound by sending'() {
    const socket = dgram.createSocket('udp4')
    socket.send('x', 9, HERE, () => socket.close(leave))
  },
  'a datagram socket at an address that is none'() {
    dgram.createSocket('udp4').on('error', failed).bind(0, NOWHERE)
  },
  'a server that closes before it listens'() {
    const server = net.createServer().listen(0, HERE)
    server.on('listening', () => tell('listening'))
    server.close(leave)
  },
  'a server that listens again'() {
    const server = net.createServer()
    server.listen(0, HERE, () => {
      const { port } = server.address()
      server.close(() => server.listen(port, HERE, () => server.close(leave)))
    })
  },
  'a server at all addresses'() {
    const server = net.createServer().listen(0, () => {
      tell(server.address().address, server.address().family)
      leave()
    })
  },
  'a server of its own'() {
    const server = net.createServer().listen({ port: 0, host: HERE, exclusive: true }, () => server.close(leave))
  },
  'a server at a path'() {
    const path = `/tmp/jackfield-cluster-${process.pid}`
    const server = net
      .createServer((socket) => socket.end('from the path'))
      .listen(path, () => {
        tell(server.address() === path)
        net
          .connect(path)
          .on('data', (data) => tell(String(data)))
          .on('close', leave)
      })
  },
  'a server at an address that is none'() {
    net.createServer().on('error', failed).listen(0, NOWHERE)
  },
  'a server at a port that another has'() {
    const first = net.createServer().listen({ port: 0, host: HERE, exclusive: true }, () => {
      net
        .createServer()
        .on('error', ({ code, syscall }) => {
          tell(code, syscall)
          first.close(leave)
        })
        .listen(first.address().port, HERE)
    })
  },
  'a process that exits'() {
    net.createServer().listen(0, HERE, () => process.exit(3))
  },
}

function next([name, ...others]) {
  if (name === undefined) return
  const seen = []
  const worker = cluster.fork({ SUBJECT: name })
  worker.on('message', (what) => seen.push(what))
  worker.on('listening', ({ addressType }) => seen.push(`listening ${addressType}`))
  worker.on('exit', (status, signal) => {
    // A message and the news that it listens take ways of their own.
    console.log(name, seen.map(String).sort(), status, signal)
    next(others)
  })
}

if (cluster.isPrimary) next(Object.keys(SUBJECTS))
else SUBJECTS[process.env.SUBJECT]()
