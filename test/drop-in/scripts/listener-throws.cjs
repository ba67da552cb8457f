// What a listener throws.
'use strict'

const socket = require('node:dgram').createSocket('udp4', () => {
  throw new RangeError('of the listener')
})
process.on('exit', (status) => console.log('exit', status))
socket.bind(0, '127.0.0.1', () => socket.send('x', socket.address().port, '127.0.0.1'))
