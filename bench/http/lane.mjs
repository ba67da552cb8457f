// A lane of node:http: `lane.mjs SYSTEM answers|time`, wrk in this network namespace, which is the lane's own, asks a server over 32 connections that
// stay open. The server is bound to the first of the lane's processors, wrk to the second.

import { readdirSync, readFileSync } from 'node:fs'
import { answer, refuse } from '../harness/answer.mjs'
import { bound, run, Served } from '../tap/served.mjs'
import { systems } from './systems.mjs'

const CONNECTIONS = 32

const [name, what] = process.argv.slice(2)
const pins = process.env.BENCH_PINS ? process.env.BENCH_PINS.split(',') : []
const served = new Served(systems[name], name, pins[0])

/** Answers a second, or what the server's process has spent for each: microseconds. */
function measure({ seconds }) {
  const before = processorTime(served.pid)
  // wrk counts whole seconds.
  const duration = `-d${Math.max(1, Math.round(seconds))}s`
  const words = ['wrk', '-t1', `-c${CONNECTIONS}`, duration, `http://${served.address}:8080/`]
  const said = run(...bound(pins[1]), ...words)
  const failed = /^.*(Socket errors|Non-2xx).*$/m.exec(said)
  if (failed !== null) throw new Error(`wrk: ${failed[0].trim()}`)
  const spent = processorTime(served.pid) - before
  const answers = Number(/(\d+) requests in/.exec(said)[1])
  if (answers === 0) throw new Error(`wrk has had no answer in ${duration.slice(2)}`)
  return what === 'answers' ? Number(/^Requests\/sec: +([\d.]+)$/m.exec(said)[1]) : spent / answers
}

/** That all threads of a process have spent until now, in microseconds: proc(5), the first number of schedstat. */
function processorTime(pid) {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  }
  return nanoseconds / 1000
}

try {
  await served.open()
  await answer(measure, () => served.close())
} catch (error) {
  served.close()
  refuse(error)
}
