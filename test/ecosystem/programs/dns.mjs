// Asks dnsmasq by datagrams that dns-packet writes and reads, and a neighbour by multicast.
import dgram from 'node:dgram'
import { once } from 'node:events'
import dnsPacket from 'dns-packet'
import multicastDns from 'multicast-dns'
import { OWN, PEER, tell } from './told.mjs'

const COUNT = 100

const socket = dgram.createSocket('udp4')
const answers = new Map()
const all = new Promise((resolve) => {
  socket.on('message', (message, { address }) => {
    const { id, answers: records } = dnsPacket.decode(message)
    answers.set(id, [
      address,
      ...records.map(({ type, data }) => `${type} ${type === 'TXT' ? data.join() : (data.target ?? data)}`),
    ])
    if (answers.size === COUNT) resolve()
  })
})
socket.connect(53, PEER)
await once(socket, 'connect')
const types = ['A', 'AAAA', 'TXT', 'SRV']
for (let id = 0; id < COUNT; id++) {
  socket.send(
    dnsPacket.encode({ type: 'query', id, questions: [{ type: types[id % types.length], name: 'host.example' }] }),
  )
}
await all
socket.close()
const different = new Set([...answers].map(([id, records]) => `${types[id % types.length]}: ${records.join(' ')}`))

const multicast = multicastDns({ interface: OWN, bind: '0.0.0.0' })
multicast.query('printer.local', 'A')
const [{ answers: printers }, { address: from }] = await new Promise((resolve) => {
  multicast.on('response', (response, remote) => resolve([response, remote]))
})
await new Promise((resolve) => multicast.destroy(resolve))
tell({ different: [...different].sort(), printer: printers[0].data, from })
