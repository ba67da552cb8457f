// Greets whoever comes, and closes. Then it is started again, as after an update.
import { AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const again = { reuseAddress: false }

for (let start = 1; start <= 2; start++) {
  const listener = new Socket(os, AF_INET, SOCK_STREAM)
  if (again.reuseAddress) listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '', port: 12000 })
  listener.listen()
  console.log('listening, start', start)
  const connection = await listener.accept()
  await connection.send(new TextEncoder().encode('welcome'))
  await connection.close()
  await listener.close()
  await new Promise((done) => setTimeout(done, 5000))
}
