// The shortest server of node:http that there is. Whose sockets it has, is said when it is started.
import { createServer } from 'node:http'

createServer((_, response) => response.end('Hello World')).listen(8080, '0.0.0.0', () =>
  process.stdout.write('ready\n'),
)
