// A web server on the kernel's sockets, on every address, for the files of a folder: file-store.mjs PORT FOLDER. GET and PUT.
import { createReadStream, createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream'

const [port, folder] = process.argv.slice(2)
const server = createServer((request, response) => {
  const path = join(folder, basename(request.url))
  const failed = (error) => error && (response.headersSent ? response.destroy() : response.writeHead(500).end())
  if (request.method === 'GET') pipeline(createReadStream(path), response, failed)
  else pipeline(request, createWriteStream(path), (error) => (error ? failed(error) : response.writeHead(201).end()))
})
server.listen(Number(port), '::', () => process.stdout.write('ready\n'))
