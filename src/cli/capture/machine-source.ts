// Read first: packet(7), tcpdump(1) on -i and -p.

import type { PacketAddress } from '../../base/other-address.ts'
import type { CaptureSink } from '../../device/capture.ts'
import { os } from '../../os/operating-system.ts'
import { osInterfaces } from '../../os/os-tables.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { whyNoOs } from '../os-host.ts'
import { UsageError } from '../usage-error.ts'
import { WHERE_EXAMPLE } from '../where-example.ts'
import { ANY, type CaptureSource, linkTypeText } from './capture-source.ts'
import type { CaptureTarget } from './capture-target.ts'
import { type FrameTaker, mediumOf, PacketSocket } from './packet-socket.ts'

/** The machine's own interfaces: what passes there, whosever it is. */
export class MachineSource implements CaptureSource, FrameTaker {
  readonly name: string
  readonly description: string
  readonly remark = ''
  readonly over: Promise<string>
  readonly #socket: PacketSocket
  readonly #target: CaptureTarget
  readonly #isNamed: boolean
  /** By the numbers of the interfaces: with the first packet of each. */
  readonly #sinks = new Map<number, CaptureSink>()

  private constructor(name: string, socket: PacketSocket, target: CaptureTarget) {
    const { ifindex, hardwareType } = socket.link
    this.name = name
    this.description = ifindex === 0 ? name : `${name}, ${linkTypeText(mediumOf(hardwareType))}`
    this.#socket = socket
    this.#target = target
    this.#isNamed = ifindex === 0
    if (ifindex !== 0) this.#sinkOf(socket.link)
    this.over = socket.read(this).then(
      () => '',
      (error) => {
        if (!(error instanceof SocketError)) throw error
        throw new Error(`-i ${name}: ${error.text.toLowerCase()}: nothing passes there any more`)
      },
    )
    this.over.catch(() => {})
  }

  /** `name`: of an interface, or 'any'. Rejects where there is none of this name, and where this user may not see what passes. */
  static async open(name: string = ANY, isPromiscuous: boolean, target: CaptureTarget): Promise<MachineSource> {
    const why = whyNoOs()
    if (why !== null) throw new UsageError(`--on os: ${why}`)
    const index = name === ANY ? 0 : os.interfaceIndex(name)
    if (index === 0 && name !== ANY) {
      const there = (await osInterfaces()).map((one) => one.name)
      throw new UsageError(`-i ${name}: there is no such interface; there is ${[...there, ANY].join(', ')}`)
    }
    return new MachineSource(name, openSocket(index, isPromiscuous), target)
  }

  get lost(): number {
    return this.#socket.lost
  }

  close(): Promise<void> {
    return this.#socket.close()
  }

  frame(
    from: Required<PacketAddress>,
    bytes: Uint8Array,
    start: number,
    end: number,
    isOut: boolean,
    at: number,
  ): void {
    const sink = this.#sinks.get(from.ifindex) ?? this.#sinkOf(from)
    sink.frame(bytes, start, end, isOut ? 'out' : 'in', at)
  }

  #sinkOf({ ifindex, hardwareType }: Required<PacketAddress>): CaptureSink {
    // It may have gone since the frame passed there.
    const name = os.interfaceName(ifindex) ?? `if${ifindex}`
    const sink = this.#target.sink(
      { name, medium: mediumOf(hardwareType), hardwareAddress: null },
      { epoch: 0, isNamed: this.#isNamed },
    )
    this.#sinks.set(ifindex, sink)
    return sink
  }
}

function openSocket(index: number, isPromiscuous: boolean): PacketSocket {
  try {
    return new PacketSocket(index, isPromiscuous)
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
    if (error.code === 'EPERM' || error.code === 'EACCES') {
      throw new Error(
        "--on os: what passes at this machine's interfaces is for root alone, or CAP_NET_RAW: run it with sudo, " +
          `or write --pid PID for a program of yours, or --on ${WHERE_EXAMPLE}`,
      )
    }
    throw new Error(`--on os: ${error.message}`)
  }
}
