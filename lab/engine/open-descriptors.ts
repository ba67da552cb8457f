import type { ToldCall } from '../../src/socket/trace/told-call.ts'

/** The descriptors that a process has open, as its calls have told. */
export class OpenDescriptors extends Set<number> {
  /** Whether a descriptor is open no more. */
  follow({ name, fd, result, text }: ToldCall): boolean {
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
