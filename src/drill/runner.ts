import { given } from '../base/argument.ts'
import { ACK, RST, SYN } from '../wire/tcp.ts'
import { CallRunner } from './call-runner.ts'
import { AssertionFailure, runCode } from './code-block.ts'
import { CodeError } from './code-lexer.ts'
import { DrillHost } from './drill-host.ts'
import type { DrillSocket } from './drill-socket.ts'
import type { DrillSystem, SystemSettings } from './drill-system.ts'
import { DrillFailure } from './failure.ts'
import { buildPacket, UnbuildablePacket } from './packet-builder.ts'
import { PacketLog } from './packet-log.ts'
import { difference, joined } from './packet-matcher.ts'
import { inScript, type SeenPacket } from './packet-reader.ts'
import { ipText, outerText, seenText, timeText, transportText } from './packet-text.ts'
import type { ScriptFailure, ScriptResult } from './report.ts'
import { type RunOptions, type RunSettings, settingsOf } from './run-settings.ts'
import type { CodeBlock, PacketAction, Place, Script, ScriptEvent, TcpFields } from './script.ts'
import { SocketInfo } from './socket-info.ts'
import { StackSystem } from './stack-system.ts'
import { INFO_SYMBOLS } from './symbols.ts'

/** How long a packet is waited for after the latest time that it may come at. */
const PATIENCE = 2_000_000
/** How long for one that may come at any time: longer than a keep-alive interval. */
const PATIENCE_ANY = 3 * 3_600_000_000
/** The same in real time: longer than any time-out of a retransmission. */
const PATIENCE_ANY_REAL = 130_000_000
/** How long a call waits for the one before it to return. */
const CALL_PATIENCE = 1_000_000
/** Steps of the clock within one event: more than any stack needs that comes to rest. */
const STEPS_MAX = 1_000_000

/**
 * Runs a script against a stack of its own, on virtual time: hours pass at once, and every run is the same run. Never throws
 * for what the script or the stack does; the result says what failed and where.
 *
 * ```ts
 * const result = runScript(parseScript(text, 'fast-retransmit.pkt'))
 * if (!result.ok) throw new Error(formatResult(result))
 * ```
 */
export function runScript(script: Script, options: RunOptions = {}): ScriptResult {
  if (!Array.isArray((script as Script | null | undefined)?.events)) {
    throw new TypeError(`script must be what parseScript gives, got ${given(script)}`)
  }
  let runner: ScriptRunner | null = null
  let failure: ScriptFailure | null = null
  try {
    const settings = settingsOf(script, options)
    if (settings.dryRun) return { ok: true, name: script.name, failure: null, leftovers: [], notes: [], duration: 0 }
    const make = options.system ?? ((of: SystemSettings) => new StackSystem(of))
    const { addresses, host } = settings
    runner = new ScriptRunner(
      script,
      settings,
      make({ addresses, host, initCommand: script.initCommand }),
      options.trace,
    )
    runner.run()
  } catch (error) {
    if (!(error instanceof DrillFailure)) throw error
    const { line, message, expected, seen } = error
    failure = { line, message, expected, seen, recentPackets: runner?.log.recent() ?? [] }
  }
  const leftovers = runner?.log.leftovers() ?? []
  const duration = (runner?.host.now ?? 0) / 1000
  runner?.host.close()
  const notes = [...(runner?.host.system.notes ?? []), ...(runner?.tolerated ?? [])]
  return { ok: failure === null, name: script.name, failure, leftovers, notes, duration }
}

class ScriptRunner {
  readonly host: DrillHost
  readonly log: PacketLog
  /** What differed and was not to matter. */
  readonly tolerated: string[] = []
  readonly #script: Script
  readonly #settings: RunSettings
  readonly #calls: CallRunner
  readonly #variables = new Map<string, unknown>()
  /** When the event before was due. */
  #previousAt = 0
  /** When it was done. */
  #actedAt = 0
  readonly #trace: (line: string) => void
  #place: Place = { line: 1, column: 1 }

  constructor(script: Script, settings: RunSettings, system: DrillSystem, trace: (line: string) => void = () => {}) {
    this.#trace = trace
    this.#script = script
    this.#settings = settings
    this.host = new DrillHost(settings.addresses, settings.host.family, settings.toleranceMicros, system)
    this.log = new PacketLog(this.host, expectedIcmpTypes(script), trace)
    this.#calls = new CallRunner(this.host, (event, expected, seen, gap) =>
      this.#checkTime(event, expected, expected, seen, gap),
    )
  }

  run(): void {
    if (this.#script.initCommand !== null) this.#checkNotes(this.#script.initCommand)
    for (const event of this.#script.events) {
      this.#place = event
      try {
        this.#runEvent(event)
      } catch (error) {
        const kind = event.action.kind === 'call' ? 'syscall' : event.action.kind
        if (!(error instanceof DrillFailure) || !this.#settings.nonFatal.has(kind)) throw error
        this.tolerated.push(`line ${error.line}: ${error.message}`)
      }
      this.#settle()
    }
    const waiting = this.#calls.waiting
    if (waiting !== null) throw new DrillFailure(waiting, 'the script ends before the call has returned', waiting.text)
    const leftover = this.log.leftovers()[0]
    if (this.#settings.strict && leftover !== undefined) {
      throw new DrillFailure(this.#place, 'the stack sent a packet that the script does not expect', null, leftover)
    }
  }

  #runEvent(event: ScriptEvent): void {
    const base = this.#reachedAt
    const { time, action } = event
    if (action.kind === 'packet' && action.direction === 'out') {
      this.#expectPacket(event, action)
      return
    }
    if (time.kind !== 'at') throw new DrillFailure(event, 'only an expected packet can come within a range of time')
    const at = time.relative ? base + time.at : time.at
    this.#advance(at)
    this.#actedAt = this.host.now
    switch (action.kind) {
      case 'packet':
        this.#inject(event, action)
        break
      case 'call': {
        this.#waitForCall()
        const returnsAt = action.returnsAt === null ? null : action.returnsAt + (time.relative ? base : 0)
        this.#trace(`${timeText(this.host.now)} ${event.text}`)
        this.#calls.start(event, action, returnsAt)
        break
      }
      case 'code':
        this.#runCode(action)
        break
      case 'command':
        this.host.system.command(action)
        this.#checkNotes(action)
        break
    }
    this.#previousAt = at
  }

  /** Fails a strict run whose command at `place` asked for what makes no difference here. */
  #checkNotes(place: Place): void {
    const note = this.host.system.notes.at(-1)
    if (this.#settings.strict && note !== undefined) throw new DrillFailure(place, note)
  }

  /** From when relative times count: in real time not from when this process comes to it, which others may have delayed. */
  get #reachedAt(): number {
    return this.host.system.realTime ? this.#actedAt : this.host.now
  }

  /** Lets the stack finish what it has to do at this instant. */
  #settle(): void {
    this.host.settle()
    this.log.collect(this.#place)
    this.#calls.retry()
  }

  /** Moves the clock to the next thing that happens, but not past `to`. False: nothing does, the clock stands at `to`. */
  #step(to: number): boolean {
    this.#settle()
    const next = Math.min(this.host.system.nextAt(), this.#calls.deadline)
    this.host.system.advanceTo(Math.min(next, to))
    this.#settle()
    return next <= to
  }

  #advance(to: number): void {
    for (let steps = 0; this.#step(to); steps++) {
      if (steps > STEPS_MAX) throw new DrillFailure(this.#place, 'the stack does not come to rest')
    }
  }

  #waitForCall(): void {
    const until = this.host.now + CALL_PATIENCE
    while (this.#calls.waiting !== null && this.#step(until)) {}
    if (this.#calls.waiting !== null) {
      throw new DrillFailure(
        this.#calls.waiting,
        'the call has not returned when the next is due',
        this.#calls.waiting.text,
      )
    }
  }

  #inject(event: ScriptEvent, packet: PacketAction): void {
    const transport = packet.transport
    const socket = this.host.receiverOf(
      transport.protocol === 'icmp' ? (this.host.current?.protocol ?? 'other') : transport.protocol,
      transport.protocol === 'icmp' ? null : transport.ports,
    )
    if (transport.protocol === 'tcp' && (transport.flags & SYN) !== 0) {
      if (!socket.remoteIsnKnown || socket.connecting) socket.learnRemoteIsn(transport.seq)
      socket.offeredIsn = transport.seq | 0
    }
    try {
      const bytes = buildPacket(packet, socket, this.host.addresses, this.#settings.scaledEcr)
      this.log.injected(
        `< ${packet.outer.map((outer) => `${outerText(outer)} : `).join('')}${ipText(packet.ip)}${transportText(transport)}`,
      )
      this.host.system.inject(bytes)
    } catch (error) {
      if (!(error instanceof UnbuildablePacket)) throw error
      throw new DrillFailure(packet, error.message, event.text)
    }
  }

  #expectPacket(event: ScriptEvent, packet: PacketAction): void {
    const base = this.#reachedAt
    const { time } = event
    const origin = time.kind !== 'any' && time.relative ? base : 0
    const from = time.kind === 'any' ? base : origin + (time.kind === 'at' ? time.at : time.from)
    const to =
      time.kind === 'any'
        ? base + (this.host.system.realTime ? PATIENCE_ANY_REAL : PATIENCE_ANY)
        : origin + (time.kind === 'at' ? time.at : time.to)
    const gap = to - this.#previousAt
    const until = Math.max(base, to + this.#tolerance(gap)) + PATIENCE
    const ports = packet.transport.protocol === 'icmp' ? null : packet.transport.ports
    const socket = this.host.senderOf(ports)
    if (socket === null) throw new DrillFailure(packet, 'there is no socket that could send this packet', event.text)
    const first = this.#nextPacket(socket, until)
    if (first === null)
      throw new DrillFailure(packet, 'the packet did not come', `${this.#window(event, from, to)} ${event.text}`)
    this.#learnSequenceNumbers(packet, first, socket)
    const seen = this.#merge(packet, first, socket, until)
    const differs = difference(packet, seen, { timestampEchoes: this.#settings.strict })
    if (differs !== null) {
      throw new DrillFailure(packet, differs, event.text, seenText(seen, ports !== null))
    }
    this.#learnTimestamp(packet, seen, socket)
    this.#learnFlowLabel(packet, seen)
    if (time.kind !== 'any') this.#checkTime(event, from, to, seen.at, gap)
    this.#actedAt = seen.at
    this.#previousAt = time.kind === 'any' ? this.host.now : to
  }

  /** The next packet of `socket`, waited for until then. */
  #nextPacket(socket: DrillSocket, until: number): SeenPacket | null {
    this.#settle()
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const seen = this.log.take(socket)
      if (seen !== null) return seen
      if (this.host.system.nextAt() === Number.POSITIVE_INFINITY) return null
      if (!this.#step(until)) return this.log.take(socket)
    }
    throw new DrillFailure(this.#place, 'the stack does not come to rest')
  }

  /** A packet as long as the script's, made of several where the stack cuts its data smaller. */
  #merge(packet: PacketAction, first: SeenPacket, socket: DrillSocket, until: number): SeenPacket {
    let merged = inScript(first, socket)
    const want = packet.transport
    const full = (merged.transport as TcpFields).length
    if (want.protocol !== 'tcp' || merged.transport.protocol !== 'tcp' || this.#settings.strictSegments) return merged
    while (full > 0 && (merged.transport as TcpFields).length < want.length) {
      const next = this.#nextPacket(socket, until)
      const more = next === null ? null : joined(merged, inScript(next, socket), full)
      if (more === null) return merged
      merged = more
    }
    return merged
  }

  #learnSequenceNumbers(packet: PacketAction, seen: SeenPacket, socket: DrillSocket): void {
    const want = packet.transport
    const got = seen.transport
    if (want.protocol !== 'tcp' || got.protocol !== 'tcp') return
    if ((got.flags & SYN) === 0) {
      if ((got.flags & (ACK | RST)) === ACK) socket.connecting = false
      return
    }
    if ((want.flags & SYN) === 0) return
    // A SYN that is acknowledged with a SYN begins a connection, perhaps anew: RFC 9293 section 3.6.1, TIME-WAIT.
    const acknowledges = (got.flags & ACK) !== 0 && ((got.ack - 1) | 0) === socket.offeredIsn
    const anew = acknowledges && socket.offeredIsn !== socket.liveRemoteIsn
    if (anew && socket.offeredIsn !== null) socket.learnRemoteIsn(socket.offeredIsn)
    if (!socket.localIsnKnown || anew) socket.learnLocalIsn(want.seq, got.seq)
  }

  #learnTimestamp(packet: PacketAction, seen: SeenPacket, socket: DrillSocket): void {
    const want = packet.transport
    const got = seen.transport
    if (want.protocol !== 'tcp' || got.protocol !== 'tcp') return
    const script = want.options?.find((option) => option.kind === 'TS')
    const live = got.options?.find((option) => option.kind === 'TS')
    if (script?.kind !== 'TS' || live?.kind !== 'TS') return
    socket.learnTimestamp(script.val, live.val)
    if (this.#settings.timestampTick === 0) return
    const [wanted, ticks] = socket.timestampAges(script.val, live.val)
    const off = Math.abs(wanted - ticks) * this.#settings.timestampTick
    if (off > this.#tolerance(seen.at)) {
      throw new DrillFailure(packet, `timestamp: expected ${wanted} ticks after the first, seen ${ticks}`)
    }
  }

  #learnFlowLabel(packet: PacketAction, seen: SeenPacket): void {
    const { flowLabel } = packet.ip
    const wrong = flowLabel === null || seen.source.isV4 ? null : this.host.learnFlowLabel(flowLabel, seen.flowLabel)
    if (wrong !== null) throw new DrillFailure(packet, `${wrong}, 0x${seen.flowLabel.toString(16)}`)
  }

  #tolerance(gap: number): number {
    return Math.max(this.#settings.toleranceMicros, this.#settings.toleranceShare * gap)
  }

  #checkTime(event: ScriptEvent, from: number, to: number, seen: number, gap: number): void {
    const tolerance = this.#tolerance(gap)
    if (seen >= from - tolerance && seen <= to + tolerance) return
    const when = seen < from ? 'early' : 'late'
    const expected = this.#window(event, from, to)
    throw new DrillFailure(
      event,
      `too ${when}: expected at ${expected} (tolerance ${timeText(tolerance)}), happened at ${timeText(seen)}`,
      `${expected} ${event.text}`,
      timeText(seen),
    )
  }

  #window(event: ScriptEvent, from: number, to: number): string {
    if (event.time.kind === 'any') return '*'
    return from === to ? timeText(from) : `${timeText(from)}~${timeText(to)}`
  }

  #runCode(block: CodeBlock): void {
    const info = new SocketInfo(this.host.current?.endpoint ?? null)
    try {
      runCode(block.text, {
        variables: this.#variables,
        get: (name) => INFO_SYMBOLS.get(name) ?? info.get(name),
        print: (text) => this.#trace(text),
      })
    } catch (error) {
      if (!(error instanceof AssertionFailure || error instanceof CodeError)) throw error
      throw new DrillFailure(block, error.message)
    }
  }
}

function expectedIcmpTypes(script: Script): ReadonlySet<number> {
  const types = new Set<number>()
  for (const { action } of script.events) {
    if (action.kind !== 'packet' || action.direction === 'in') continue
    if (action.transport.protocol === 'icmp') types.add(action.transport.type)
  }
  return types
}
