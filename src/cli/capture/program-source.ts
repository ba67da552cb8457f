// What passes at the stacks of a program that runs, told by itself: showSockets in src/platform lets it.

import type { CaptureSink } from '../../device/capture.ts'
import { UsageError } from '../usage-error.ts'
import { watchedStacks } from '../watched-program.ts'
import type { WatchEnd } from '../watched-stack.ts'
import { ANY, type CapturedLink, type CaptureSource, linkTypeText } from './capture-source.ts'
import type { CaptureTarget } from './capture-target.ts'
import { FrameOrder } from './frame-order.ts'
import { ProgramStack } from './program-stack.ts'

export class ProgramSource implements CaptureSource {
  readonly name: string
  readonly description: string
  readonly remark: string
  readonly over: Promise<string>
  readonly #stacks: readonly ProgramStack[]
  readonly #order: FrameOrder

  private constructor(pid: number, wanted: string, stacks: readonly ProgramStack[], order: FrameOrder) {
    const links = stacks.flatMap((stack) => stack.wanted)
    const [link] = links
    this.#stacks = stacks
    this.#order = order
    this.name = wanted === ANY ? `process ${pid}` : links.map(({ name }) => name).join(', ')
    this.description =
      links.length === 1 && link !== undefined
        ? `${link.name}, ${linkTypeText(link.medium)}`
        : links.map(({ name }) => name).join(', ')
    this.remark = `of process ${pid}`
    this.over = Promise.all(stacks.map(({ over }) => over)).then(() => {
      order.flush()
      return `process ${pid} has ended`
    })
  }

  /**
   * Resolves when all stacks of process `pid` have told what they are. `wanted` is an interface of theirs, "server.eth0" or "eth0", or
   * 'any'. Rejects where there is nothing to watch, or no such interface.
   */
  static async open(pid: number, wanted: string = ANY, target: CaptureTarget): Promise<ProgramSource> {
    const paths = watchedStacks(pid)
    const names = new Set<string>()
    const order = new FrameOrder()
    const sinkFor = (link: CapturedLink, own: string) => {
      if (wanted !== ANY && wanted !== link.name && wanted !== own) return null
      const sink = target.sink(link, { epoch: 0, isNamed: wanted === ANY })
      return paths.length === 1 ? sink : inOrder(sink, order)
    }
    const stacks = paths.map((path) => new ProgramStack(path, { names, sinkFor }))
    const close = () => {
      for (const stack of stacks) stack.close()
    }
    const ends = await Promise.all(stacks.map(({ told }) => told))
    const fault = endFault(pid, ends)
    if (fault !== null) {
      close()
      throw new Error(fault)
    }
    if (wanted !== ANY && stacks.every((stack) => stack.wanted.length === 0)) {
      close()
      const there = stacks.flatMap(({ links }) => links.map(({ name }) => name))
      throw new UsageError(`-i ${wanted}: process ${pid} has no such interface; it has ${there.join(', ')}, and ${ANY}`)
    }
    return new ProgramSource(pid, wanted, stacks, order)
  }

  get lost(): number {
    return this.#stacks.reduce((sum, { lost }) => sum + lost, 0)
  }

  async close(): Promise<void> {
    for (const stack of this.#stacks) stack.close()
    this.#order.flush()
  }
}

function inOrder(sink: CaptureSink, order: FrameOrder): CaptureSink {
  return {
    // What a stack has told is ours: it is not lent.
    frame: (bytes, start, end, direction, at) => order.add(at, () => sink.frame(bytes, start, end, direction, at)),
  }
}

/** Why nothing can be captured; null where something can. A stack that has gone while others are there was closed by the program. */
function endFault(pid: number, ends: readonly (WatchEnd | null)[]): string | null {
  if (ends.includes('refused')) return `as many watch process ${pid} as may: end one that does first`
  return ends.every((end) => end !== null) ? `process ${pid} has ended, or shows its stack no more` : null
}
