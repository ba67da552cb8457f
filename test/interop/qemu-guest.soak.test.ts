import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toByteStream } from '../../src/adapters/byte-stream.ts'
import { toDuplex } from '../../src/adapters/duplex.ts'
import { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { FrameStream } from '../../src/device/frame-stream.ts'
import { Stack } from '../../src/platform/stack.ts'
import { HostsFile } from '../../src/services/names/hosts-file.ts'
import { NameServer } from '../../src/services/names/name-server.ts'
import { StreamServer } from '../../src/services/stream-server.ts'
import { Socket } from '../../src/socket/socket.ts'
import { amount } from '../soak.ts'
import { QemuGuest } from './qemu-guest.ts'
import { describeNetwork } from './requirements.ts'

const SERVER = '10.0.2.2'
const GUEST = '10.0.2.15'
const SERVER_V6 = 'fd00:2::2'
const GUEST_V6 = 'fd00:2::15'
const SIZE = amount(2_000_000, 20_000_000)

const GUEST_SCRIPT = `
say() { echo "guest: $*"; }
ip link set lo up
ip address add ${GUEST}/24 dev eth0
echo 0 > /proc/sys/net/ipv6/conf/eth0/dad_transmits
ip address add ${GUEST_V6}/64 dev eth0
ip link set eth0 up
ip route add default via ${SERVER}
echo nameserver ${SERVER} > /etc/resolv.conf
say up
ping -c 3 -W 5 ${SERVER} > /dev/null && say ping answered
ping -c 2 -W 5 -s 4000 ${SERVER} > /dev/null && say fragments answered
ping6 -c 2 -W 5 -s 4000 ${SERVER_V6} > /dev/null && say fragments of IPv6 answered
nslookup server.lab.test ${SERVER} > /tmp/names && say resolves $(sed -n 's/^Address: //p' /tmp/names)
nslookup nobody.lab.test ${SERVER} > /tmp/names || say resolves nobody not
wget -q -O /down http://server.lab.test/down && say downloaded $(sha256sum < /down)
wget -q -O /down http://server6.lab.test/down && say downloaded over IPv6 $(sha256sum < /down)
head -c ${SIZE} /dev/urandom > /up
say uploads $(sha256sum < /up)
say server has $(nc server.lab.test 9000 < /up)
say server has over IPv6 $(nc server6.lab.test 9000 < /up)
nc server.lab.test 4444 < /dev/null || say refused
say bye
`

/** Octets that depend on the seed alone. */
function seeded(size: number, seed: number): Uint8Array {
  const random = new SeededRandom(seed)
  return new Uint8Array(Int32Array.from({ length: size / 4 }, () => random.int32()).buffer)
}

/** The network of the guest: a stack with a name server, a web server, and one on port 9000 that tells the hash of what it is sent. */
class GuestNetwork {
  readonly stack = new Stack()
  readonly folder: string = mkdtempSync(join(tmpdir(), 'jackfield-guest-lan-'))
  readonly path: string = join(this.folder, 'lan.sock')
  readonly file: Uint8Array = seeded(SIZE, 5)
  readonly closed: Promise<Error | null>
  device: FrameStream | null = null
  readonly #frames: Server
  readonly #servers: { close(): Promise<void> }[] = []

  constructor() {
    let told: (error: Error | null) => void
    this.closed = new Promise((resolve) => {
      told = resolve
    })
    // One guest is one link: its device is attached when it comes.
    this.#frames = createServer((connection) => {
      this.device = new FrameStream(toByteStream(connection), { onClose: (error) => told(error) })
      this.stack.attach(this.device, { address: [`${SERVER}/24`, `${SERVER_V6}/64`] })
    })
    this.#frames.listen(this.path)
  }

  async start(): Promise<void> {
    await once(this.#frames, 'listening')
    this.#serveNames()
    this.#serveFile()
    this.#serveHashes()
  }

  #serveNames(): void {
    const forwarder = new NameServer({
      resolver: null,
      hosts: new HostsFile(`${SERVER} server.lab.test\n${SERVER_V6} server6.lab.test`),
      zone: 'lab.test',
    })
    const socket = new Socket(this.stack, AF_INET, SOCK_DGRAM)
    socket.bind({ address: '', port: 53 })
    this.#run(forwarder.datagrams(socket))
  }

  #serveFile(): void {
    const http = createHttpServer((_, response) => {
      response.setHeader('Content-Length', SIZE)
      response.end(this.file)
    })
    this.#serveStream(80, (socket) => {
      const stream = toDuplex(socket, { allowHalfOpen: true })
      stream.on('error', () => {})
      http.emit('connection', stream)
      return new Promise((resolve) => stream.once('close', resolve))
    })
  }

  #serveHashes(): void {
    this.#serveStream(9000, async (socket) => {
      const hash = createHash('sha256')
      const buffer = new Uint8Array(65536)
      let size = 0
      for (let count = 1; count > 0; size += count) {
        count = await socket.recv(buffer)
        hash.update(buffer.subarray(0, count))
      }
      await socket.send(new TextEncoder().encode(`${size} ${hash.digest('hex')}\n`))
    })
  }

  #serveStream(port: number, service: (socket: Socket) => Promise<void>): void {
    // Of both families: IPV6_V6ONLY is off.
    const socket = new Socket(this.stack, AF_INET6, SOCK_STREAM)
    socket.bind({ address: '', port })
    socket.listen()
    this.#run(new StreamServer(socket, service))
  }

  #run(server: { run(): Promise<void>; close(): Promise<void> }): void {
    this.#servers.push(server)
    void server.run()
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
    this.stack.close()
    this.#frames.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

describeNetwork('a virtual machine', ['qemu-system-x86_64', 'busybox', 'cpio', 'apt-get', 'dpkg'], () => {
  let network: GuestNetwork
  let guest: QemuGuest | null = null

  beforeEach(async () => {
    network = new GuestNetwork()
    await network.start()
  })

  afterEach(async () => {
    await guest?.close()
    await network.close()
  })

  test(`whose card is a FrameStream pings, resolves, downloads and uploads ${SIZE / 1e6} MB intact, over both families`, async () => {
    guest = QemuGuest.boot(network.path, GUEST_SCRIPT)
    // It powers off by itself.
    const { status, stdout, stderr } = await guest.ended
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const said = [...stdout.matchAll(/guest: (.*?)\r?\n/g)].map(([, text]) => text)
    const uploaded = /guest: uploads ([0-9a-f]{64})/.exec(stdout)?.[1]
    const down = createHash('sha256').update(network.file).digest('hex')
    expect(said).toEqual([
      'up',
      'ping answered',
      'fragments answered',
      'fragments of IPv6 answered',
      `resolves ${SERVER}`,
      'resolves nobody not',
      `downloaded ${down} -`,
      `downloaded over IPv6 ${down} -`,
      `uploads ${uploaded} -`,
      `server has ${SIZE} ${uploaded}`,
      `server has over IPv6 ${SIZE} ${uploaded}`,
      'refused',
      'bye',
    ])
    // The end of the machine is the end of the stream, behind a whole frame.
    expect(await network.closed).toBe(null)
    expect(network.device?.received.badLength).toBe(0)
  }, 180_000)
})
