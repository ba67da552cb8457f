// Read first: unix(7), proc(5). Which program is to be watched, and why one cannot be.

import { lstatSync, readFileSync } from 'node:fs'
import { folderFault, shownFolders, shownPaths, watchedPaths } from '../platform/shown-folder.ts'

/** The highest number that a kernel gives to a process: PID_MAX_LIMIT of Linux. */
export const PID_MAX: number = 2 ** 22

/** The sockets at which the stacks of a process are watched. Throws an Error that says why there are none, and what to do. */
export function watchedStacks(pid: number): readonly string[] {
  const folders = shownFolders()
  for (const folder of folders) {
    const fault = folderFault(folder)
    if (fault !== null) throw new Error(`${folder} ${fault}: what is in it is not believed`)
  }
  const paths = folders.flatMap((folder) => watchedPaths(folder, pid))
  if (paths.length > 0 && isRunning(pid)) return paths
  throw new Error(
    whyNot(
      pid,
      folders.some((folder) => shownPaths(folder).some((path) => path.startsWith(`${folder}/${pid}-`))),
    ),
  )
}

function whyNot(pid: number, asked: boolean): string {
  if (!isRunning(pid)) return `there is no process ${pid}: name one that runs`
  const owner = lstatSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
  if (owner !== undefined && owner !== process.geteuid?.()) {
    return `process ${pid} is user ${owner}'s, and shows its stack to that user alone: run this as that user`
  }
  const program = `process ${pid}${nameOf(pid)}`
  if (asked) return `${program} shows its sockets and not its packets: it has called showSockets with packets: false`
  return `${program} shows no stack: it has to call showSockets(stack), of jackfield/os; on the operating system's sockets it has none to show`
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** " (node)": what the kernel calls it; '' where that is not told. */
function nameOf(pid: number): string {
  try {
    return ` (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`
  } catch {
    return ''
  }
}
