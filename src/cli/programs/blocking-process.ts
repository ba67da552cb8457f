// The process of one client: descriptor 3 is a Unix socket, by which the client's connection comes. Calls that block are for threads
// where nothing else shall run, so it has one of these.

import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { BlockingSocket, Message, readRights } from '../../index.ts'
import { os } from '../../os/index.ts'
import { upperBlocking } from './upper-blocking.ts'

const CHANNEL = 3

if (isMainThread) {
  new Worker(fileURLToPath(import.meta.url), { workerData: CHANNEL })
} else {
  const channel = BlockingSocket.fromDescriptor(os, workerData as number)
  const message = new Message([new Uint8Array(1)])
  channel.recvmsg(message)
  const [descriptor] = readRights(message)
  if (descriptor === undefined) throw new Error('the message has brought no descriptor')
  channel.close()
  upperBlocking(BlockingSocket.fromDescriptor(os, descriptor))
}
