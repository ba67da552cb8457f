// A page from a web server by the operating system's own sockets, call by call (src/cli/programs/page-client.ts):
//
//   jackfield trace -e socket,connect,sendto,recvfrom,close examples/page.mjs 192.0.2.1 80 /

import { os } from 'jackfield/os'
import { pageClient } from '../dist/cli/programs/page-client.js'

const [address = '127.0.0.1', port = '80', path = '/'] = process.argv.slice(2)
try {
  const page = await pageClient(os, { address, port: Number(port) }, path)
  console.log(page.split('\r\n')[0])
} catch (error) {
  console.error(
    `page.mjs: no web server answers at ${address} port ${port} (${error.message}); name one: page.mjs ADDRESS PORT PATH`,
  )
  process.exitCode = 1
}
