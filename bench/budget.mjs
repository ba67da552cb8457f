// Where the time of a segment goes: the stack on a TAP device with offloads, each seam under a stopwatch, driven by the client
// in C from the kernel's side. Prints, for 64 KiB segments both ways and for 64-octet round trips, what each step costs per
// segment. A stopwatch costs a step two readings of the clock, about 0.1 µs, which is taken off.
//
//   node bench/budget.mjs [--seconds 2]
//
// Needs Linux, root, iproute2 and gcc, and a build (npm run build).

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readArguments, requireRoot } from './harness/arguments.mjs'

const values = readArguments(
  'budget',
  { seconds: { type: 'string', default: '2' }, inside: { type: 'boolean', default: false } },
  { seconds: { smallest: 0.1 } },
)
requireRoot('budget')

const KERNEL = '10.98.0.1'
const STACK = '10.98.0.2'

if (values.inside) await inside()
else await outside()

async function outside() {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const namespace = `jackfield-budget-${process.pid}`
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-budget-'))
  const run = (program, ...args) => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  let child = null
  try {
    const client = join(folder, 'client')
    run('gcc', '-O2', '-o', client, join(root, 'bench/peers/client.c'))
    run('ip', 'netns', 'add', namespace)
    child = spawn('ip', ['netns', 'exec', namespace, process.execPath, fileURLToPath(import.meta.url), '--inside'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = lineReader(child.stdout)
    await lines() // ready
    run('ip', 'netns', 'exec', namespace, 'sysctl', '-q', '-w', 'net.ipv6.conf.jf0.disable_ipv6=1')
    run('ip', '-n', namespace, 'address', 'add', `${KERNEL}/24`, 'dev', 'jf0')
    run('ip', '-n', namespace, 'link', 'set', 'jf0', 'up')
    for (const [title, mode, port, unit] of [
      ['kernel → application, 64 KiB segments', 'send', 9, 'segment in'],
      ['application → kernel, 64 KiB segments', 'recv', 19, 'segment out'],
      ['64-octet round trips', 'ping-pong', 7, 'round trip'],
    ]) {
      child.stdin.write('reset\n')
      await lines()
      const started = performance.now()
      const said = run('ip', 'netns', 'exec', namespace, client, mode, STACK, String(port), String(values.seconds))
      const wall = performance.now() - started
      child.stdin.write('report\n')
      show(title, unit, JSON.parse(await lines()), wall, Number(said.split(' ')[0]))
    }
  } finally {
    child?.kill('SIGKILL')
    spawnSync('ip', ['netns', 'delete', namespace])
    rmSync(folder, { recursive: true, force: true })
  }
}

function lineReader(stream) {
  let text = ''
  const waiting = []
  stream.setEncoding('utf8').on('data', (more) => {
    text += more
    while (waiting.length > 0 && text.includes('\n')) {
      const end = text.indexOf('\n')
      waiting.shift()(text.slice(0, end))
      text = text.slice(end + 1)
    }
  })
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      stream.emit('data', '')
    })
}

function show(title, unit, report, wall, figure) {
  const { steps, cpu, packets } = report
  const count = { 'segment in': packets.bigIn, 'segment out': packets.bigOut, 'round trip': steps.recv.hits }[unit]
  const rate =
    unit === 'round trip' ? `${figure.toFixed(1)} µs a round trip` : `${((figure * 8) / 1e9).toFixed(1)} Gbit/s`
  console.log(`\n${title}: ${rate}; ${count} of them, ${packets.in} frames in, ${packets.out} out`)
  let known = 0
  for (const [name, { total, calls }] of Object.entries(steps)) {
    const own = Math.max(total - calls * report.stopwatch, 0)
    known += own
    console.log(
      `  ${name.padEnd(10)}${((own * 1000) / count).toFixed(2).padStart(9)} µs  (${(calls / count).toFixed(2)} calls)`,
    )
  }
  // Wall time, since a step is timed by the wall: it counts what the kernel's side of the TAP took of the processor meanwhile.
  const all = wall - report.overhead
  console.log(
    `  ${'the rest'.padEnd(10)}${(((all - known) * 1000) / count).toFixed(2).padStart(9)} µs  waking up, promises, waiting for the kernel`,
  )
  console.log(
    `  ${'in all'.padEnd(10)}${((all * 1000) / count).toFixed(2).padStart(9)} µs  of wall time; ${((cpu * 1000) / count).toFixed(2)} µs of processor time in this process`,
  )
}

async function inside() {
  const { AF_INET, IPPROTO_TCP, SOCK_STREAM, Socket, Stack, TCP_NODELAY } = await import('../dist/index.js')
  const { openTap } = await import('../dist/os/index.js')
  const { libc } = await import('../dist/os/libc.js')
  const steps = {}
  const packets = { in: 0, out: 0, bigIn: 0, bigOut: 0 }
  for (const name of ['read', 'input', 'flush', 'transmit', 'recv', 'send'])
    steps[name] = { total: 0, calls: 0, hits: 0 }
  // Steps lie inside one another (send outputs, output transmits): time is given to the innermost.
  let current = null
  let since = 0
  const enter = (step) => {
    const now = performance.now()
    if (current !== null) current.total += now - since
    const outer = current
    current = step
    since = now
    step.calls++
    return outer
  }
  const leave = (outer) => {
    const now = performance.now()
    current.total += now - since
    current = outer
    since = now
  }
  const timed = (step, call) => {
    const outer = enter(step)
    const result = call()
    leave(outer)
    if (result > 0) step.hits++
    return result
  }

  const system = libc()
  const { read } = system
  system.read = (...args) => timed(steps.read, () => read(...args))
  const tap = openTap('jf0')
  const sent = (transmit) => (bytes, start, end, offload) => {
    packets.out++
    if (end - start > 1514) packets.bigOut++
    return timed(steps.transmit, () => transmit.call(tap, bytes, start, end, offload))
  }
  const watched = Object.create(tap, {
    attach: {
      value: (receiver, clock) =>
        tap.attach(
          {
            receive(bytes, start, end, offload) {
              packets.in++
              if (end - start > 1514) packets.bigIn++
              timed(steps.input, () => receiver.receive(bytes, start, end, offload))
            },
            flush: () => timed(steps.flush, () => receiver.flush()),
            writable: () => receiver.writable(),
          },
          clock,
        ),
    },
    transmit: { value: sent(tap.transmit) },
    transmitGathered: { value: sent(tap.transmitGathered) },
  })
  const stack = new Stack()
  stack.attach(watched, { address: `${STACK}/24` })
  const serve = (port, program) => {
    const listener = new Socket(stack, AF_INET, SOCK_STREAM)
    listener.bind({ address: '', port })
    listener.listen()
    ;(async () => {
      for await (const socket of listener)
        program(watch(socket))
          .catch(() => {})
          .finally(() => socket.close())
    })()
  }
  // The endpoint's calls, where the waiting of Socket ends and the stack begins.
  const watch = (socket) => {
    const endpoint = stack.descriptors.get(socket.fd)
    const { recv, send } = endpoint
    endpoint.recv = (...args) => timed(steps.recv, () => recv.apply(endpoint, args))
    endpoint.send = (...args) => timed(steps.send, () => send.apply(endpoint, args))
    return socket
  }
  serve(9, async (socket) => {
    const bin = new Uint8Array(256 * 1024)
    while ((await socket.recv(bin)) > 0);
  })
  serve(19, async (socket) => {
    const block = new Uint8Array(256 * 1024).fill(74)
    for (;;) await socket.send(block)
  })
  serve(7, async (socket) => {
    socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    const buffer = new Uint8Array(65536)
    for (let length = await socket.recv(buffer); length > 0; length = await socket.recv(buffer)) {
      await socket.send(buffer.subarray(0, length))
    }
  })
  const probe = { total: 0, calls: 0, hits: 0 }
  for (let i = 0; i < 100_000; i++) timed(probe, () => 0)
  for (let i = 0; i < 100_000; i++) timed(probe, () => 0)
  const before = performance.now()
  for (let i = 0; i < 100_000; i++) timed(probe, () => 0)
  const stopwatch = (performance.now() - before) / 100_000
  let usage = process.cpuUsage()
  process.stdin.setEncoding('utf8').on('data', (text) => {
    for (const order of text.trim().split('\n')) {
      if (order === 'reset') {
        for (const step of Object.values(steps)) Object.assign(step, { total: 0, calls: 0, hits: 0 })
        Object.assign(packets, { in: 0, out: 0, bigIn: 0, bigOut: 0 })
        usage = process.cpuUsage()
        console.log('reset')
      } else {
        const { user, system } = process.cpuUsage(usage)
        const calls = Object.values(steps).reduce((sum, step) => sum + step.calls, 0)
        console.log(
          JSON.stringify({
            steps,
            packets,
            cpu: (user + system) / 1000 - calls * stopwatch,
            stopwatch: stopwatch / 2,
            overhead: calls * stopwatch,
          }),
        )
      }
    }
  })
  console.log('ready')
}
