import { expect, test } from 'vitest'
import { Dhcp6World } from './dhcp6-world.ts'

test('our client at our server', async () => {
  const world = new Dhcp6World()
  const server = world.server({ nameServers: ['2001:db8::53', 'fe80::1'], search: ['lab.example'] })
  const client = world.client({ hostName: 'printer' })
  const lease = await world.drive(client.bound())
  expect(lease.addresses.map((one) => one.address)).toEqual(['2001:db8:1::100'])
  expect(world.addresses).toEqual(['2001:db8:1::100/128'])
  expect(lease.nameServers).toEqual(['2001:db8::53', 'fe80::1%eth0'])
  expect(lease.search).toEqual(['lab.example'])
  expect(server.leases).toMatchObject([{ address: '2001:db8:1::100', iaid: 7, hostName: 'printer' }])
  await world.drive(client.release())
  expect(server.leases).toEqual([])
  expect(world.addresses).toEqual([])
})
