// What older Nodes let see of a datagram socket's insides, and the one warning about it.
'use strict'

const dgram = require('node:dgram')

const NAMES = ['_handle', '_receiving', '_bindState', '_queue', '_reuseAddr']

const show = (value) => (value !== null && typeof value === 'object' ? typeof value : value)

function all(socket, state) {
  for (const name of NAMES) console.log(state, name, show(socket[name]))
}

function attempt(what, call) {
  try {
    console.log(what, show(call()))
  } catch (error) {
    console.log(what, String(error))
  }
}

const socket = dgram.createSocket({ type: 'udp4', reuseAddr: 5 })
console.log(
  Object.keys(dgram),
  Reflect.ownKeys(dgram.Socket.prototype).filter((name) => /^_/.test(String(name))),
)
all(socket, 'unbound')
socket._reuseAddr = 'set'
attempt('reuseAddr', () => socket._reuseAddr)
attempt('health', () => socket._healthCheck())
attempt('handle', () => dgram._createSocketHandle('127.0.0.1', 0, 'udp4').close())
attempt('handle', () => dgram._createSocketHandle('1.2.3.4', 0, 'udp4'))
attempt('handle', () => dgram._createSocketHandle(null, null, 'udp5'))
attempt('handle', () => dgram._createSocketHandle(null, null, 'udp6', 12345))
socket.bind(0)
all(socket, 'binding')
socket.once('listening', () => {
  all(socket, 'bound')
  attempt('stop', () => socket._stopReceiving())
  attempt('receiving', () => socket._receiving)
  socket.close()
  all(socket, 'closed')
  attempt('health', () => socket._healthCheck())
})
