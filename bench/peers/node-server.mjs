// The same services on Node's own net and dgram: what the figures of the stack are compared with.
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const pattern = Buffer.alloc(256 * 1024, '0123456789abcdef')

const echo = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.on('data', (chunk) => socket.write(chunk))
})

const discard = createServer((socket) => {
  socket.on('error', () => {})
  socket.resume()
})

const chargen = createServer((socket) => {
  const send = () => {
    while (socket.write(pattern));
  }
  socket.on('error', () => {})
  socket.on('drain', send)
  send()
})

// Streams are heard on both families by one socket; datagrams by one each, for which the argument is.
const datagrams = process.argv.slice(2).includes('--ipv6')
  ? [createSocket('udp4'), createSocket({ type: 'udp6', ipv6Only: true })]
  : [createSocket('udp4')]
for (const socket of datagrams) {
  socket.on('message', (message, { port, address }) => socket.send(message, port, address))
}

let waiting = 3 + datagrams.length
const listening = () => {
  if (--waiting === 0) process.stdout.write('ready\n')
}
echo.listen(7, listening)
discard.listen(9, listening)
chargen.listen(19, listening)
for (const socket of datagrams) socket.bind(7, listening)
