// Sends, closes and has nothing more to do: what was sent is on its way still.
import dgram from 'node:dgram'
import net from 'node:net'
import { PEER } from './told.mjs'

const datagrams = dgram.createSocket('udp4')
datagrams.send('last words', 5000, PEER, () => datagrams.close())
const socket = net.connect(5001, PEER, () => {
  socket.write('x'.repeat(Number(process.env.SIZE)), () => socket.destroy())
})
