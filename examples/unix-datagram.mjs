// Unix datagrams, which Node does not have: what a service tells systemd by them (sd_notify(3)), and who sends it, which the kernel
// vouches for (unix(7) SO_PASSCRED). The manager is here as well; a real one is at the path in NOTIFY_SOCKET.

import { AF_UNIX, Message, readCredentials, SO_PASSCRED, SOCK_DGRAM, SOL_SOCKET, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const manager = new Socket(os, AF_UNIX, SOCK_DGRAM)
// An abstract name: no file is made, and none is left behind.
manager.bind({ path: `\0jackfield/notify/${process.pid}` })
manager.setsockopt(SOL_SOCKET, SO_PASSCRED, true)

async function notify(path, state) {
  const service = new Socket(os, AF_UNIX, SOCK_DGRAM)
  await service.sendto(new TextEncoder().encode(state), { path })
  await service.close()
}

await notify(manager.getsockname().path, 'READY=1\nSTATUS=Serving')
const message = new Message([new Uint8Array(1024)])
const length = await manager.recvmsg(message)
const { pid } = readCredentials(message)
console.log(new TextDecoder().decode(message.buffers[0].subarray(0, length)))
console.log(`from ${pid === process.pid ? 'this process' : `process ${pid}`}`)
await manager.close()
