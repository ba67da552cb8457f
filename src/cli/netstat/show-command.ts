import { showSockets } from '../../platform/show-sockets.ts'
import type { Stack } from '../../stack/stack.ts'

const shown = new WeakSet<Stack>()

/** What this command is called where its stacks are listed: "jackfield serve". */
export function commandName(): string {
  return `jackfield ${process.argv[2] ?? ''}`.trim()
}

/**
 * Lets `jackfield netstat` list the sockets of this command's stack, until the function that it returns is called. Nothing waits for
 * that, and where it cannot be the command does its work all the same: `netstat` says what is wrong with the folder.
 */
export function showCommand(stack: Stack): () => void {
  if (shown.has(stack)) return () => {}
  shown.add(stack)
  const showing = showSockets(stack, { name: commandName() }).catch(() => null)
  return () => void showing.then((one) => one?.close())
}
