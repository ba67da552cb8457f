// Upper-casing over UDP, the server: each datagram goes back in capitals to whoever it came from.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_DGRAM)
socket.bind({ address: '', port: 12000 })
console.log('bound to', String(socket.getsockname()))
for await (const { data, address } of socket.datagrams()) {
  if (address === null) continue
  const line = new TextDecoder().decode(data)
  console.log(String(address), 'sent', line)
  await socket.sendto(new TextEncoder().encode(line.toUpperCase()), address)
}
