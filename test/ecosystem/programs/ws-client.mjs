import { once } from 'node:events'
import { WebSocket } from 'ws'
import { PEER } from './told.mjs'

const socket = new WebSocket(`ws://${PEER}:3001`)
await once(socket, 'open')
const body = 'x'.repeat(2_000_000)
socket.send(body)
const [data] = await once(socket, 'message')
process.stdout.write(`${String(data) === body}\n`)
socket.close()
