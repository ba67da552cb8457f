// The thread of one client: what comes goes back in capitals.

import { parentPort } from 'node:worker_threads'

parentPort?.on('message', (chunk: Uint8Array) => {
  parentPort?.postMessage(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase()))
})
