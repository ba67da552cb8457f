// Listens on port 4000 and resets its clients in the middle of what it sends them: SO_LINGER with no time.
import { AF_INET, SO_LINGER, SOCK_STREAM, SOL_SOCKET, Socket } from '../../../dist/index.js'
import { joined } from './joined.mjs'

const stack = joined()
const listener = new Socket(stack, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 4000 })
listener.listen()
process.stdout.write('ready\n')

for (;;) {
  const client = await listener.accept()
  const sending = client.send(new Uint8Array(64 << 20)).catch(() => {})
  await client.recv(new Uint8Array(1))
  client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
  await client.close()
  await sending
}
