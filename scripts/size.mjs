// npm run size
//
// What a page loads for programs of several sizes: the package bundled, minified and compressed. Then where it comes from: each room
// minified and compressed by itself, which is a little more than its part of the whole. Needs a build (npm run build).
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { bundlePage, bundleRooms } from './page.mjs'

const WHOLE = ['Stack', 'Socket', 'Cable', 'WebSocketDevice', 'AF_INET', 'SOCK_STREAM']
const PROGRAMS = {
  'stack, sockets, cable, WebSocket': WHOLE,
  'stack and sockets': ['Stack', 'Socket', 'AF_INET', 'SOCK_STREAM'],
  'lean stack and sockets': ['LeanStack', 'Socket', 'AF_INET', 'SOCK_STREAM'],
  'the same with Unix sockets': ['LeanStack', 'unixSockets', 'Socket', 'AF_INET', 'SOCK_STREAM'],
  'the same with multicast': ['LeanStack', 'multicast', 'Socket', 'AF_INET', 'SOCK_STREAM'],
  'the same with routerDiscovery': ['LeanStack', 'routerDiscovery', 'Socket', 'AF_INET', 'SOCK_STREAM'],
  'sockets of another thread': ['Socket', 'RemoteProvider', 'AF_INET', 'SOCK_STREAM'],
  'frames in words': ['describeLine'],
  constants: ['AF_INET'],
}

const program = (names) => `import { ${names.join(', ')} } from 'jackfield'\nglobalThis.used = [${names.join(', ')}]\n`
const kibibytes = (octets) => (octets / 1024).toFixed(1).padStart(8)

function print(name, code) {
  const { length } = Buffer.from(code)
  console.log(
    name.padEnd(36),
    kibibytes(length),
    kibibytes(gzipSync(code, { level: 9 }).length),
    kibibytes(brotliCompressSync(code).length),
  )
}

console.log('KiB, minified'.padEnd(40), 'all     gzip   brotli')
for (const [name, names] of Object.entries(PROGRAMS)) print(name, await bundlePage(program(names)))

console.log('\nthe first of them, by room')
const rooms = await bundleRooms(program(WHOLE), (path) => {
  const [room, layer, file] = path.split('/')
  return file !== undefined && room === 'stack' ? `${room}/${layer}` : room
})
for (const { name, code } of rooms.sort((a, b) => b.code.length - a.code.length)) {
  if (!/program|runtime/.test(name)) print(name, code)
}
