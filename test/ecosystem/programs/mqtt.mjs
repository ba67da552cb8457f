import { once } from 'node:events'
import mqtt from 'mqtt'
import { PEER, tell } from './told.mjs'

const client = await mqtt.connectAsync(`mqtt://${PEER}:1883`)
await client.subscribeAsync('news/#', { qos: 2 })
const texts = []
client.on('message', (topic, message) => texts.push([topic, message.length]))
for (const qos of [0, 1, 2]) await client.publishAsync(`news/${qos}`, 'x'.repeat(100_000), { qos })
while (texts.length < 3) await once(client, 'message')
tell({ texts: texts.sort() })
await client.endAsync()
