import multicastDns from 'multicast-dns'
import { PEER, ready } from './told.mjs'

const multicast = multicastDns({ interface: PEER, bind: '0.0.0.0' })
multicast.on('query', ({ questions }) => {
  const [asked] = questions
  if (asked.name === 'printer.local') multicast.respond([{ name: asked.name, type: 'A', ttl: 120, data: '192.0.2.9' }])
})
multicast.on('ready', () => ready(() => multicast.destroy()))
