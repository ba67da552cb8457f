// A world that a seed has chosen: hosts, links, faults, and what is said. It ends when all have said what they had to say; then
// nothing may be left of it.

import { AF_INET, AF_INET6 } from 'jackfield'
import { Simulation } from 'jackfield/sim'
import { DEFAULT_TCP_CONFIG } from '../../../dist/tcp/config.js'
import { Chance } from './chance.mjs'
import { datagrams, echo, meet, serve, talk } from './talk.mjs'

/** Milliseconds in which things go wrong; after them every path works. */
const TROUBLES = 60_000
/**
 * Milliseconds after which every call must be over, of which the last nineteen minutes are without troubles: a time-out that was doubled
 * for a minute is no longer than a minute, and the longest talks take two.
 */
const PATIENCE = 1_200_000
/** Milliseconds after which TIME-WAIT, FIN-WAIT-2, fragments and the tables of neighbours are over. */
const QUIET = 900_000

const KINDS = ['bulk', 'turns', 'short', 'short', 'half', 'abort', 'datagrams']

/** Runs the world of a seed. Throws where something is wrong with it. `prepare` gets the simulation before it runs. */
export async function runWorld(seed, prepare = () => {}) {
  const chance = new Chance(seed * 7919 + 13)
  const ipv6 = chance.oneIn(3)
  const net = new Simulation({ seed, ipv6 })
  const calm = chance.oneIn(2)
  const failures = []
  const world = {
    calm,
    bulk: chance.pick(2000, 30_000, 30_000, 150_000),
    done: 0,
    errors: {},
    encounters: 0,
    whole: false,
    listeners: new Set(),
    serving: new Set(),
    fail: (error) => failures.push(error),
  }
  const links = build(net, chance, calm)
  damage(chance, links, world)
  const hosts = net.hosts.filter((host) => host.options.forwarding !== true)
  prepare(net)
  for (const host of hosts) start(host, world, seed, ipv6)
  for (const host of hosts) {
    for (let i = chance.between(0, 2); i >= 0; i--) {
      const server = chance.pick(...hosts)
      const family = ipv6 && chance.oneIn(2) ? AF_INET6 : AF_INET
      if (server !== host && chance.oneIn(6)) {
        encounter(host, server, world, chance, ipv6)
        continue
      }
      client(host, world, server.name, new Chance(chance.below(2 ** 31)), family, chance.pick(...KINDS))
    }
  }
  if (!calm) trouble(net, chance, links, hosts, world, seed, ipv6)
  let ended = 0
  try {
    await net.run({ limit: PATIENCE })
    ended = net.now()
    await passUntil(
      net,
      () => world.serving.size === 0 || failures.length > 0,
      PATIENCE,
      () => servingText(world),
    )
    for (const listener of world.listeners) void listener.close()
    await net.rest(QUIET)
    if (failures.length > 0) throw failures[0]
  } finally {
    net.close()
  }
  return { done: world.done, errors: world.errors, at: net.now(), ended }
}

function servingText(world) {
  return [...world.serving].map(({ host }) => host).join(', ')
}

async function passUntil(net, over, limit, text) {
  const end = net.now() + limit
  while (!over()) {
    if (net.now() >= end) throw new Error(`a server still waits for its client after ${limit} ms: ${text()}`)
    await net.run({ until: net.now() + 10_000 })
  }
}

function start(host, world, seed, ipv6) {
  for (const family of ipv6 ? [AF_INET6] : [AF_INET]) {
    const chance = new Chance(seed * 31 + host.crashes * 7 + host.name.length)
    host.run((host) => serve(host, world, chance, family), { name: 'server', daemon: true })
    host.run((host) => echo(host, world, family), { name: 'echo', daemon: true })
  }
}

function client(host, world, server, chance, family, kind) {
  host
    .run(
      async (host) => {
        await host.sleep(chance.below(3000))
        if (kind === 'datagrams') {
          await datagrams(host, world, server, chance, family)
          return
        }
        for (let i = kind === 'short' ? chance.between(1, 25) : 1; i > 0; i--) {
          await talk(host, world, server, chance, family, kind)
        }
      },
      { name: `${kind} to ${server}` },
    )
    .catch(() => {})
}

function encounter(a, b, world, chance, ipv6) {
  const common = {
    port: 20_000 + world.encounters++,
    at: chance.below(3000),
    length: chance.below(world.bulk),
    key: chance.below(100_000),
  }
  const family = ipv6 && chance.oneIn(2) ? AF_INET6 : AF_INET
  for (const [host, peer] of [
    [a, b],
    [b, a],
  ]) {
    const own = new Chance(chance.below(2 ** 31))
    const run = (host) => meet(host, world, peer.name, own, family, { ...common, first: host === a })
    host.run(run, { name: `encounter with ${peer.name}` }).catch(() => {})
  }
}

function build(net, chance, calm) {
  const count = chance.between(2, 6)
  // Paths that lose long packets without a word are for hosts that look for what is longest themselves.
  const holes = chance.oneIn(8)
  const options = () => optionsOf(chance, holes)
  const links = []
  const join = (a, b) =>
    links.push(net.link(a, b, conditions(chance, calm, holes || (a.kind === 'host' && b.kind === 'host'))))
  const hosts = Array.from({ length: count }, (_, i) => net.host(`h${i}`, options()))
  const kind = count === 2 ? chance.pick('pair', 'routers', 'switch') : chance.pick('switch', 'star', 'routers')
  if (kind === 'pair') {
    join(hosts[0], hosts[1])
  } else if (kind === 'switch') {
    const lan = net.switch('lan')
    const second = chance.oneIn(3) ? net.switch('lan2') : lan
    if (second !== lan) join(lan, second)
    for (const host of hosts) join(host, chance.pick(lan, second))
  } else if (kind === 'star') {
    const router = net.router('r')
    for (const host of hosts) join(host, router)
  } else {
    // A chain of routers, hosts anywhere on it.
    const routers = Array.from({ length: chance.between(1, 3) }, (_, i) => net.router(`r${i}`))
    for (let i = 1; i < routers.length; i++) join(routers[i - 1], routers[i])
    for (const host of hosts) join(host, chance.pick(...routers))
  }
  return links
}

/** Any of the switches that TCP has, in any combination. */
function optionsOf(chance, holes) {
  const tcp = { timeWait: 2000, ecn: chance.below(3), mtuProbing: holes ? chance.between(1, 2) : chance.below(3) }
  for (const [name, value] of Object.entries(DEFAULT_TCP_CONFIG)) {
    if (typeof value === 'boolean' && chance.oneIn(4)) tcp[name] = !value
  }
  return { profile: chance.pick('default', 'linux'), tcp }
}

// On a network all have one MTU: what a switch cannot pass on is lost without a word.
function conditions(chance, calm, alone) {
  if (chance.oneIn(3)) return { delay: chance.pick(0, 0.1, 5, 30) }
  // A server that has said all and closed is given up after eight time-outs (RFC 9293 section 3.8.3 leaves it to us).
  const most = calm ? 0.02 : 0.15
  const found = {
    delay: chance.pick(0, 0.05, 1, 10, 50, 100),
    jitter: chance.pick(0, 0, 1, 8),
    loss: chance.oneIn(2) ? chance.fraction(most) : 0,
    reorder: chance.oneIn(3) ? chance.fraction(0.1) : 0,
    duplicate: chance.oneIn(4) ? chance.fraction(0.05) : 0,
  }
  if (!calm && chance.oneIn(5)) found.burst = { enter: chance.fraction(0.01), leave: 0.3 + chance.fraction(0.5) }
  if (chance.oneIn(4)) {
    found.rate = chance.pick(256_000, 1e6, 10e6, 100e6)
    found.queue = chance.pick(10_000, 30_000, 200_000)
  }
  if (alone && chance.oneIn(4)) found.mtu = chance.pick(1280, 1400, 1492, 9000)
  return found
}

// One link alone: two that damage a packet may do it so that the sum of its words stays what it was. The same goes for fragments,
// each of which may meet it: datagrams of several are not sent then.
function damage(chance, links, world) {
  if (!chance.oneIn(3)) return
  chance.pick(...links).set({ corrupt: chance.fraction(world.calm ? 0.02 : 0.05) })
  world.whole = true
}

function trouble(net, chance, links, hosts, world, seed, ipv6) {
  const times = Array.from({ length: chance.between(1, 6) }, () => chance.below(TROUBLES / 2)).sort((x, y) => x - y)
  for (const time of times) {
    const link = chance.pick(...links)
    const host = chance.pick(...hosts)
    const lasts = chance.pick(50, 500, 5000, 25_000)
    const what = chance.pick('down', 'partition', 'crash', 'worse', 'mtu')
    if (what === 'down') {
      net.at(time, () => link.down())
      net.at(time + lasts, () => link.up())
    } else if (what === 'partition') {
      net.at(time, () =>
        net.partition(
          [host],
          hosts.filter((other) => other !== host),
        ),
      )
      net.at(time + lasts, () => net.heal())
    } else if (what === 'crash') {
      net.at(time, () => host.crash())
      net.at(time + lasts, () => revive(host, world, seed, ipv6))
    } else if (what === 'worse') {
      const loss = chance.fraction(0.6)
      net.at(time, () => link.set({ loss }))
      net.at(time + lasts, () => link.set({ loss: 0 }))
    } else {
      const mtu = chance.pick(1280, 1300, 1450, 1500)
      const alone = link.ports.every(({ node }) => node.kind === 'host')
      if (alone) net.at(time, () => link.set({ mtu }))
    }
  }
  net.at(TROUBLES, () => {
    net.heal()
    for (const link of links) link.heal()
    for (const host of hosts) revive(host, world, seed, ipv6)
  })
}

function revive(host, world, seed, ipv6) {
  if (host.isUp) return
  for (const task of world.serving) if (task.host === host.name) world.serving.delete(task)
  host.restart()
  start(host, world, seed, ipv6)
}
