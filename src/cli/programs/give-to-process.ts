import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { AF_UNIX, Message, rights, SOCK_SEQPACKET, Socket } from '../../index.ts'
import { os } from '../../os/index.ts'
import type { Keeper } from './give-away.ts'

/**
 * Gives a connection to a new process, in a message over a Unix socket that the process inherits as descriptor 3: unix(7) SCM_RIGHTS.
 * That one message would be enough for any number of clients, and for a process that runs already.
 */
export async function giveToProcess(connection: Socket): Promise<Keeper> {
  const [ours, theirs] = Socket.pair(os, AF_UNIX, SOCK_SEQPACKET)
  try {
    const program = fileURLToPath(new URL('./blocking-process.js', import.meta.url))
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', theirs.fd] })
    const done = new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status) => {
        if (status === 0) resolve()
        else reject(new Error(`the process has ended with ${status}`))
      })
    })
    const message = new Message([Uint8Array.of(0)])
    message.control.push(rights([connection.fd]))
    await ours.sendmsg(message)
    return { name: `process ${child.pid}`, done }
  } finally {
    // What is in the message stays open until somebody has received it.
    await Promise.all([ours, theirs, connection].map((socket) => socket.close()))
  }
}
