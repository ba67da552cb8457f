/** A call, as a line of a trace without time stamps tells it. */
export interface ToldCall {
  readonly name: string
  /** Its first argument, of most the descriptor; 0 where that is no number. */
  readonly fd: number
  readonly result: number
  /** The descriptor of the socket that it is about: of what makes one, the result. */
  readonly socket: number
  /** As strace would write it. */
  readonly text: string
}

export function readCall(text: string): ToldCall {
  const [, name = '', first = '', last = ''] = /^(\w+)\((-?\d*).* = (-?\d+)/s.exec(text) ?? []
  const fd = Number(first)
  const result = Number(last)
  return { name, fd, result, socket: name === 'socket' || name === 'accept' ? result : fd, text }
}
