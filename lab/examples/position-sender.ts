// Where a player is, every 20 ms, over UDP. An update that is lost is not sent again: the next one is newer.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { systemNames } from 'jackfield/node'
import { os } from 'jackfield/os'

const SERVER = 'server'

const [there] = await systemNames(os).getaddrinfo(SERVER, 5004, { family: AF_INET })
if (there === undefined) throw new Error(`${SERVER} has no address`)
const socket = new Socket(os, AF_INET, SOCK_DGRAM)
await socket.connect(there.address)
for (let number = 0; number < 20; number++) {
  const angle = (number / 20) * 2 * Math.PI
  const update = new DataView(new ArrayBuffer(12))
  update.setUint32(0, number)
  update.setFloat32(4, Math.cos(angle))
  update.setFloat32(8, Math.sin(angle))
  await socket.send(new Uint8Array(update.buffer))
  await new Promise((done) => setTimeout(done, 20))
}
await socket.close()
