// Servers: node:http at 80, node:https at 443, http2 at 8443, express at 3000, fastify at 4000, ws at 3001. They answer with what they got.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import express from 'express'
import fastify from 'fastify'
import { WebSocketServer } from 'ws'
import { OWN, ready } from './told.mjs'

const { KEY, CERTIFICATE } = process.env
const tls = { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) }
const answer = (request, response) => request.pipe(response)
const servers = [http.createServer(answer).listen(80, OWN), https.createServer(tls, answer).listen(443, OWN)]
const h2 = http2.createSecureServer(tls, (request, response) => request.pipe(response))
servers.push(h2.listen(8443, OWN))

const app = express()
app.use(express.json())
app.get('/', (_, response) => response.send('express'))
app.post('/json', (request, response) => response.json({ got: request.body }))
servers.push(app.listen(3000, OWN))

const fast = fastify()
fast.get('/', () => ({ hello: 'fastify' }))
await fast.listen({ port: 4000, host: OWN })

const sockets = new WebSocketServer({ port: 3001, host: OWN })
await once(sockets, 'listening')
sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })))

ready(() => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections?.()
  }
  fast.close()
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
})
