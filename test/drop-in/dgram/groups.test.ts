import dgram, { type Socket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { openLoopback } from '../../../src/drop-in/open-loopback.ts'
import { stackForDropIns } from '../../../src/drop-in/stack-for-drop-ins.ts'
import { Switch } from '../../../src/platform/switch.ts'

type Dgram = Pick<typeof dgram, 'createSocket'>

async function bound(of: Dgram, type: 'udp4' | 'udp6', port = 0): Promise<Socket> {
  const socket = of.createSocket(type)
  socket.bind(port)
  await once(socket, 'listening')
  return socket
}

const heard = async (socket: Socket) => String((await once(socket, 'message'))[0])

describe('a stack of the loopback alone', () => {
  it.each([
    ['udp4', '239.1.2.3', '232.1.2.3', '127.0.0.1'],
    ['udp6', 'ff02::114', 'ff31::114', '::1'],
  ] as const)(
    '%s: groups are joined and spoken to without naming an interface',
    async (type, group, sourced, source) => {
      const of = dgramFor(openLoopback())
      const socket = await bound(of, type)
      socket.addMembership(group)
      const first = heard(socket)
      socket.send('to all', socket.address().port, group)
      expect(await first).toBe('to all')
      socket.dropMembership(group)
      socket.addSourceSpecificMembership(source, sourced)
      const second = heard(socket)
      socket.send('from me', socket.address().port, sourced)
      expect(await second).toBe('from me')
      socket.dropSourceSpecificMembership(source, sourced)
      socket.close()
    },
  )
})

describe('two stacks on a switch', () => {
  it('a group, a source and a broadcast of one are heard on the other', async () => {
    const lan = new Switch()
    const host = (n: number) => {
      const stack = stackForDropIns()
      stack.attach(lan.port(), { address: `10.0.0.${n}/24` })
      return dgramFor(stack)
    }
    const [one, two] = [host(1), host(2)]
    const receiver = await bound(two, 'udp4', 5000)
    const sender = await bound(one, 'udp4')
    receiver.addMembership('239.1.2.3', '10.0.0.2')
    sender.setMulticastInterface('10.0.0.1')
    const first = once(receiver, 'message')
    sender.send('to the group', 5000, '239.1.2.3')
    const [data, from] = await first
    expect([String(data), from.address]).toEqual(['to the group', '10.0.0.1'])
    receiver.addSourceSpecificMembership('10.0.0.1', '232.1.2.3', '10.0.0.2')
    const second = heard(receiver)
    sender.send('from the source', 5000, '232.1.2.3')
    expect(await second).toBe('from the source')
    sender.setBroadcast(true)
    const third = heard(receiver)
    sender.send('to all', 5000, '10.0.0.255')
    expect(await third).toBe('to all')
    receiver.close()
    sender.close()
  })

  it('a zone says on which of two links a group is heard', async () => {
    const lans = [new Switch(), new Switch()]
    const both = stackForDropIns()
    const hosts = lans.map((lan, i) => {
      both.attach(lan.port(), { address: `2001:db8:${i}::1/64`, name: `eth${i}`, duplicateAddressDetection: false })
      const stack = stackForDropIns()
      stack.attach(lan.port(), { address: `2001:db8:${i}::2/64`, name: 'eth0', duplicateAddressDetection: false })
      return dgramFor(stack)
    })
    for (const zone of ['eth0', 'eth1']) {
      const receiver = await bound(dgramFor(both), 'udp6', 5000)
      receiver.addMembership('ff05::114', `::%${zone}`)
      const first = heard(receiver)
      const senders = await Promise.all(hosts.map((host) => bound(host, 'udp6')))
      senders.forEach((sender, i) => {
        sender.setMulticastInterface('::%eth0')
        sender.send(`from eth${i}`, 5000, 'ff05::114')
      })
      expect(await first).toBe(`from ${zone}`)
      for (const socket of [receiver, ...senders]) socket.close()
    }
  })

  it('a link-local sender is named with its zone, and answered by that', async () => {
    const lan = new Switch()
    const host = (n: number) => {
      const stack = stackForDropIns()
      stack.attach(lan.port(), { address: `fe80::${n}/64`, name: 'eth0', duplicateAddressDetection: false })
      return dgramFor(stack)
    }
    const [one, two] = [host(1), host(2)]
    const server = await bound(two, 'udp6', 5000)
    server.on('message', (data, from) => server.send(`${data} from ${from.address}`, from.port, from.address))
    const client = await bound(one, 'udp6')
    const answer = heard(client)
    client.send('hello', 5000, 'fe80::2%eth0')
    expect(await answer).toBe('hello from fe80::1%eth0')
    server.close()
    client.close()
  })
})

it('is not the module of Node', () => {
  expect(dgramFor(openLoopback()).Socket).not.toBe(dgram.Socket)
})
