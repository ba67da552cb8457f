// The thread of one client of a stack: it has the client's descriptor, and waits in its calls, which another thread makes.

import { workerData } from 'node:worker_threads'
import { BlockingSocket, type RemoteInit, RemoteProvider } from '../../index.ts'
import { upperBlocking } from './upper-blocking.ts'

const { init, descriptor } = workerData as { readonly init: RemoteInit; readonly descriptor: number }

upperBlocking(BlockingSocket.fromDescriptor(new RemoteProvider(init), descriptor))
