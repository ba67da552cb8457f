// Two workers of a cluster share a port, over os: as the primary process deals connections out, and as the system does.
'use strict'

const cluster = require('node:cluster')
const http = require('node:http')

const CONNECTIONS = 8

function primary() {
  const ports = new Set()
  cluster.schedulingPolicy = cluster[process.env.POLICY]
  const exits = []
  // Told once both are gone: what the one says last and the end of the other have no order.
  cluster.on('exit', (_worker, status, signal) => {
    if (exits.push([status, signal]) === 2) console.log('exits', exits)
  })
  cluster.on('listening', (_worker, { port, address, addressType }) => {
    ports.add(port)
    console.log('listening', address, addressType)
    if (Object.keys(cluster.workers).length === 2 && --left === 0) ask([...ports])
  })
  let left = 2
  cluster.fork()
  cluster.fork()
}

function ask(ports) {
  console.log('ports', ports.length)
  let left = CONNECTIONS
  const answers = new Set()
  for (let i = 0; i < CONNECTIONS; i++) {
    http.get({ port: ports[0], host: '127.0.0.1', agent: false }, (response) => {
      response.on('data', (data) => answers.add(String(data)))
      response.on('end', () => {
        if (--left > 0) return
        // As the system deals them out one worker may have all of them.
        const answered = process.env.POLICY === 'SCHED_RR' ? [...answers].sort() : answers.size > 0
        console.log(answered)
        for (const worker of Object.values(cluster.workers)) worker.disconnect()
      })
    })
  }
}

function worker() {
  const server = http.createServer((request, response) => {
    response.end(`${cluster.worker.id} ${request.socket.remoteAddress}`)
  })
  server.on('close', () => console.log('closed'))
  server.listen(0, '127.0.0.1')
}

if (process.env.POLICY === undefined) {
  // Each policy in a process of its own: it cannot be changed once there are workers.
  const { spawnSync } = require('node:child_process')
  for (const POLICY of ['SCHED_RR', 'SCHED_NONE']) {
    const env = { ...process.env, POLICY }
    const { stdout, stderr, status } = spawnSync(process.execPath, [...process.execArgv, __filename], { env })
    console.log(POLICY, status, String(stdout), String(stderr))
  }
} else if (cluster.isPrimary) primary()
else worker()
