import { Redis } from 'ioredis'
import { PEER, tell } from './told.mjs'

const redis = new Redis({ host: PEER, lazyConnect: true })
await redis.connect()
const large = 'x'.repeat(3_000_000)
await redis.set('large', large)
const pipeline = redis.pipeline()
for (let i = 0; i < 1000; i++) pipeline.incr('counter')
const counted = await pipeline.exec()
const listener = redis.duplicate()
await listener.subscribe('news')
const heard = new Promise((resolve) => listener.on('message', (channel, text) => resolve([channel, text])))
await redis.publish('news', 'something')
const found = {
  large: (await redis.get('large')) === large,
  counted: counted.at(-1),
  heard: await heard,
  from: /addr=([^:]+):/.exec(await redis.client('LIST'))[1],
}
tell(found)
await Promise.all([redis.quit(), listener.quit()])
