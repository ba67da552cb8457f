import { checkInteger, given } from '../base/argument.ts'
import { wrongFlags } from './arguments.ts'
import { MessageBatch } from './message-batch.ts'
import { RECVMMSG, type SENDMMSG, Waiter } from './waiter.ts'

/** The call that receives into, or sends, the places [from, from + count) of a batch. Throws for what is wrong with its arguments. */
export function batchWaiter(
  operation: typeof RECVMMSG | typeof SENDMMSG,
  batch: MessageBatch,
  from: number,
  count: number,
  flags: number,
): Waiter {
  if (!(batch instanceof MessageBatch)) throw new TypeError(`batch must be a MessageBatch, got ${given(batch)}`)
  checkInteger('from', from, 0, batch.count)
  checkInteger('count', count, 0, batch.count - from)
  if ((flags | 0) !== flags) throw wrongFlags(flags)
  const syscall = operation === RECVMMSG ? 'recvmmsg' : 'sendmmsg'
  const waiter = new Waiter(operation, syscall, flags, null, null, null, false)
  waiter.batch = batch
  waiter.from = from
  waiter.count = count
  return waiter
}
