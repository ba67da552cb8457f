// jackfield/net/promises: node:net/promises on what JACKFIELD_ON names.

import type { NetPromises } from '../adapters/net/promises.ts'
import net from './net.ts'

/** `connect`: the socket, when it is connected; `listen`: a server, when it listens. What fails destroys or closes it, and rejects. */
export const { connect, listen }: NetPromises = net.promises
