import { readFileSync } from 'node:fs'
import { folderFault, shownFolders, watchedProcesses } from '../../platform/shown-folder.ts'
import { watchedStacks } from '../watched-program.ts'
import { ProgramStack } from './program-stack.ts'

/** Milliseconds that a program may take to say what it is called: who lists interfaces waits for it. */
const PATIENCE = 5000

/** A program that runs, and shows what passes at its stacks. */
export interface ShownProgram {
  readonly pid: number
  /** What it calls its stacks; what the kernel calls it, where it does not say so in time. */
  readonly name: string
  readonly links: readonly { readonly name: string; readonly medium: 'ethernet' | 'ip' }[]
}

/** The programs of this user that can be captured at. */
export async function shownPrograms(): Promise<ShownProgram[]> {
  const folders = shownFolders().filter((folder) => folderFault(folder) === null)
  const pids = [...new Set(folders.flatMap(watchedProcesses))].sort((x, y) => x - y)
  const programs = await Promise.all(pids.map(async (pid) => shownProgram(pid).catch(() => null)))
  return programs.filter((program) => program !== null)
}

/** One of them. Rejects with an Error that says why it is none. */
export async function shownProgram(pid: number): Promise<ShownProgram> {
  const options = { names: new Set<string>(), sinkFor: () => null }
  const stacks = watchedStacks(pid).map((path) => new ProgramStack(path, options))
  let alarm: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    alarm = setTimeout(() => resolve(null), PATIENCE)
  })
  const ends = await Promise.all(stacks.map(({ told }) => Promise.race([told, late])))
  clearTimeout(alarm)
  for (const stack of stacks) stack.close()
  if (ends.every((end) => end === 'gone')) throw new Error(`process ${pid} has ended, or shows its stack no more`)
  const names = [...options.names].sort()
  return {
    pid,
    name: names.length === 0 ? processName(pid) : names.join(', '),
    links: stacks.flatMap(({ links }) => links),
  }
}

function processName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'a program'
  }
}
