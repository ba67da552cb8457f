// The sockets of this host, a few times, as netstat(8) lists them.
import { formatNetstat } from 'jackfield'
import { osNetstat } from 'jackfield/os'

for (const wait of [0, 100, 300]) {
  await new Promise((done) => setTimeout(done, wait))
  console.log(formatNetstat(await osNetstat({ kinds: ['tcp', 'udp'] })))
}
