// What passes at the stacks of a program that runs, told by itself: showSockets in src/platform lets it.

import { type FSWatcher, watch } from 'node:fs'
import type { CaptureSink } from '../../device/capture.ts'
import { shownFolders, watchedPaths } from '../../platform/shown-folder.ts'
import { UsageError } from '../usage-error.ts'
import { watchedStacks } from '../watched-program.ts'
import type { WatchEnd } from '../watched-stack.ts'
import { ANY, type CapturedLink, type CaptureSource, isCalled, linkTypeText } from './capture-source.ts'
import type { CaptureTarget } from './capture-target.ts'
import { FrameOrder } from './frame-order.ts'
import { ProgramStack } from './program-stack.ts'

export class ProgramSource implements CaptureSource {
  /** Resolves when none of its stacks is there any more. */
  readonly over: Promise<string>
  readonly #pid: number
  readonly #wanted: string
  readonly #target: CaptureTarget
  readonly #names = new Set<string>()
  readonly #order = new FrameOrder()
  readonly #watchers: FSWatcher[] = []
  /** By the paths at which they are watched. */
  readonly #stacks = new Map<string, ProgramStack>()
  #lost = 0
  #ended: (why: string) => void = () => {}

  private constructor(pid: number, wanted: string, target: CaptureTarget) {
    this.#pid = pid
    this.#wanted = wanted
    this.#target = target
    this.over = new Promise((resolve) => {
      this.#ended = resolve
    })
  }

  /**
   * Resolves when all stacks of process `pid` have told what they are. `wanted` is an interface of theirs, "server.eth0" or "eth0", or
   * 'any'. Rejects where there is nothing to watch, or no such interface.
   */
  static async open(pid: number, wanted: string = ANY, target: CaptureTarget): Promise<ProgramSource> {
    const source = new ProgramSource(pid, wanted, target)
    try {
      await source.#begin()
    } catch (error) {
      await source.close()
      throw error
    }
    return source
  }

  get name(): string {
    return this.#wanted === ANY ? `process ${this.#pid}` : this.#wantedLinks.map(({ name }) => name).join(', ')
  }

  get description(): string {
    const links = this.#wantedLinks
    const [link] = links
    if (links.length === 1 && link !== undefined) return `${link.name}, ${linkTypeText(link.medium)}`
    return links.map(({ name }) => name).join(', ')
  }

  get remark(): string {
    return `of process ${this.#pid}`
  }

  get lost(): number {
    return [...this.#stacks.values()].reduce((sum, { lost }) => sum + lost, this.#lost)
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers.splice(0)) watcher.close()
    for (const stack of this.#stacks.values()) stack.close()
    this.#order.flush()
  }

  get #wantedLinks(): CapturedLink[] {
    return [...this.#stacks.values()].flatMap(({ wanted }) => wanted)
  }

  async #begin(): Promise<void> {
    const told = watchedStacks(this.#pid).map((path) => this.#stack(path).told)
    this.#awaitMore()
    const fault = endFault(this.#pid, await Promise.all(told))
    if (fault !== null) throw new Error(fault)
    if (this.#wanted === ANY || this.#wantedLinks.length > 0) return
    const names = [...this.#stacks.values()].flatMap(({ links }) => links.map(({ name }) => name))
    const there = [...names, ANY].join(', ')
    throw new UsageError(`-i ${this.#wanted}: process ${this.#pid} has no such interface; there is ${there}`)
  }

  /** Stacks that it shows from now on are taken up as well. */
  #awaitMore(): void {
    for (const folder of shownFolders()) {
      try {
        const watcher = watch(folder, { persistent: false }, () => {
          for (const path of watchedPaths(folder, this.#pid)) if (!this.#stacks.has(path)) this.#stack(path)
        })
        watcher.on('error', () => {})
        this.#watchers.push(watcher)
      } catch {
        // It is not there, or the machine watches no more files: what is shown already is.
      }
    }
  }

  #stack(path: string): ProgramStack {
    const stack = new ProgramStack(path, { names: this.#names, sinkFor: (link) => this.#sinkFor(link) })
    this.#stacks.set(path, stack)
    void stack.over.then(() => {
      // One that did not listen yet is tried again when it does.
      this.#stacks.delete(path)
      this.#lost += stack.lost
      // Nothing is waited for that another tells.
      if (this.#stacks.size <= 1) this.#order.flush()
      if (this.#stacks.size === 0) this.#ended(`process ${this.#pid} has ended`)
    })
    return stack
  }

  #sinkFor(link: CapturedLink): CaptureSink | null {
    if (this.#wanted !== ANY && !isCalled(link.name, this.#wanted)) return null
    const sink = this.#target.sink(link, { epoch: 0, isNamed: this.#wanted === ANY })
    return {
      frame: (bytes, start, end, direction, at) => {
        if (this.#stacks.size === 1) sink.frame(bytes, start, end, direction, at)
        // What a stack has told is ours: it is not lent.
        else this.#order.add(at, () => sink.frame(bytes, start, end, direction, at))
      },
    }
  }
}

/** Why nothing can be captured; null where something can. A stack that has gone while others are there was closed by the program. */
function endFault(pid: number, ends: readonly (WatchEnd | null)[]): string | null {
  if (ends.includes('refused')) return `as many watch process ${pid} as may: end one that does first`
  return ends.every((end) => end !== null) ? `process ${pid} has ended, or shows its stack no more` : null
}
