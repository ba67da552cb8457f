// The thread of one client: it has the client's descriptor, and waits in its calls.

import { workerData } from 'node:worker_threads'
import { BlockingSocket } from '../../index.ts'
import { os } from '../../os/index.ts'
import { upperBlocking } from './upper-blocking.ts'

upperBlocking(BlockingSocket.fromDescriptor(os, workerData as number))
