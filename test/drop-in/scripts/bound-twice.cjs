// An error that is thrown and caught by nobody.
'use strict'

const socket = require('node:dgram').createSocket('udp4')
process.on('exit', (status) => console.log('exit', status))
socket.bind(0)
socket.bind(0)
