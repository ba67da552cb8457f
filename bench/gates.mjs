// Measures the stack from the kernel's side: `jackfield serve` on a TAP device with offloads, against a client of our own in
// C, in a network namespace; the same services on node:net over the kernel's loopback beside it, round by round.
//
//   node bench/gates.mjs [--rounds 5] [--seconds 1] [--json] [--ipv6]
//
// With --ipv6 all goes over IPv6, and the stack's IPv4 is measured beside it.
//
// Needs Linux, root, iproute2 and gcc, and a build (npm run build).

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readArguments, requireRoot } from './arguments.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { rounds, seconds, json, ipv6 } = readArguments(
  'gates',
  {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    ipv6: { type: 'boolean', default: false },
  },
  { rounds: { smallest: 1, whole: true }, seconds: { smallest: 0.1 } },
)
requireRoot('gates')

const KERNEL = '10.99.0.1'
const STACK = '10.99.0.2'
const KERNEL6 = '2001:db8:99::1'
const STACK6 = '2001:db8:99::2'

const peers = ipv6
  ? [
      ['jackfield', STACK6],
      ['node', KERNEL6],
      ['jackfieldV4', STACK],
    ]
  : [
      ['jackfield', STACK],
      ['node', KERNEL],
    ]

const gigabits = (octets) => (octets * 8) / 1e9
const rows = [
  { name: 'kernel → application', unit: 'Gbit/s', arguments: ['send', 9], scale: gigabits },
  { name: 'application → kernel', unit: 'Gbit/s', arguments: ['recv', 19], scale: gigabits },
  { name: 'round trip, 64 octets', unit: 'µs', arguments: ['ping-pong', 7, 64], scale: (value) => value },
  { name: 'connections, 1 at a time', unit: '/s', arguments: ['connections', 7, 1], scale: (value) => value },
  { name: 'connections, 32 at a time', unit: '/s', arguments: ['connections', 7, 32], scale: (value) => value },
  { name: 'datagrams there and back', unit: '/s', arguments: ['udp', 7, 16, 64], scale: (value) => value },
]

const namespace = `jackfield-gates-${process.pid}`
const folder = mkdtempSync(join(tmpdir(), 'jackfield-gates-'))
const children = []

function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}

const ip = (...args) => run('ip', ...args)
const inside = (...args) => run('ip', 'netns', 'exec', namespace, ...args)

/** Starts a server in the namespace, and waits until it says that it is ready. */
function start(...args) {
  const child = spawn('ip', ['netns', 'exec', namespace, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
      if (said.includes('ready')) resolve()
    })
    child.on('exit', (status) => reject(new Error(`${args.join(' ')} ended with ${status}`)))
  })
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function shown(value) {
  return value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(1) : value.toFixed(2)
}

try {
  const client = join(folder, 'client')
  run('gcc', '-O2', '-o', client, join(root, 'bench/peers/client.c'))
  ip('netns', 'add', namespace)
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  const on = ipv6 ? `tap:jf0,${STACK}/24,${STACK6}/64,dad=off` : `tap:jf0,${STACK}/24`
  await start(join(root, 'bin/jackfield'), 'serve', 'echo', 'discard', 'chargen', '--on', on)
  await start(process.execPath, join(root, 'bench/peers/node-server.mjs'), ...(ipv6 ? ['--ipv6'] : []))
  if (ipv6) ip('-n', namespace, 'address', 'add', `${KERNEL6}/64`, 'dev', 'jf0', 'nodad')
  else inside('sysctl', '-q', '-w', 'net.ipv6.conf.jf0.disable_ipv6=1')
  ip('-n', namespace, 'address', 'add', `${KERNEL}/24`, 'dev', 'jf0')
  ip('-n', namespace, 'link', 'set', 'jf0', 'up')

  const results = rows.map(() => Object.fromEntries(peers.map(([peer]) => [peer, []])))
  for (let round = 0; round < rounds; round++) {
    rows.forEach((row, i) => {
      const [mode, port, ...rest] = row.arguments
      for (const [peer, address] of peers) {
        const text = inside(client, mode, address, String(port), String(seconds), ...rest.map(String))
        results[i][peer].push(row.scale(Number(text.split(' ')[0])))
      }
    })
    process.stderr.write(`round ${round + 1} of ${rounds}\r`)
  }

  if (json) {
    console.log(JSON.stringify(rows.map(({ name, unit }, i) => ({ name, unit, ...results[i] }))))
  } else {
    console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.version}, medians of ${rounds} rounds`)
    console.log(`${''.padEnd(28)}${'jackfield'.padStart(12)}${'node:net'.padStart(12)}${ipv6 ? ', over IPv6' : ''}`)
    rows.forEach((row, i) => {
      const { jackfield, node, jackfieldV4 = [] } = results[i]
      const line = `${row.name.padEnd(28)}${shown(median(jackfield)).padStart(12)}${shown(median(node)).padStart(12)} ${row.unit}`
      const range = `(${shown(Math.min(...jackfield))} to ${shown(Math.max(...jackfield))})`
      const beside = ipv6 ? `, ${shown(median(jackfield.map((value, j) => value / jackfieldV4[j])))} of IPv4` : ''
      console.log(`${line}   ${range}${beside}`)
    })
  }
} finally {
  for (const child of children) child.kill('SIGKILL')
  spawnSync('ip', ['netns', 'delete', namespace])
  rmSync(folder, { recursive: true, force: true })
}
