// Read first: RFC 792 (echo), ping(8). What it prints, and what it exits with, are those of iputils.

import { Command, InvalidArgumentError, Option } from 'commander'
import { read16, write16 } from '../base/bytes.ts'
import { internetChecksum } from '../base/checksum.ts'
import { AF_INET, IP_RECVERR, IPPROTO_ICMP, IPPROTO_IP, SOCK_RAW } from '../base/constants.ts'
import { errnoText } from '../base/errno.ts'
import { IpAddress } from '../base/ip-address.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { secureRandom } from '../platform/secure-random.ts'
import { type Received, Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'
import { CAPTURE_OPTION, Host, type HostOptions, IMPAIR_OPTION, ON_OPTION } from './host.ts'
import { linkOf, onLink, placeOnLink } from './link-address.ts'
import { PingStatistics } from './ping-statistics.ts'
import { untilSignal } from './serve.ts'
import { UsageError } from './usage-error.ts'
import { requireWhere, type Where } from './where.ts'
import { wholeNumber } from './whole-number.ts'

const ECHO_REPLY = 0
const DESTINATION_UNREACHABLE = 3
const ECHO_REQUEST = 8
const TIME_EXCEEDED = 11

const ICMP_HEADER_LENGTH = 8
/** An IPv4 packet is at most 65,535 octets long. */
const LONGEST = 65535 - 20 - ICMP_HEADER_LENGTH

/** For how long requests can have waited for a hardware address: three tries, a second each, and some more. */
const NEIGHBOUR_PATIENCE = 4000

/** Exit statuses of ping(8). */
const ANSWERED = 0
const SILENT = 1
const FAILED = 2

const unreachable: Record<number, string> = {
  0: 'Destination Net Unreachable',
  1: 'Destination Host Unreachable',
  2: 'Destination Protocol Unreachable',
  3: 'Destination Port Unreachable',
  4: 'Frag needed and DF set',
  9: 'Destination Net Prohibited',
  10: 'Destination Host Prohibited',
  13: 'Packet filtered',
}

interface PingOptions extends HostOptions {
  readonly count?: number
  readonly interval: number
  readonly size: number
  readonly timeout: number
  readonly flood?: boolean
}

function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || value > 86_400) {
    throw new InvalidArgumentError('It must be a number of seconds, at most 86400.')
  }
  return value * 1000
}

/** An option in seconds for those who write it, in milliseconds for those who read it. */
function secondsOption(flags: string, description: string, standard: number): Option {
  return new Option(flags, description).argParser(seconds).default(standard * 1000, String(standard))
}

export function pingCommand(): Command {
  return new Command('ping')
    .description('send echo requests from a stack of its own, and time the answers')
    .argument('<host>', 'an IPv4 address')
    .option(...ON_OPTION)
    .option('-c, --count <count>', 'stop after so many requests', wholeNumber(1, 0x7fffffff))
    .addOption(secondsOption('-i, --interval <seconds>', 'wait so long between requests', 1))
    .option('-s, --size <octets>', 'octets of data in a request', wholeNumber(0, LONGEST), 56)
    .addOption(secondsOption('-W, --timeout <seconds>', 'wait so long for the last answers', 10))
    .option('-f, --flood', 'send the next request as soon as the last is answered, at least 100 a second')
    .option(...IMPAIR_OPTION)
    .option(...CAPTURE_OPTION)
    .action(ping)
}

async function ping(target: string, options: PingOptions): Promise<void> {
  const address = IpAddress.parse(target)
  if (address === null || !address.isV4) {
    throw new UsageError(`${JSON.stringify(target)} is no IPv4 address such as 10.0.0.1 (names are not looked up)`)
  }
  const where = requireWhere(options.on, 'ping')
  checkTarget(address, where)
  const host = new Host(where, options)
  try {
    if (!(await host.linkUp())) {
      process.stderr.write(
        `jackfield: ${where.name} is not up, nothing gets through; the kernel's side: ${host.hint}\n`,
      )
    }
    const socket = new Socket(host.stack, AF_INET, SOCK_RAW, IPPROTO_ICMP)
    socket.setsockopt(IPPROTO_IP, IP_RECVERR, true)
    const own = (host.where.addresses[0] as string).split('/')[0] as string
    const pinger = new Pinger(socket, address, own, options)
    process.exitCode = await Promise.race([pinger.run(), host.lost])
  } finally {
    host.close()
  }
}

/** Refuses what no answer can come from: what can be told without asking is told at once. */
function checkTarget(target: IpAddress, where: Where): void {
  if (target.isUnspecified || target.isMulticast || target.isLimitedBroadcast) {
    throw new UsageError(`ping ${target}: this is no address of one host; write one such as 10.0.0.1`)
  }
  if (target.isLoopback) return
  const link = where.addresses.map(linkOf).find((one) => onLink(target, one))
  if (link === undefined) {
    if (where.gateways.some((gateway) => gateway.includes(':') === !target.isV4)) return
    const place = where.addresses.join(' and ')
    throw new UsageError(
      `ping ${target}: Network is unreachable: it is not in ${place}, and --on names no gateway; add ",via GATEWAY" to it`,
    )
  }
  const place = placeOnLink(target, link)
  if (place === 'host') return
  throw new UsageError(`ping ${target}: this is the ${place} address of the link; write the address of one host`)
}

class Pinger {
  readonly #socket: Socket
  readonly #target: SocketAddress
  readonly #targetText: string
  readonly #own: string
  readonly #options: PingOptions
  readonly #identifier = secureRandom.int32() & 0xffff
  readonly #request: Uint8Array
  readonly #statistics = new PingStatistics()
  #stop: (() => void) | null = null
  #step: (() => void) | null = null
  #failed = false

  constructor(socket: Socket, target: IpAddress, own: string, options: PingOptions) {
    this.#socket = socket
    this.#target = new SocketAddress(AF_INET, target)
    this.#targetText = target.toString()
    this.#own = own
    this.#options = options
    this.#request = new Uint8Array(ICMP_HEADER_LENGTH + options.size).map((_, i) => i)
  }

  async run(): Promise<number> {
    const { size } = this.#options
    process.stdout.write(`PING ${this.#targetText} (${this.#targetText}) ${size}(${size + 28}) bytes of data.\n`)
    untilSignal().then(() => this.#stop?.())
    const listening = this.#listen()
    await Promise.race([this.#sendAll(), listening])
    await this.#socket.close()
    if (this.#options.flood) process.stdout.write('\n')
    process.stdout.write(this.#statistics.summary(this.#targetText))
    if (this.#failed) return FAILED
    return this.#statistics.received > 0 ? ANSWERED : SILENT
  }

  /** Sends the requests, then waits for the last answers. */
  async #sendAll(): Promise<void> {
    const { count = Number.POSITIVE_INFINITY, flood } = this.#options
    const statistics = this.#statistics
    const interval = flood ? Math.min(this.#options.interval, 10) : this.#options.interval
    let stopped = false
    const stop = new Promise<void>((resolve) => {
      this.#stop = () => {
        stopped = true
        resolve()
      }
    })
    while (!stopped && statistics.transmitted < count) {
      await this.#send()
      if (statistics.transmitted < count) await Promise.race([stop, this.#pause(interval, flood === true)])
    }
    if (stopped) return
    // As iputils: an answer that is late by twice the longest round trip so far is not expected any more.
    const patience = statistics.received > 0 ? Math.max(2 * statistics.longest, 1000) : this.#options.timeout
    const deadline = performance.now() + Math.min(patience, this.#options.timeout)
    while (!stopped && statistics.outstanding > 0 && performance.now() < deadline) {
      await Promise.race([stop, this.#pause(deadline - performance.now(), true)])
    }
  }

  /** Waits `time` milliseconds, or until an answer comes if `early`. */
  #pause(time: number, early: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, time))
      this.#step = () => {
        if (!early) return
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #send(): Promise<void> {
    const sequence = this.#statistics.nextSequence
    const request = this.#request
    request[0] = ECHO_REQUEST
    request[1] = 0
    write16(request, 2, 0)
    write16(request, 4, this.#identifier)
    write16(request, 6, sequence)
    write16(request, 2, internetChecksum(request, 0, request.length))
    this.#statistics.sent(performance.now())
    if (this.#options.flood) process.stdout.write('.')
    try {
      await this.#socket.sendto(request, this.#target)
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      this.#failed = this.#statistics.received === 0
      // It has not left: no answer can come.
      this.#statistics.refused(sequence)
      process.stderr.write(`jackfield: ping: ${errnoText(error.errno)} (${error.message})\n`)
    }
  }

  async #listen(): Promise<void> {
    const buffer = new Uint8Array(65535)
    for (;;) {
      try {
        this.#take(buffer, await this.#socket.recvfrom(buffer))
      } catch (error) {
        if (!(error instanceof SocketError) || this.#socket.closed) return
        // The error of an ICMP message (IP_RECVERR) comes before the message, which says more. Without a message it was this
        // host that found nobody at the address: it tells only its sockets.
        const next = this.#socket.tryRecvfrom(buffer)
        if (typeof next !== 'number') this.#take(buffer, next)
        else if (error.code === 'EHOSTUNREACH') this.#nobodyThere()
      }
    }
  }

  #take(buffer: Uint8Array, { length, address }: Received): void {
    this.#heard(buffer, length, address?.address ?? '?', performance.now())
  }

  #nobodyThere(): void {
    for (const sequence of this.#statistics.waitingSince(performance.now() - NEIGHBOUR_PATIENCE)) {
      this.#noAnswer(sequence, this.#own, 'Destination Host Unreachable')
    }
  }

  // A raw socket gets the whole packet, IP header first, of every ICMP message to this host: raw(7).
  #heard(packet: Uint8Array, length: number, from: string, now: number): void {
    const start = ((packet[0] as number) & 15) * 4
    if (length < start + ICMP_HEADER_LENGTH) return
    const type = packet[start] as number
    if (type === ECHO_REPLY && read16(packet, start + 4) === this.#identifier) {
      this.#answered(packet, length, start, from, now)
    } else if (type === DESTINATION_UNREACHABLE || type === TIME_EXCEEDED) {
      this.#refused(packet, length, start, from)
    }
  }

  #answered(packet: Uint8Array, length: number, start: number, from: string, now: number): void {
    const sequence = read16(packet, start + 6)
    const time = this.#statistics.answered(sequence, now)
    if (time === null) return
    const duplicate = time < 0
    if (!duplicate) this.#failed = false
    if (this.#options.flood) {
      if (!duplicate) process.stdout.write('\b \b')
    } else {
      const size = length - start
      const ttl = packet[8] as number
      const shown = roundTrip(Math.abs(time))
      const end = duplicate ? ' (DUP!)' : this.#damage(packet, start, length)
      process.stdout.write(`${size} bytes from ${from}: icmp_seq=${sequence} ttl=${ttl} time=${shown} ms${end}\n`)
    }
    if (!duplicate) this.#step?.()
  }

  #damage(packet: Uint8Array, start: number, length: number): string {
    if (length - start < this.#request.length) return ' (truncated)'
    for (let i = ICMP_HEADER_LENGTH; i < this.#request.length; i++) {
      const expected = this.#request[i] as number
      const got = packet[start + i] as number
      if (got !== expected) {
        return `\nwrong data byte #${i - ICMP_HEADER_LENGTH} should be 0x${expected.toString(16)} but was 0x${got.toString(16)}`
      }
    }
    return ''
  }

  #refused(packet: Uint8Array, length: number, start: number, from: string): void {
    // The error quotes our packet: IP header, and at least eight octets after it.
    const quoted = start + ICMP_HEADER_LENGTH
    if (length < quoted + 20 + ICMP_HEADER_LENGTH || packet[quoted + 9] !== IPPROTO_ICMP) return
    const inner = quoted + ((packet[quoted] as number) & 15) * 4
    if (length < inner + ICMP_HEADER_LENGTH) return
    if (packet[inner] !== ECHO_REQUEST || read16(packet, inner + 4) !== this.#identifier) return
    const sequence = read16(packet, inner + 6)
    const code = packet[start + 1] as number
    const what = packet[start] === TIME_EXCEEDED ? 'Time to live exceeded' : unreachable[code]
    this.#noAnswer(sequence, from, what ?? `Destination Unreachable, Bad Code: ${code}`)
  }

  #noAnswer(sequence: number, from: string, why: string): void {
    this.#statistics.refused(sequence)
    if (this.#options.flood) process.stdout.write('\bE')
    else process.stdout.write(`From ${from} icmp_seq=${sequence} ${why}\n`)
    this.#step?.()
  }
}

/** As iputils prints a round trip: three significant digits from 1 ms on, microseconds below. */
function roundTrip(time: number): string {
  if (time >= 100) return time.toFixed(0)
  if (time >= 10) return time.toFixed(1)
  if (time >= 1) return time.toFixed(2)
  return time.toFixed(3)
}
