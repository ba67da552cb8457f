// Read first: open(2), pipe(2), sendfile(2), splice(2), capabilities(7).

import { EBADF, EINVAL, ENOENT } from '../base/errno.ts'
import { CallArguments } from './call-arguments.ts'
import { type Descriptor, DrillFile, PipeBuffer, PipeEnd, readFrom, writeTo } from './descriptors.ts'
import type { DrillHost } from './drill-host.ts'
import { DrillFailure } from './failure.ts'
import { wholeNumber } from './option-values.ts'
import { type RunningCall, returned } from './running-call.ts'
import type { CallAction } from './script.ts'
import { receiveOnce, sendOnce } from './transfer-calls.ts'

/** A file of the script is as long as the commands before have made it; its octets are zeros. */
function openCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 2, 3)
  const path = args.at(0)
  if (path.kind !== 'string') return args.wrong(path, 'the path of a file')
  const size = host.system.fileSize(path.text)
  if (size === null) return returned(-ENOENT)
  return { ...returned(0), bindDescriptor: (fd) => host.descriptors.set(fd, new DrillFile(size)) }
}

function pipeCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 1, 2)
  const [read, write] = args.array(0).map(wholeNumber)
  if (read === undefined || write === undefined) return args.wrong(args.at(0), 'two descriptors, such as [5, 6]')
  const buffer = new PipeBuffer()
  host.descriptors.set(read, new PipeEnd(buffer, false))
  host.descriptors.set(write, new PipeEnd(buffer, true))
  return returned(0)
}

function sendfileCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 4)
  const out = host.descriptors.get(args.number(0))
  const file = host.descriptors.get(args.number(1))
  if (out === undefined || file === undefined) return returned(-EBADF)
  if (file.kind !== 'file') return returned(-EINVAL)
  const offset = args.output(2)
  const own = offset === null || (offset.kind === 'word' && offset.name === 'NULL')
  const from = own ? file.position : wholeNumber(offset)
  const octets = Math.max(0, Math.min(args.number(3), file.size - from))
  if (octets === 0) return returned(0)
  return moving(host, out, octets, (moved) => {
    if (own) file.position += moved
  })
}

function spliceCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 6)
  const from = host.descriptors.get(args.number(0))
  const into = host.descriptors.get(args.number(2))
  if (from === undefined || into === undefined) return returned(-EBADF)
  const most = args.number(4)
  if (most < 0) return returned(-EINVAL)
  if (into.kind === 'pipe') {
    const room = Math.min(most, into.buffer.capacity - into.buffer.length)
    const fill = (octets: number) => (octets > 0 ? writeTo(into, octets) : octets)
    if (from.kind !== 'socket') return returned(fill(readFrom(from, room)))
    const running = receiveOnce(from, room)
    return {
      ...running,
      attempt() {
        const result = running.attempt()
        return result === null ? null : fill(result)
      },
    }
  }
  if (from.kind !== 'pipe') return returned(-EINVAL)
  const { buffer } = from
  const octets = Math.min(most, buffer.length)
  return moving(host, into, octets, (moved) => {
    buffer.length -= moved
  })
}

/** Writes zeros to `out`; `moved` is told how many went. */
function moving(host: DrillHost, out: Descriptor, octets: number, moved: (octets: number) => void): RunningCall {
  const running: RunningCall = out.kind === 'socket' ? sendOnce(host, out, octets) : returned(writeTo(out, octets))
  return {
    ...running,
    attempt() {
      const result = running.attempt()
      if (result !== null && result > 0) moved(result)
      return result
    },
  }
}

/** What a process may do is no matter of a stack: the call is taken, and makes no difference. */
function capabilityCall(_: DrillHost, call: CallAction): RunningCall {
  new CallArguments(call, 3)
  return returned(0)
}

function securityCall(_: DrillHost, call: CallAction): RunningCall {
  throw new DrillFailure(call, `${call.name}() needs PSP, which is not built`)
}

/** The calls about files, pipes and rights. */
export const FILE_CALLS = {
  open: openCall,
  pipe: pipeCall,
  pipe2: pipeCall,
  sendfile: sendfileCall,
  splice: spliceCall,
  cap_set: capabilityCall,
  psp_rx_assoc: securityCall,
  psp_tx_assoc: securityCall,
}
