// What the trace of a process tells: each of its calls, and so what it has open.

/** A call of a process, as its trace tells it. */
export interface ProcessCall {
  readonly name: string
  /** Its first argument, of most the descriptor; 0 where that is no number. */
  readonly fd: number
  readonly result: number
  /** As strace would write it. */
  readonly text: string
}

export function readCall(text: string): ProcessCall {
  const [, name = '', fd = '', result = ''] = /^(\w+)\((-?\d*).* = (-?\d+)/s.exec(text) ?? []
  return { name, fd: Number(fd), result: Number(result), text }
}

/** The descriptors that a process has open, as its calls have told. */
export class OpenDescriptors extends Set<number> {
  /** Whether a descriptor is open no more. */
  follow({ name, fd, result, text }: ProcessCall): boolean {
    if (name === 'socket' || name === 'accept' || name === 'dup') {
      if (result >= 0) this.add(result)
    } else if (name === 'socketpair') {
      for (const match of text.matchAll(/\[(\d+), (\d+)\]/g)) for (const one of match.slice(1)) this.add(Number(one))
    } else if (name === 'close') {
      return this.delete(fd)
    }
    return false
  }
}
