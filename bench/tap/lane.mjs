// A lane against the kernel's side: `lane.mjs FOLDER SYSTEM MODE PORT ARGUMENTS…`, the client in C (or iperf3) in this network namespace, which is the
// lane's own, and a system that serves it. The server is bound to the first of the lane's processors, the client to the second.

import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { answer, refuse } from '../harness/answer.mjs'
import { KERNEL, KERNEL6, PEER, PEER6, systems } from './systems.mjs'

const [folder, name, mode, ...rest] = process.argv.slice(2)
const system = systems(folder)[name]
const pins = process.env.BENCH_PINS ? process.env.BENCH_PINS.split(',') : []
const bound = (pin) => (pin === undefined ? [] : ['taskset', '-c', pin])
const children = []

function run(...words) {
  const [program, ...args] = words
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${stderr.trim() || `status ${status}`}`)
  return stdout
}

/** Starts what dies with this process, and waits until it says `word`. */
function start(words, word) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
      if (said.includes(word)) resolve(child)
    })
    child.once('error', reject)
    child.once('exit', (status, signal) =>
      reject(new Error(`${name} ended with ${signal ?? `status ${status}`}: ${said}`)),
    )
  })
}

/** The client's end of the link: an address of its own; no IPv6 where it is not asked for, whose questions nobody would answer. */
function bringUp(device) {
  if (system.version === 6) run('ip', 'address', 'add', `${KERNEL6}/64`, 'dev', device, 'nodad')
  else run('sysctl', '-qw', `net.ipv6.conf.${device}.disable_ipv6=1`)
  run('ip', 'address', 'add', `${KERNEL}/24`, 'dev', device)
  run('ip', 'link', 'set', device, 'up')
}

const links = {
  async loopback() {
    await start([...bound(pins[0]), ...system.command], 'ready')
    return '127.0.0.1'
  },

  async tap() {
    await start([...bound(pins[0]), ...system.command], 'ready')
    bringUp('peer')
    return system.version === 6 ? PEER6 : PEER
  },

  /** The server is in a namespace of its own; `own`: the address there is not the kernel's but the server's. */
  async veth() {
    const holder = await start(['unshare', '--net', 'sh', '-c', 'echo held; exec sleep infinity'], 'held')
    const inside = ['nsenter', '--net', '--target', String(holder.pid)]
    run('ip', 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'peer', 'netns', String(holder.pid))
    run(...inside, 'sysctl', '-qw', 'net.ipv6.conf.peer.disable_ipv6=1')
    if (!system.own) run(...inside, 'ip', 'address', 'add', `${PEER}/24`, 'dev', 'peer')
    run(...inside, 'ip', 'link', 'set', 'peer', 'up')
    bringUp('near')
    await start([...inside, ...bound(pins[0]), ...system.command], system.ready ?? 'ready')
    return PEER
  },
}

function measureClient(address, seconds) {
  const [port, ...more] = rest
  return Number(
    run(...bound(pins[1]), join(folder, 'client'), mode, address, port, String(seconds), ...more).split(' ')[0],
  )
}

/** iperf3 counts whole seconds. */
function measureIperf(address, seconds) {
  const time = String(Math.max(1, Math.round(seconds)))
  const words = ['iperf3', '--client', address, '--time', time, '--json', ...(mode === 'recv' ? ['--reverse'] : [])]
  const { end, error } = JSON.parse(run(...bound(pins[1]), ...words))
  if (error !== undefined) throw new Error(error)
  return end.sum_received.bits_per_second / 8
}

try {
  run('ip', 'link', 'set', 'lo', 'up')
  const address = await links[system.link]()
  const scale = mode === 'send' || mode === 'recv' ? 8e-9 : 1
  const measure = name === 'iperf3' ? measureIperf : measureClient
  await answer(
    ({ seconds }) => measure(address, seconds) * scale,
    () => {
      for (const child of children) child.kill('SIGKILL')
    },
  )
} catch (error) {
  for (const child of children) child.kill('SIGKILL')
  refuse(error)
}
