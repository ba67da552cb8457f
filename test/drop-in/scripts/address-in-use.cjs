// An 'error' that nobody hears.
'use strict'

const dgram = require('node:dgram')
process.on('exit', (status) => console.log('exit', status))
const socket = dgram.createSocket('udp4')
socket.bind(0, '127.0.0.1', () => dgram.createSocket('udp4').bind(socket.address().port, '127.0.0.1'))
