// Where programs that show their sockets are found: a folder that its user alone can use, with a Unix socket for each stack. What
// lies in it may be believed; a folder that is somebody else's, or that others can write to, may not.

import { lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { createConnection } from 'node:net'
import { basename, join } from 'node:path'

/** One that has just been made is not heard for a moment: only what is older, in milliseconds, can have been left behind. */
const AGE = 10_000

const NAME = /^(\d+)-[0-9a-f]{8}$/
/** What the name of a socket ends in at which a stack is watched, behind that at which it is asked. */
export const WATCHED = '.watch'

/** The user as whom files are made; −1 where there is no such thing. */
function user(): number {
  return process.geteuid?.() ?? -1
}

/** The folders of this user, the one to be used first. A runtime folder of somebody else, as `sudo` leaves it behind, is not used. */
export function shownFolders(): string[] {
  const folders = [`/tmp/jackfield-${user()}`]
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? ''
  if (runtime.startsWith('/')) {
    const folder = lstatSync(runtime, { throwIfNoEntry: false })
    if (folder?.isDirectory() && folder.uid === user()) folders.unshift(join(runtime, 'jackfield'))
  }
  return folders
}

/** Makes the folder where it is not there yet. Throws an Error where it is not its user's alone. */
export function openShownFolder(): string {
  if (process.geteuid === undefined)
    throw new Error(`sockets can be shown where there are users; this is ${process.platform}`)
  const [folder = ''] = shownFolders()
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const fault = folderFault(folder)
  if (fault !== null) throw new Error(`${folder} ${fault}: remove it, and it is made anew`)
  return folder
}

/** Why the folder is not to be believed; null where it may be, or is not there. */
export function folderFault(folder: string): string | null {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found === undefined) return null
  // A symbolic link could lead anywhere.
  if (!found.isDirectory()) return 'is no folder'
  if (found.uid !== user()) return `belongs to user ${found.uid}`
  return (found.mode & 0o077) === 0 ? null : 'can be used by others'
}

/** The name of a socket in the folder: the process, and what tells it from others of it. */
export function shownName(random: Uint8Array): string {
  return `${process.pid}-${Array.from(random.subarray(0, 4), (octet) => octet.toString(16).padStart(2, '0')).join('')}`
}

/** The paths of all sockets in the folder at which stacks are asked, in the order of their processes. */
export function shownPaths(folder: string): string[] {
  return ours(folder, (name) => NAME.test(name))
}

/** The same of those at which stacks of one process are watched. */
export function watchedPaths(folder: string, pid: number): string[] {
  return ours(folder, (name) => name.endsWith(WATCHED) && pidOf(name) === pid)
}

/** The processes of which stacks can be watched, as often as they have one. */
export function watchedProcesses(folder: string): number[] {
  const paths = ours(folder, (name) => name.endsWith(WATCHED) && pidOf(name) !== null)
  return paths.map((path) => pidOf(basename(path)) as number) // those alone were asked for that have one
}

/** Whose a socket is, by its name, of either kind; null: it is none. */
function pidOf(name: string): number | null {
  const pid = NAME.exec(name.endsWith(WATCHED) ? name.slice(0, -WATCHED.length) : name)?.[1]
  return pid === undefined ? null : Number(pid)
}

function ours(folder: string, isMeant: (name: string) => boolean): string[] {
  let names: string[] = []
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  const known = names.filter(isMeant).sort((x, y) => Number.parseInt(x, 10) - Number.parseInt(y, 10))
  return known.map((name) => join(folder, name)).filter(isOurSocket)
}

function isOurSocket(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isSocket() === true && found.uid === user()
}

/** Takes away a socket at which nobody listens any more. */
export function removeLeft(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isSocket() !== true || Date.now() - found.mtimeMs < AGE) return
  try {
    unlinkSync(path)
  } catch {
    // Another has done so.
  }
}

/** Takes away what programs have left in the folder that were killed. */
export async function sweep(folder: string): Promise<void> {
  for (const path of ours(folder, (name) => pidOf(name) !== null)) {
    const pid = pidOf(basename(path)) as number
    // One of another PID namespace may live all the same, and would answer.
    if (!isAlive(pid) && (await isRefused(path))) removeLeft(path)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Whether nobody listens there: this alone says that it is what is left of one. */
export function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}
