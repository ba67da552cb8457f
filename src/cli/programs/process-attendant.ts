import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Attendant } from './hand-over.ts'

/** A process for one client; octets go there by its standard input, and back by its standard output. */
export async function hireProcess(): Promise<Attendant> {
  const program = fileURLToPath(new URL('./upper-process.js', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    // Who has written to one that is gone hears of it here.
    child.stdin.on('error', reject)
  })
  failed.catch(() => {})
  const over = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const spawned = new Promise<void>((resolve) => child.once('spawn', () => resolve()))
  await Promise.race([spawned, failed])
  return {
    name: `process ${child.pid}`,
    answer(chunk) {
      // In capitals of ASCII a text is as long as it was: then the answer is there.
      return Promise.race([failed, readExactly(child.stdout, chunk.length, () => child.stdin.write(chunk))])
    },
    async dismiss() {
      child.stdin.end()
      await Promise.race([over, failed])
    },
  }
}

function readExactly(stream: NodeJS.ReadableStream, length: number, begin: () => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let count = 0
    const stop = () => stream.off('data', take).off('end', ended)
    const take = (chunk: Buffer) => {
      chunks.push(chunk)
      count += chunk.length
      if (count < length) return
      stop()
      resolve(Buffer.concat(chunks))
    }
    const ended = () => {
      stop()
      reject(new Error('the process has ended too early'))
    }
    stream.on('data', take).once('end', ended)
    begin()
  })
}
