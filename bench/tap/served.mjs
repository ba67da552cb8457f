// A system that serves the kernel's side, which is this network namespace: how it is started, and how it is joined to it.

import { spawn, spawnSync } from 'node:child_process'
import { KERNEL, KERNEL6, PEER, PEER6 } from './systems.mjs'

export function run(...words) {
  const [program, ...args] = words
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${stderr.trim() || `status ${status}`}`)
  return stdout
}

/** What binds a program to a processor; undefined: to none. */
export const bound = (pin) => (pin === undefined ? [] : ['taskset', '-c', pin])

/** `system`: { link, command, ready, own, version }, see systems.mjs. */
export class Served {
  /** Where it answers, once it is open. */
  address = ''
  #system
  #name
  #pin
  #server = null
  #children = []

  constructor(system, name, pin) {
    this.#system = system
    this.#name = name
    this.#pin = pin
  }

  async open() {
    run('ip', 'link', 'set', 'lo', 'up')
    const links = { loopback: () => this.#loopback(), tap: () => this.#tap(), veth: () => this.#veth() }
    this.address = await links[this.#system.link]()
  }

  /** The number of the server's process. */
  get pid() {
    return this.#server.pid
  }

  close() {
    for (const child of this.#children) child.kill('SIGKILL')
  }

  async #loopback() {
    await this.#serve()
    return '127.0.0.1'
  }

  async #tap() {
    await this.#serve()
    this.#bringUp('peer')
    return this.#system.version === 6 ? PEER6 : PEER
  }

  /** The server is in a namespace of its own; `own`: the address there is not the kernel's but the server's. */
  async #veth() {
    const holder = await this.#start(['unshare', '--net', 'sh', '-c', 'echo held; exec sleep infinity'], 'held')
    const inside = ['nsenter', '--net', '--target', String(holder.pid)]
    run('ip', 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'peer', 'netns', String(holder.pid))
    run(...inside, 'sysctl', '-qw', 'net.ipv6.conf.peer.disable_ipv6=1')
    if (!this.#system.own) run(...inside, 'ip', 'address', 'add', `${PEER}/24`, 'dev', 'peer')
    run(...inside, 'ip', 'link', 'set', 'peer', 'up')
    this.#bringUp('near')
    await this.#serve(inside)
    return PEER
  }

  async #serve(under = []) {
    const { command, ready = 'ready' } = this.#system
    this.#server = await this.#start([...under, ...bound(this.#pin), ...command], ready)
  }

  /** Starts what dies with this process, and waits until it says `word`. */
  #start(words, word) {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#children.push(child)
    return new Promise((resolve, reject) => {
      let said = ''
      child.stdout.setEncoding('utf8').on('data', (text) => {
        said += text
        if (said.includes(word)) resolve(child)
      })
      child.once('error', reject)
      child.once('exit', (status, signal) =>
        reject(new Error(`${this.#name} ended with ${signal ?? `status ${status}`}: ${said}`)),
      )
    })
  }

  /** The client's end of the link: an address of its own; no IPv6 where it is not asked for, whose questions nobody would answer. */
  #bringUp(device) {
    if (this.#system.version === 6) run('ip', 'address', 'add', `${KERNEL6}/64`, 'dev', device, 'nodad')
    else run('sysctl', '-qw', `net.ipv6.conf.${device}.disable_ipv6=1`)
    run('ip', 'address', 'add', `${KERNEL}/24`, 'dev', device)
    run('ip', 'link', 'set', device, 'up')
  }
}
