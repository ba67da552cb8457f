// Two workers of a cluster share a port of datagrams, over os: each datagram is heard by one of them.
'use strict'

const cluster = require('node:cluster')
const dgram = require('node:dgram')

const COUNT = 20

function primary() {
  const ports = new Set()
  let heard = 0
  let left = 2
  const exits = []
  // Told once both are gone: what the one says last and the end of the other have no order.
  cluster.on('exit', (_worker, status, signal) => {
    if (exits.push([status, signal]) === 2) console.log('exits', exits)
  })
  cluster.on('message', () => {
    if (++heard < COUNT) return
    console.log('heard', heard)
    for (const worker of Object.values(cluster.workers)) worker.disconnect()
  })
  cluster.on('listening', (_worker, { port, address, addressType }) => {
    ports.add(port)
    console.log('listening', address, addressType)
    if (--left > 0) return
    console.log('ports', ports.size)
    const sender = dgram.createSocket('udp4')
    let unsent = COUNT
    for (let i = 0; i < COUNT; i++) sender.send('x', port, '127.0.0.1', () => --unsent || sender.close())
  })
  cluster.fork()
  cluster.fork()
}

if (cluster.isPrimary) primary()
else
  dgram
    .createSocket('udp4', () => process.send('heard'))
    .on('close', () => console.log('closed'))
    .bind(0, '127.0.0.1')
