import { describe, expect, it } from 'vitest'
import { AF_INET6 } from '../../src/base/constants.ts'
import { type Host, HostCrashed, type LinkOptions, Simulation, type SimulationOptions } from '../../src/sim/index.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'

const text = (value: string) => new TextEncoder().encode(value)

/** Two hosts on a link. */
function pair(link: LinkOptions = {}, options: SimulationOptions = {}) {
  const net = new Simulation({ seed: 7, ...options })
  const alice = net.host('alice')
  const bob = net.host('bob')
  return { net, alice, bob, link: net.link(alice, bob, link) }
}

/** A server that sends back what it gets, until the client closes. */
async function echo(host: Host): Promise<void> {
  const listener = host.listen(80)
  for (;;) {
    const socket = await listener.accept()
    void (async () => {
      const bytes = new Uint8Array(1000)
      try {
        for (let count = await socket.recv(bytes); count > 0; count = await socket.recv(bytes)) {
          await socket.send(bytes.subarray(0, count))
        }
      } catch {
        // The client's matter.
      }
      await socket.close()
    })()
  }
}

/** Asks the echo at `server` once; how long it took. */
async function ask(host: Host, server: string, timeout?: number): Promise<number> {
  const begin = host.now()
  const socket = await host.connect(server, 80, timeout === undefined ? {} : { timeout })
  try {
    await socket.send(text('hello'))
    const bytes = new Uint8Array(10)
    expect(await socket.recv(bytes, 0, timeout === undefined ? {} : { timeout })).toBe(5)
  } finally {
    await socket.close()
  }
  return host.now() - begin
}

describe('a simulation', () => {
  it('runs programs until all have ended, and lets no more time pass than they take', async () => {
    const { net, alice, bob } = pair({ delay: 20 })
    bob.run(echo, { daemon: true })
    const took = alice.run((host) => ask(host, 'bob'))
    await net.run()
    // ARP, the handshake, and an answer: three round trips of 40 ms.
    expect(await took).toBe(120)
    expect(net.now()).toBe(120)
    await net.rest()
  })

  it('lets every promise of a program settle before time passes, however many there are', async () => {
    const { net, alice, bob } = pair()
    const order: string[] = []
    alice.run(async (host) => {
      await host.sleep(10)
      for (let i = 0; i < 5000; i++) await null
      order.push(`alice at ${host.now()}`)
    })
    bob.run(async (host) => {
      await host.sleep(11)
      order.push(`bob at ${host.now()}`)
    })
    await net.run()
    expect(order).toEqual(['alice at 10', 'bob at 11'])
  })

  it('of a seed is the same each time, frame by frame; of another seed it is another', async () => {
    const capture = async (seed: number) => {
      const { net, alice, bob } = pair(
        { delay: 5, jitter: 3, loss: 0.1, reorder: 0.1, duplicate: 0.1, corrupt: 0.05 },
        { seed },
      )
      const pieces: number[] = []
      net.capture((bytes) => pieces.push(...bytes))
      bob.run(echo, { daemon: true })
      for (let i = 0; i < 5; i++) {
        alice.run(async (host) => {
          await host.sleep(host.random() * 100)
          await ask(host, 'bob')
        })
      }
      await net.run()
      net.close()
      return Uint8Array.from(pieces)
    }
    const first = await capture(7)
    const { packets, truncated } = readPcapng(first)
    expect(truncated).toBe(false)
    expect(packets.length).toBeGreaterThan(80)
    const again = await capture(7)
    expect(again.length).toBe(first.length)
    expect(again.every((octet, i) => octet === first[i])).toBe(true)
    const other = await capture(8)
    expect(other.length === first.length && other.every((octet, i) => octet === first[i])).toBe(false)
  })

  it('runs until an instant, with things to happen at instants', async () => {
    const { net } = pair()
    const seen: number[] = []
    net.at(30, () => seen.push(net.now()))
    net.at(10, () => seen.push(net.now()))
    await net.run({ until: 20 })
    expect([seen, net.now()]).toEqual([[10], 20])
    await net.run({ until: 40 })
    expect([seen, net.now()]).toEqual([[10, 30], 40])
  })

  it('goes on by single steps', async () => {
    const { net, alice } = pair()
    let ended = false
    alice.run(async (host) => {
      await host.sleep(5)
      ended = true
    })
    expect(await net.step()).toBe(true)
    expect(ended).toBe(false)
    expect(await net.step()).toBe(true)
    expect([ended, net.now()]).toEqual([true, 5])
    expect(await net.step()).toBe(false)
  })

  it('throws what a program, or what was to happen at an instant, has thrown', async () => {
    const { net, alice } = pair()
    const result = alice.run(() => Promise.reject(new Error('no')))
    await expect(net.run()).rejects.toThrow('no')
    await expect(result).rejects.toThrow('no')
    net.at(5, () => {
      throw new Error('neither')
    })
    await expect(net.run({ until: 10 })).rejects.toThrow('neither')
    await net.run({ until: 20 })
  })

  it('does not run twice at once', async () => {
    const { net, alice } = pair()
    alice.run((host) => host.sleep(1))
    const running = net.run()
    await expect(net.run()).rejects.toThrow('the simulation runs already')
    await running
  })
})

describe('a link', () => {
  it('delays, and paces by its rate', async () => {
    const { net, alice, bob } = pair({ delay: 10, toward: { bob: { rate: 80_000 } } })
    bob.run(echo, { daemon: true })
    const took = alice.run((host) => ask(host, 'bob'))
    await net.run()
    // 80,000 bits a second: 0.1 ms an octet; `toward` has no delay of its own, so that the link's holds.
    expect(await took).toBeGreaterThan(60 + 4)
    expect(await took).toBeLessThan(60 + 50)
  })

  it('that is down carries nothing, and what is on it is lost', async () => {
    const { net, alice, bob, link } = pair({ delay: 10 })
    bob.run(echo, { daemon: true })
    const took = alice.run((host) => ask(host, 'bob'))
    // ARP's answer is on its way.
    net.at(15, () => link.down())
    // ARP asks three times, a second apart.
    net.at(1500, () => link.up())
    await net.run()
    expect(await took).toBeGreaterThan(1500)
    expect(link.lost).toBeGreaterThan(0)
    await net.rest()
  })

  it('can be set while it runs; what is not named stays', async () => {
    const { net, alice, bob, link } = pair({ delay: 10 })
    bob.run(echo, { daemon: true })
    const first = alice.run((host) => ask(host, 'bob'))
    await net.run()
    expect(await first).toBe(60)
    link.set({ delay: 100 })
    expect(link.conditions).toEqual({ delay: 100 })
    const second = alice.run((host) => ask(host, 'bob'))
    await net.run()
    // The neighbour is known by now.
    expect(await second).toBe(400)
    link.heal()
    const third = alice.run((host) => ask(host, 'bob'))
    await net.run()
    expect(await third).toBe(0)
  })

  it('whose MTU shrinks behind a router is noticed by path MTU discovery (RFC 1191)', async () => {
    const net = new Simulation({ seed: 3 })
    const [alice, router, bob] = [net.host('alice'), net.router('router'), net.host('bob')]
    net.link(alice, router, { delay: 1 })
    const narrow = net.link(router, bob, { delay: 1 })
    net.at(50, () => narrow.set({ mtu: 1000 }))
    const total = bob.run(async (host) => {
      const socket = await host.listen(80).accept()
      const bytes = new Uint8Array(65_536)
      let sum = 0
      for (let count = await socket.recv(bytes); count > 0; count = await socket.recv(bytes)) sum += count
      return sum
    })
    alice.run(async (host) => {
      const socket = await host.connect('bob', 80)
      for (let i = 0; i < 20; i++) {
        await socket.send(new Uint8Array(20_000))
        await host.sleep(10)
      }
      await socket.close()
    })
    await net.run()
    expect(await total).toBe(400_000)
    expect(alice.stack.pathMtus.get(bob.stack.interfaces[1]?.addresses[0]?.address as never, 1500)).toBe(1000)
  })
})

describe('a partition', () => {
  it('keeps hosts apart over a router, and nobody else; heal ends it', async () => {
    const net = new Simulation()
    const router = net.router('router')
    const [alice, bob, carol] = [net.host('alice'), net.host('bob'), net.host('carol')]
    for (const host of [alice, bob, carol]) net.link(host, router, { delay: 1 })
    for (const host of [bob, carol]) host.run(echo, { daemon: true })
    net.partition([alice], [bob])
    const parted = alice.run((host) => ask(host, 'bob', 2000).catch((error: Error) => error.message))
    const near = alice.run((host) => ask(host, 'carol'))
    const other = carol.run((host) => ask(host, 'bob'))
    await net.run()
    expect(await parted).toMatch(/^connect EINPROGRESS/)
    expect(await near).toBeLessThan(50)
    expect(await other).toBeLessThan(50)
    net.heal()
    const healed = alice.run((host) => ask(host, 'bob'))
    await net.run()
    expect(await healed).toBeLessThan(50)
  })

  it('keeps hosts apart on a switch, their ARP included', async () => {
    const net = new Simulation()
    const lan = net.switch('lan')
    const [alice, bob] = [net.host('alice'), net.host('bob')]
    for (const host of [alice, bob]) net.link(host, lan)
    bob.run(echo, { daemon: true })
    net.partition([alice], [bob])
    const refused = alice.run((host) => ask(host, 'bob').catch((error: Error) => error.message))
    await net.run()
    expect(await refused).toBe('connect EHOSTUNREACH 10.0.1.2:80')
  })
})

describe('a crash', () => {
  it('makes connections vanish without a word; what comes back is another incarnation', async () => {
    const { net, alice, bob } = pair({ delay: 5 })
    const frames: string[] = []
    net.log({
      frame: (port, _bytes, _start, _end, inbound) => {
        if (!inbound) frames.push(port.name)
      },
    })
    const first = bob.stack
    const served = bob.run(echo)
    const told = alice.run(async (host) => {
      const socket = await host.connect('bob', 80)
      await socket.send(text('one'))
      await socket.recv(new Uint8Array(10))
      await host.sleep(1000)
      await socket.send(text('two'))
      return socket.recv(new Uint8Array(10)).catch((error: Error) => error.message)
    })
    await net.run({ until: 500 })
    frames.length = 0
    bob.crash()
    expect(bob.isUp).toBe(false)
    expect(() => bob.stack).toThrow('bob is down')
    await net.run({ until: 600 })
    expect(frames).toEqual([])
    await expect(served).rejects.toBeInstanceOf(HostCrashed)
    bob.restart(echo, { daemon: true })
    expect(bob.stack).not.toBe(first)
    expect(bob.address).toBe('10.0.1.2')
    await net.run()
    // It knows nothing of the connection: RFC 9293 section 3.5.1.
    expect(await told).toBe('recv ECONNRESET')
    const again = alice.run((host) => ask(host, 'bob'))
    await net.run()
    expect(await again).toBeGreaterThan(0)
  })

  it('ends the timers and the waiting of programs: they never go on', async () => {
    const { net, bob } = pair()
    const seen: string[] = []
    bob
      .run(async (host) => {
        host.globals.setInterval(() => seen.push('tick'), 10)
        await host.sleep(1000)
        seen.push('awake')
      })
      .catch(() => {})
    net.at(25, () => bob.crash())
    await net.run()
    await net.run({ until: 5000 })
    expect(seen).toEqual(['tick', 'tick'])
  })

  it('is survived by the sequence numbers of nobody: RFC 9293 section 3.4.1', async () => {
    const { net, alice, bob } = pair()
    const numbers: number[] = []
    net.log({
      frame: (port, bytes, start, _end, inbound) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        // SYN and ACK of bob.
        if (port.node === bob && !inbound && bytes[start + 23] === 6 && bytes[start + 47] === 0x12) {
          numbers.push(view.getUint32(start + 38))
        }
      },
    })
    for (let i = 0; i < 2; i++) {
      bob.restart(echo, { daemon: true })
      alice.run((host) => ask(host, 'bob'))
      await net.run()
    }
    expect(numbers).toHaveLength(2)
    expect(numbers[0]).not.toBe(numbers[1])
  })
})

describe('the network', () => {
  it('has addresses and routes by itself, over routers and switches, in both families', async () => {
    const net = new Simulation({ ipv6: true })
    const [left, right] = [net.router('left'), net.router('right')]
    const lan = net.switch('lan')
    net.link(left, right)
    net.link(right, lan)
    const [alice, bob, carol] = [net.host('alice'), net.host('bob'), net.host('carol')]
    net.link(alice, left)
    net.link(lan, bob)
    net.link(lan, carol)
    expect([alice.address, bob.address, carol.address]).toEqual(['10.0.3.1', '10.0.1.2', '10.0.1.3'])
    expect(alice.lookup('bob', AF_INET6)).toBe('fd00:0:0:1::2')
    // Each host has a server of its own.
    for (const host of [alice, bob, carol]) host.run(echo, { daemon: true })
    const six = bob.run(async (host) => {
      const listener = host.listen(81, 5, AF_INET6)
      return (await listener.accept()).getpeername().ip.toString()
    })
    for (const from of [alice, bob, carol]) {
      for (const to of [alice, bob, carol]) from.run((host) => ask(host, to.name))
    }
    alice.run((host) => host.connect('bob', 81, { family: AF_INET6 }))
    await net.run()
    expect(await six).toBe('fd00:0:0:3::1')
  })

  it('takes addresses that it is given', async () => {
    const net = new Simulation()
    const [alice, bob] = [net.host('alice'), net.host('bob')]
    net.link(alice, bob, { address: { alice: '192.0.2.1/24', bob: ['192.0.2.2/24', '2001:db8::2/64'] } })
    bob.run(echo, { daemon: true })
    alice.run((host) => ask(host, '192.0.2.2'))
    await net.run()
    expect(alice.lookup('bob')).toBe('192.0.2.2')
  })
})

describe('bad input', () => {
  const { net, alice, bob, link } = pair()
  const other = new Simulation().host('other')

  it.each<[string, () => unknown, string]>([
    ['a seed', () => new Simulation({ seed: 0.5 }), 'seed must be an integer from -2147483648 to 2147483647, got 0.5'],
    ['an option', () => new Simulation({ sed: 1 } as never), "options has no 'sed': there are seed, date, ipv6, watch"],
    ['a date', () => new Simulation({ date: Number.NaN }), 'date must be milliseconds since 1970 or a Date, got NaN'],
    ['a name again', () => net.host('alice'), 'name must be a new one, got "alice" again'],
    ['no name', () => net.host(undefined as never), 'name must be a string, got undefined'],
    ['an address as a name', () => net.host('10.0.0.1'), 'name must not be an address, got "10.0.0.1"'],
    ['an unknown host', () => net.find('dave'), 'name must be that of a host, got "dave": there are alice, bob'],
    ['a name to look up', () => alice.lookup('dave'), 'name must be that of a host, got "dave": there are alice, bob'],
    ['no IPv6', () => alice.lookup('bob', AF_INET6), 'bob has no address of IPv6: give the simulation { ipv6: true }'],
    ['a link to itself', () => net.link(alice, alice), 'b must be another node than a, got "alice" twice'],
    ['a foreign host', () => net.link(alice, other), 'b must be of this simulation, got "other" of another'],
    ['no host', () => net.link(alice, 'bob' as never), 'b must be a host, router or switch, got "bob"'],
    ['a delay', () => net.link(alice, bob, { delay: -1 }), 'delay must be 0 or more milliseconds, got -1'],
    ['a loss', () => link.set({ loss: 2 }), 'loss must be from 0 to 1 (0% to 100%), got 2'],
    ['a condition', () => link.set({ los: 0 } as never), "options has no 'los'"],
    ['an end', () => link.set({ toward: { dave: {} } }), "toward has no 'dave': there are alice, bob"],
    ['an MTU', () => link.set({ mtu: 67 }), 'mtu must be an integer from 68 to 65535, got 67'],
    [
      'an MTU for IPv6',
      () => pair({ mtu: 1279 }, { ipv6: true }),
      'mtu must be an integer from 1280 to 65535, got 1279',
    ],
    [
      'an address twice',
      () => net.link(alice, bob, { address: { alice: '10.0.1.2/24' } }),
      'address 10.0.1.2 of alice.eth1 is that of bob.eth0 already',
    ],
    ['a program', () => alice.run('main' as never), 'program must be a function, got "main"'],
    ['a time', () => net.at('soon' as never, () => {}), 'milliseconds must be a number, got "soon"'],
    ['a sleep', () => alice.sleep(-1), 'milliseconds must be 0 or more, got -1'],
    [
      'a group',
      () => net.partition(alice as never),
      'groups[0] must be an array of hosts, got an object of class Host',
    ],
    ['two groups', () => net.partition([alice], [alice]), 'groups[1] has alice, which is in a group already'],
    ['a capture', () => net.capture(7 as never), "to must be a file's name or a function, got 7"],
    ['a port', () => alice.listen(70_000), 'port must be an integer from 0 to 65535, got 70000'],
  ])('%s is refused by name and value', (_, call, message) => {
    expect(call).toThrow(message)
  })

  it('a ring of switches is refused', () => {
    const ring = new Simulation()
    const [a, b, c] = [ring.switch('a'), ring.switch('b'), ring.switch('c')]
    ring.link(a, b)
    ring.link(b, c)
    expect(() => ring.link(c, a)).toThrow('link c-a would close a ring of switches')
  })

  it('what is closed does nothing any more', async () => {
    const closed = pair().net
    closed.close()
    await expect(closed.run()).rejects.toThrow('run: the simulation is closed')
    expect(() => closed.host('carol')).toThrow('host: the simulation is closed')
  })
})

it('a run pauses when it is asked to, before anything else happens, and goes on as if it had not', async () => {
  const capture = async (pauses: boolean) => {
    const { net, alice, bob } = pair({ delay: 10, loss: 0.1 })
    const parts: Uint8Array[] = []
    net.capture((bytes) => parts.push(bytes.slice()))
    bob.run(echo, { daemon: true })
    const done = alice.run((host) => ask(host, 'bob'))
    let pauseCount = 0
    if (pauses) {
      for (let now = -1; pauseCount < 20; now = net.now()) {
        await net.run({ pause: () => net.now() > now })
        pauseCount++
      }
    }
    await net.run()
    net.close()
    return { parts, took: await done }
  }
  expect(await capture(true)).toEqual(await capture(false))
})
