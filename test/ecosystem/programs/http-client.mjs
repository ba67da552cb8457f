// Clients of a plain Node's servers: node:http, node:https, http2, fetch, undici, ws.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { Agent, Pool, request } from 'undici'
import { WebSocket } from 'ws'
import { PEER, tell } from './told.mjs'

const ca = readFileSync(process.env.CERTIFICATE)
const body = 'x'.repeat(2_000_000)
const post = (module, url, options) => {
  const sent = module.request(url, { method: 'POST', ...options }).end(body)
  return once(sent, 'response').then(([response]) => text(response))
}
const same = {
  http: await post(http, `http://${PEER}/`),
  https: await post(https, `https://${PEER}/`, { ca, servername: 'localhost' }),
  fetch: await (await fetch(`http://${PEER}/`, { method: 'POST', body })).text(),
  undici: await (await request(`http://${PEER}/`, { method: 'POST', body })).body.text(),
}
const secure = new Agent({ connect: { ca, servername: 'localhost' } })
const undiciSecure = await request(`https://${PEER}/`, { method: 'POST', body, dispatcher: secure })
same.undiciSecure = await undiciSecure.body.text()
const pool = new Pool(`http://${PEER}`, { connections: 4, pipelining: 4 })
const many = await Promise.all(
  Array.from({ length: 100 }, async (_, i) => {
    const response = await pool.request({ path: '/', method: 'POST', body: `body ${i}` })
    return (await response.body.text()) === `body ${i}`
  }),
)
const session = http2.connect(`https://${PEER}:8443`, { ca, servername: 'localhost' })
const stream = session.request({ ':path': '/', ':method': 'POST' })
stream.end(body)
same.http2 = await text(stream)
const socket = new WebSocket(`ws://${PEER}:3001`)
await once(socket, 'open')
socket.send(body)
same.ws = String((await once(socket, 'message'))[0])
const found = Object.fromEntries(Object.entries(same).map(([name, got]) => [name, got === body]))
tell({ ...found, many: many.every(Boolean) })
socket.close()
session.close()
await Promise.all([secure.close(), pool.close()])
