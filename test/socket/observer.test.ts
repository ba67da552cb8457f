import { afterEach, expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { Stack } from '../../src/platform/stack.ts'
import { observe, observed } from '../../src/socket/observer.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { CallLog } from '../../src/socket/trace/call-log.ts'
import { TracingProvider, trace } from '../../src/socket/trace/trace.ts'

const TOOL = Symbol.for('jackfield.observer')

afterEach(() => {
  delete (globalThis as { [TOOL]?: unknown })[TOOL]
})

test('who watches one provider and a tool that watches all both see its calls, whoever was first', async () => {
  const calls: string[] = []
  const watch = (who: string) => (provider: Provider) =>
    trace(provider, (line) => calls.push(`${who} ${line.slice(0, line.indexOf('('))}`))
  const [first, second] = [new Stack(), new Stack()]
  observe(first, watch('one'))
  ;(globalThis as { [TOOL]?: unknown })[TOOL] = watch('all')
  observe(second, watch('one'))
  await new Socket(second, AF_INET, SOCK_DGRAM).close()
  expect(calls).toEqual(['all socket', 'one socket', 'all close', 'one close'])
  calls.length = 0
  // Sockets are made of what watched it first: a tool is there before the program.
  await new Socket(first, AF_INET, SOCK_DGRAM).close()
  expect(calls).toEqual(['one socket', 'one close'])
  expect(observed(new Stack())).toBeInstanceOf(TracingProvider)
})

test('a log that is off writes nothing, and goes on where it is on again', async () => {
  const calls: string[] = []
  const stack = new Stack()
  const log = new CallLog(stack.clock, (line) => calls.push(line.slice(0, line.indexOf('('))), {})
  const socket = new Socket(new TracingProvider(stack, log), AF_INET, SOCK_DGRAM)
  log.isOn = false
  socket.bind({ address: '127.0.0.1', port: 0 })
  log.isOn = true
  await socket.close()
  expect(calls).toEqual(['socket', 'close'])
})
