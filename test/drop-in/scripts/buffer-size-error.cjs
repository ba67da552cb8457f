// The first lines of the errors of buffer sizes, and how they print.
'use strict'

const { inspect } = require('node:util')
const socket = require('node:dgram').createSocket('udp4')
for (const call of ['getRecvBufferSize', 'getSendBufferSize']) {
  try {
    socket[call]()
  } catch (error) {
    console.log(error.stack.split('\n')[0])
    console.log(inspect(error).replace(/^ {4}at .*\n/gm, ''))
    console.log(inspect(error).includes(`at Socket.${call}`))
    console.log(Object.getOwnPropertyDescriptors(error).info)
  }
}
socket.close()
