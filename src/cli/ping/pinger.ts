// Read first: ping(8), raw(7), ip(7) on IP_RECVERR. What is printed is as iputils prints it.

import { read16, write16 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
import {
  AF_INET,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_WANT,
  MSG_ERRQUEUE,
  SO_EE_ORIGIN_LOCAL,
} from '../../base/constants.ts'
import { EMSGSIZE, errnoText } from '../../base/errno.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { readExtendedError, readHopLimit } from '../../socket/control-message.ts'
import { Message, type Provider } from '../../socket/provider.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { openEchoSocket } from './echo-socket.ts'
import { ECHO_HEADER_LENGTH, ECHO_IPV4, ECHO_IPV6, type EchoProtocol } from './ping-echo.ts'
import { PingStatistics } from './ping-statistics.ts'

/** Exit statuses of ping(8). */
const ANSWERED = 0
const SILENT = 1
const FAILED = 2

const pathMtuDiscovery: Record<string, number> = {
  do: IP_PMTUDISC_DO,
  want: IP_PMTUDISC_WANT,
  dont: IP_PMTUDISC_DONT,
}

export interface PingerOptions {
  readonly count?: number
  /** Milliseconds, as all times here. */
  readonly interval: number
  readonly size: number
  readonly timeout: number
  readonly deadline?: number
  readonly flood?: boolean
  readonly quiet?: boolean
  /** -A: the next request follows an answer. */
  readonly adaptive?: boolean
  /** -l */
  readonly preload?: number
  readonly pattern?: Uint8Array
  readonly tos?: number
  /** -D, -O and -a. */
  readonly timestamps?: boolean
  readonly outstanding?: boolean
  readonly audible?: boolean
  readonly json?: boolean
  readonly ttl?: number
  /** -M */
  readonly pathMtu?: string
  /** -I */
  readonly source?: SocketAddress | null
  /** -I with the name of an interface: `source` is then its address, for people to read. */
  readonly device?: string | null
  /** What is written of an address. */
  readonly nameOf: (address: SocketAddress) => Promise<string>
  readonly figuresOf: (address: SocketAddress) => Promise<string>
}

/** Sends echo requests to one address over any provider, prints what comes of it, and counts. */
export class Pinger {
  readonly #socket: Socket
  readonly #echo: EchoProtocol
  readonly #target: SocketAddress
  readonly #targetText: string
  readonly #options: PingerOptions
  readonly #identifier: number
  readonly #raw: boolean
  readonly #request: Uint8Array
  readonly #statistics = new PingStatistics()
  #stopped = false
  #stop: (() => void) | null = null
  #step: (() => void) | null = null
  #failed = false
  #over = false

  /** `text`: what the user has written for the target. */
  constructor(provider: Provider, target: SocketAddress, text: string, options: PingerOptions) {
    this.#echo = target.family === AF_INET ? ECHO_IPV4 : ECHO_IPV6
    const { level, recvErr, recvHops, hops, mtuDiscover } = this.#echo
    this.#target = target
    this.#targetText = text
    this.#options = options
    const { pattern } = options
    this.#request = new Uint8Array(ECHO_HEADER_LENGTH + options.size).map((_, i) =>
      pattern === undefined ? i : (pattern[(i - ECHO_HEADER_LENGTH) % pattern.length] ?? 0),
    )
    const { device = null } = options
    const own = device === null ? (options.source?.ip ?? null) : null
    const { socket, raw, identifier } = openEchoSocket(provider, this.#echo, own, device)
    this.#socket = socket
    this.#raw = raw
    this.#identifier = identifier
    this.#socket.setsockopt(level, recvErr, 1)
    this.#socket.setsockopt(level, recvHops, 1)
    if (options.ttl !== undefined) this.#socket.setsockopt(level, hops, options.ttl)
    if (options.tos !== undefined) this.#socket.setsockopt(level, this.#echo.trafficClass, options.tos)
    const discovery = options.pathMtu === undefined ? undefined : pathMtuDiscovery[options.pathMtu]
    if (discovery !== undefined) this.#socket.setsockopt(level, mtuDiscover, discovery)
  }

  /** Ends it after what has been sent. */
  stop(): void {
    this.#stopped = true
    this.#stop?.()
  }

  /** Resolves with the exit status. */
  async run(): Promise<number> {
    if (!this.#options.json) process.stdout.write(`${await this.#greeting()}\n`)
    const alarm = this.#options.deadline === undefined ? null : setTimeout(() => this.stop(), this.#options.deadline)
    const listening = this.#listen()
    await Promise.race([this.#sendAll(), listening])
    if (alarm !== null) clearTimeout(alarm)
    await this.#socket.close()
    // What has come is told before it is summed up; who has had enough does not wait for names.
    if (!this.#stopped) await listening
    this.#over = true
    const { json, flood, adaptive, interval } = this.#options
    if (json) process.stdout.write(`${JSON.stringify(this.#statistics.figures(this.#targetText))}\n`)
    else
      process.stdout.write(
        this.#statistics.summary(this.#targetText, flood === true || adaptive === true || interval === 0),
      )
    if (this.#failed) return FAILED
    return this.#statistics.received > 0 ? ANSWERED : SILENT
  }

  async #greeting(): Promise<string> {
    const { size, source, device, figuresOf, pattern } = this.#options
    if (pattern !== undefined) process.stdout.write(`PATTERN: 0x${Buffer.from(pattern).toString('hex')}\n`)
    const from = source ? ` from ${await figuresOf(source)} ${device ?? ''}:` : ''
    if (this.#echo.family === AF_INET) {
      return `PING ${this.#targetText} (${await figuresOf(this.#target)})${from} ${size}(${size + 28}) bytes of data.`
    }
    return `PING ${this.#targetText}(${await this.#shown(this.#target)})${from} ${size} data bytes`
  }

  /** "name (address)", or the address where it has no name. */
  async #shown(address: SocketAddress): Promise<string> {
    const figures = await this.#options.figuresOf(address)
    const name = await this.#options.nameOf(address)
    return name === figures ? figures : `${name} (${figures})`
  }

  /** Sends the requests, then waits for the last answers. */
  async #sendAll(): Promise<void> {
    const { count = Number.POSITIVE_INFINITY, flood, adaptive, preload = 1, outstanding } = this.#options
    const statistics = this.#statistics
    const interval = flood ? Math.min(this.#options.interval, 10) : this.#options.interval
    const stop = new Promise<void>((resolve) => {
      this.#stop = resolve
    })
    while (!this.#stopped && statistics.transmitted < count) {
      await this.#send()
      if (statistics.transmitted >= count || statistics.transmitted < preload) continue
      await Promise.race([stop, this.#pause(interval, flood === true || adaptive === true)])
      if (outstanding && !this.#stopped && statistics.lastWaits) this.#tellOutstanding(statistics.transmitted & 0xffff)
    }
    if (this.#stopped) return
    // As iputils: an answer that is late by twice the longest round trip so far is not expected any more.
    const patience = statistics.received > 0 ? Math.max(2 * statistics.longest, 1000) : this.#options.timeout
    const deadline = performance.now() + Math.min(patience, this.#options.timeout)
    while (!this.#stopped && statistics.outstanding > 0 && performance.now() < deadline) {
      await Promise.race([stop, this.#pause(deadline - performance.now(), true)])
    }
  }

  #tellOutstanding(sequence: number): void {
    if (this.#options.json) process.stdout.write(`${JSON.stringify({ sequence, outstanding: true })}\n`)
    else if (!this.#options.quiet) process.stdout.write(`${this.#stamp()}no answer yet for icmp_seq=${sequence}\n`)
  }

  /** "[1700000000.123456] " with -D. */
  #stamp(): string {
    return this.#options.timestamps ? `[${((performance.timeOrigin + performance.now()) / 1000).toFixed(6)}] ` : ''
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
    request[0] = this.#echo.request
    request[1] = 0
    write16(request, 2, 0)
    write16(request, 4, this.#identifier)
    write16(request, 6, sequence)
    // That of ICMPv6 covers addresses: the socket fills it in (RFC 3542 section 3.1).
    if (this.#echo.family === AF_INET) write16(request, 2, internetChecksum(request, 0, request.length))
    this.#statistics.sent(performance.now())
    if (this.#options.flood && !this.#options.quiet) process.stdout.write('.')
    try {
      await this.#socket.sendto(request, this.#target)
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      // The stack is closed under it: who has closed it says why.
      if (error.code === 'EBADF') {
        this.#stopped = true
        return
      }
      this.#failed = this.#statistics.received === 0
      // It has not left: no answer can come.
      this.#statistics.refused(sequence)
      // What is too long is told of by the error queue, with the length that is not.
      if (error.errno === -EMSGSIZE && (await this.#drainErrors())) return
      process.stderr.write(`jackfield: ping: ${errnoText(error.errno)} (${error.message})\n`)
    }
  }

  async #listen(): Promise<void> {
    const message = new Message([new Uint8Array(65535)], new SocketAddress())
    for (;;) {
      try {
        const length = await this.#socket.recvmsg(message)
        await this.#heard(message, length, performance.now())
      } catch (error) {
        if (!(error instanceof SocketError) || this.#socket.closed) return
        await this.#drainErrors()
      }
    }
  }

  /** Reads the error queue. Whether something was in it. */
  async #drainErrors(): Promise<boolean> {
    const message = new Message([new Uint8Array(ECHO_HEADER_LENGTH)], new SocketAddress())
    let some = false
    for (;;) {
      if (this.#socket.closed) return some
      const length = this.#socket.tryRecvmsg(message, MSG_ERRQUEUE)
      if (length < 0) return some
      some = true
      const error = readExtendedError(message)
      if (error === null) continue
      if (error.origin === SO_EE_ORIGIN_LOCAL) {
        const mtu = this.#echo.family === AF_INET ? `mtu=${error.info}` : `mtu: ${error.info}`
        const what = error.errno === EMSGSIZE ? `message too long, ${mtu}` : errnoText(error.errno)
        process.stderr.write(`jackfield: ping: local error: ${what}\n`)
        continue
      }
      const quoted = message.buffers[0] as Uint8Array
      if (length < ECHO_HEADER_LENGTH || quoted[0] !== this.#echo.request) continue
      if (read16(quoted, 4) !== this.#identifier) continue
      const sequence = read16(quoted, 6)
      this.#statistics.refused(sequence)
      if (this.#options.flood) {
        if (!this.#options.quiet) process.stdout.write('\bE')
      } else if (!this.#options.quiet) {
        const from = await this.#shown(error.offender ?? this.#target)
        if (this.#over) return some
        const text = this.#echo.text(error)
        const { type, code } = error
        if (this.#options.json) process.stdout.write(`${JSON.stringify({ sequence, from, type, code, error: text })}\n`)
        else process.stdout.write(`${this.#stamp()}From ${from} icmp_seq=${sequence} ${text}\n`)
      }
      this.#step?.()
    }
  }

  async #heard(message: Message, length: number, now: number): Promise<void> {
    const packet = message.buffers[0] as Uint8Array
    const start = this.#raw ? this.#echo.start(packet) : 0
    if (length < start + ECHO_HEADER_LENGTH || packet[start] !== this.#echo.reply) return
    if (read16(packet, start + 4) !== this.#identifier) return
    const sequence = read16(packet, start + 6)
    const time = this.#statistics.answered(sequence, now)
    if (time === null) return
    const duplicate = time < 0
    if (!duplicate) this.#failed = false
    if (this.#options.flood) {
      if (!duplicate && !this.#options.quiet) process.stdout.write('\b \b')
    } else if (!this.#options.quiet) {
      const from = await this.#shown(message.name as SocketAddress) // the message was made with one
      if (this.#over) return
      const hops = readHopLimit(message)
      const end = duplicate ? ' (DUP!)' : this.#damage(packet, start, length)
      const shown = `icmp_seq=${sequence}${hops === null ? '' : ` ttl=${hops}`} time=${roundTrip(Math.abs(time))} ms`
      if (this.#options.json) {
        const octets = length - start
        const answer = { sequence, from, octets, ttl: hops, time: Number(Math.abs(time).toFixed(3)), duplicate }
        process.stdout.write(`${JSON.stringify(answer)}\n`)
      } else {
        const bell = this.#options.audible ? '\x07' : ''
        process.stdout.write(`${this.#stamp()}${length - start} bytes from ${from}: ${shown}${end}${bell}\n`)
      }
    }
    if (!duplicate) this.#step?.()
  }

  #damage(packet: Uint8Array, start: number, length: number): string {
    if (length - start < this.#request.length) return ' (truncated)'
    for (let i = ECHO_HEADER_LENGTH; i < this.#request.length; i++) {
      const expected = this.#request[i] as number
      const got = packet[start + i] as number
      if (got !== expected) {
        return `\nwrong data byte #${i - ECHO_HEADER_LENGTH} should be 0x${expected.toString(16)} but was 0x${got.toString(16)}`
      }
    }
    return ''
  }
}

/** As iputils prints a round trip: three significant digits from 1 ms on, microseconds below. */
function roundTrip(time: number): string {
  if (time >= 100) return time.toFixed(0)
  if (time >= 10) return time.toFixed(1)
  if (time >= 1) return time.toFixed(2)
  return time.toFixed(3)
}
