/** The end of a channel by which the owner is woken: a MessagePort, of Node or of a browser. */
export interface CallPort {
  postMessage(message: unknown): void
}

/** What another thread needs to make the calls: to be sent there once, its port in the list of what is transferred. */
export interface RemoteInit {
  readonly memory: SharedArrayBuffer
  readonly port: CallPort
  /** The provider's. */
  readonly name: string
}

const served = new WeakSet<SharedArrayBuffer>()

/** Calls by this memory are served in this very thread from now on. */
export function serveHere(memory: SharedArrayBuffer): void {
  served.add(memory)
}

/** Whether they are: who made them here would wait for himself. */
export function isServedHere(memory: SharedArrayBuffer): boolean {
  return served.has(memory)
}
