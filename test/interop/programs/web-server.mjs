// A web server of Node's on the kernel's sockets, on every address: web-server.mjs PORT. "/" is a line of text, "/octets/N" are N
// octets of a pattern, "/to/PATH" leads to PATH, and nobody answers at "/silence".
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  const [, what, rest] = /^\/(\w*)\/?(.*)$/.exec(request.url)
  if (what === '') response.end('hello from the kernel\n')
  else if (what === 'octets') response.end(Buffer.alloc(Number(rest), '0123456789abcdefghijklmnopqrstuvwxyz.'))
  else if (what === 'to') response.writeHead(302, { Location: `/${rest}` }).end()
  else if (what !== 'silence') response.writeHead(404).end('nothing here\n')
})
server.listen(Number(process.argv[2]), '::', () => process.stdout.write('ready\n'))
