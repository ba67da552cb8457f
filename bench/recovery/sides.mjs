// Two network namespaces with a bad path between them. In each are a bridge, which is the kernel's own interface, a TAP of a
// userspace stack, and a TAP of the relay: this process, which hands the frames of one side to the other through Impair. So both
// systems meet the same faults, queues and delays.

import { fork, spawnSync } from 'node:child_process'
import { fromDist } from '../harness/dist.mjs'

const { Impair } = await fromDist('index.js')
const { openTap } = await fromDist('os/index.js')
const { enterOwnNetwork } = await fromDist('os/network-namespace.js')

const ADDRESSES = {
  near: { kernel: '10.9.0.1', jackfield: '10.9.0.3' },
  far: { kernel: '10.9.0.2', jackfield: '10.9.0.4' },
}

const clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  defer: (task) => queueMicrotask(task),
  // What is due within the same millisecond leaves together.
  alarm(task) {
    let timer = null
    return {
      set(at) {
        clearTimeout(timer)
        timer = setTimeout(task, Math.max(0, Math.ceil(at - performance.now())))
      },
      clear: () => clearTimeout(timer),
    }
  },
}

function run(...words) {
  const [program, ...rest] = words
  const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
}

/** A TAP that outlives the impairments around it: a run's Impair is attached, and let go of again. */
class Port {
  constructor(tap) {
    this.tap = tap
    this.name = tap.name
    this.medium = tap.medium
    this.hardwareAddress = tap.hardwareAddress
    this.headroom = tap.headroom
    this.features = tap.features
    this.mtu = tap.mtu
    this.receiver = null
    tap.attach(
      {
        receive: (bytes, start, end, offload) => this.receiver?.receive(bytes, start, end, offload),
        flush: () => this.receiver?.flush(),
        writable: () => this.receiver?.writable(),
      },
      clock,
    )
  }

  attach(receiver) {
    this.receiver = receiver
  }

  transmit(bytes, start, end, offload) {
    return this.tap.transmit(bytes, start, end, offload)
  }

  close() {
    this.receiver = null
  }
}

async function openSide(side, options) {
  const leave = enterOwnNetwork()
  try {
    const port = new Port(openTap('relay', { offloads: false, busyPoll: 0 }))
    run('sysctl', '-qw', 'net.ipv4.tcp_no_metrics_save=1', 'net.ipv6.conf.default.disable_ipv6=1')
    run('ip', 'link', 'add', 'name', 'bridge0', 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0')
    run('ip', 'tuntap', 'add', 'dev', 'own', 'mode', 'tap')
    for (const name of ['relay', 'own']) {
      run('ip', 'link', 'set', name, 'master', 'bridge0', 'txqueuelen', '10000', 'up')
    }
    run('ip', 'address', 'add', `${ADDRESSES[side].kernel}/24`, 'dev', 'bridge0')
    run('ip', 'link', 'set', 'bridge0', 'up')
    if (!options.offloads)
      for (const name of ['relay', 'bridge0']) run('ethtool', '-K', name, 'tso', 'off', 'gso', 'off', 'gro', 'off')
    const host = fork(new URL('host.mjs', import.meta.url))
    host.send({ order: 'start', tap: 'own', address: `${ADDRESSES[side].jackfield}/24`, ...options })
    await heard(host, ({ ready }) => ready)
    return { port, host }
  } finally {
    leave()
  }
}

function heard(host, wanted) {
  return new Promise((resolve, reject) => {
    const onMessage = (message) => {
      if (message.failed !== undefined) reject(new Error(`${message.failed}: ${message.error}`))
      else if (!wanted(message)) return
      else resolve(message)
      host.off('message', onMessage)
    }
    host.on('message', onMessage)
  })
}

export class Sides {
  #near
  #far
  #nextPort = 1000

  static async open(options) {
    const sides = new Sides()
    sides.#near = await openSide('near', options)
    sides.#far = await openSide('far', options)
    return sides
  }

  /** A path as `impairment` says; the returned function ends it. */
  path(impairment, seed) {
    const sides = [this.#near.port, this.#far.port]
    const bad = sides.map((port, i) => new Impair(port, { in: impairment, seed: 2 * seed + i }))
    bad.forEach((device, i) => {
      const other = sides[1 - i]
      device.attach(
        {
          receive: (bytes, start, end, offload) => other.transmit(bytes, start, end, offload),
          flush() {},
          writable() {},
        },
        clock,
      )
    })
    return () => {
      for (const device of bad) device.close()
    }
  }

  /** One flow over the path there is. Bits a second that arrived, and what the sender says of it. */
  async flow(from, to, seconds, control = 'cubic') {
    const port = this.#nextPort++
    const far = this.#far.host
    far.send({ order: 'receive', system: to, port, seconds })
    await heard(far, (message) => message.listening === port)
    const received = heard(far, (message) => message.received === port)
    const sent = heard(this.#near.host, (message) => message.sent === port)
    this.#near.host.send({ order: 'send', system: from, address: ADDRESSES.far[to], port, control })
    const { octets, seconds: took } = await received
    const { info } = await sent
    return { rate: (octets * 8) / took, ...info }
  }

  close() {
    for (const { port, host } of [this.#near, this.#far]) {
      host.disconnect()
      port.tap.close()
    }
  }
}
