import { createConnection } from 'node:net'
import type { StackSnapshot } from '../../platform/stack-snapshot.ts'

/** Milliseconds that a program may take to answer. */
const PATIENCE = 5000
/** The longest answer in octets: half a million connections with all that is known of them. */
const LONGEST = 1 << 29

/** Nobody listens there: the program has ended, or there never was one. */
export class NobodyError extends Error {}

/** Who was there has hung up, or has said what is no answer. */
class NoAnswerError extends Error {}

/** Asks the program that listens at `path` how its stack is. Rejects with an Error that says what was wrong. */
export async function askSnapshot(path: string, patience = PATIENCE, longest = LONGEST): Promise<StackSnapshot> {
  try {
    return await ask(path, patience, longest)
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error
    // A program that has ended meanwhile is not there any more: nothing is wrong with it.
    return ask(path, patience, longest)
  }
}

function ask(path: string, patience: number, longest: number): Promise<StackSnapshot> {
  const where = JSON.stringify(path)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const connection = createConnection(path)
    const noAnswer = () =>
      new NoAnswerError(
        `${where} is not the control socket of a jackfield command, or it has ended before it had answered`,
      )
    const fail = (error: Error) => {
      clearTimeout(alarm)
      connection.destroy()
      reject(error)
    }
    const alarm = setTimeout(() => {
      fail(new Error(`what listens at ${where} has not answered within ${patience / 1000} s`))
    }, patience)
    connection.on('data', (part: Buffer) => {
      length += part.length
      if (length > longest) fail(new Error(`what listens at ${where} answers without end: it is no jackfield program`))
      else parts.push(part)
    })
    connection.on('end', () => {
      const snapshot = readSnapshot(Buffer.concat(parts).toString('utf8'))
      if (snapshot === null) {
        fail(noAnswer())
        return
      }
      clearTimeout(alarm)
      resolve(snapshot)
    })
    connection.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      const nobody = code === 'ENOENT' || code === 'ECONNREFUSED'
      const advice = 'start one with jackfield serve … --control PATH, and give the same path'
      if (nobody) fail(new NobodyError(`nobody listens at ${where}: ${advice}`))
      else if (code === 'ECONNRESET') fail(noAnswer())
      else fail(new Error(code === 'EACCES' ? `${where} may be asked by the user who owns it alone` : message))
    })
  })
}

/** What a program has answered; null where that is something else. */
export function readSnapshot(text: string): StackSnapshot | null {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return null
  }
  if (!isLike(answer, { pid: 0 })) return null
  const { name, sockets, routes, interfaces, neighbours, counters } = answer
  const sound =
    areLike(sockets, SOCKET) &&
    areLike(routes, ROUTE) &&
    areLike(interfaces, INTERFACE) &&
    areLike(neighbours, NEIGHBOUR) &&
    isLike(counters, {}) &&
    Object.values(counters).every((group) => isLike(group, {}))
  if (!sound) return null
  // Of a program of an older version, which says no name.
  return { ...answer, name: typeof name === 'string' ? name : 'jackfield' } as unknown as StackSnapshot
}

// A value of the type of each field that is relied on: null where it may be anything.
const SOCKET = {
  protocol: '',
  localAddress: '',
  localPort: 0,
  peerAddress: '',
  peerPort: 0,
  state: '',
  receiveQueue: 0,
  sendQueue: 0,
  timers: [],
}
const ROUTE = { destination: '', family: '', interface: '', metric: 0 }
const INTERFACE = { name: '', index: 0, mtu: 0, addresses: [] }
const NEIGHBOUR = { address: '', interface: '', state: '' }

function areLike(values: unknown, model: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(values) && values.every((value) => isLike(value, model))
}

function isLike(value: unknown, model: Readonly<Record<string, unknown>>): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  return Object.entries(model).every(([key, one]) => {
    const found = (value as Record<string, unknown>)[key]
    return typeof found === typeof one && Array.isArray(found) === Array.isArray(one)
  })
}
