// Where fetch and serve are tried: two stacks on a cable, one stack's loopback, and the operating system.

import type { Clock } from '../../../src/base/clock.ts'
import { AF_INET, SOCK_STREAM } from '../../../src/base/constants.ts'
import { Cable } from '../../../src/device/cable.ts'
import { os } from '../../../src/os/index.ts'
import { Stack } from '../../../src/platform/stack.ts'
import type { Provider } from '../../../src/socket/provider.ts'
import { Socket } from '../../../src/socket/socket.ts'
import { bytes, text } from '../web/hosts.ts'

export interface Peers {
  readonly client: Provider
  readonly server: Provider
  /** Of the server. */
  readonly host: string
}

export const PEERS: readonly (readonly [string, () => Peers])[] = [
  ['two stacks on a cable', onCable],
  ['one stack', () => alone(new Stack())],
  ['the operating system', () => alone(os)],
]

export function onCable(): { readonly client: Stack; readonly server: Stack; readonly host: string } {
  const cable = new Cable()
  const [client, server] = [new Stack(), new Stack()]
  client.attach(cable.left, { address: '10.0.0.1/24' })
  server.attach(cable.right, { address: '10.0.0.2/24' })
  return { client, server, host: '10.0.0.2' }
}

function alone(provider: Provider): Peers {
  return { client: provider, server: provider, host: '127.0.0.1' }
}

/** A connection on which octets are written and read by hand. */
export class Wire {
  readonly socket: Socket
  #got = ''

  constructor(socket: Socket) {
    this.socket = socket
  }

  static async to(provider: Provider, address: string, port: number): Promise<Wire> {
    const socket = new Socket(provider, AF_INET, SOCK_STREAM)
    await socket.connect({ address, port })
    return new Wire(socket)
  }

  async send(octets: string): Promise<void> {
    await this.socket.send(Uint8Array.from(octets, (letter) => letter.charCodeAt(0)))
  }

  /** What comes up to and with `end`; what came before the connection's end where it is left out. */
  async until(end?: string): Promise<string> {
    const into = new Uint8Array(65536)
    while (end === undefined || !this.#got.includes(end)) {
      const count = await this.socket.recv(into)
      if (count === 0) {
        if (end !== undefined) throw new Error(`the connection ended behind ${JSON.stringify(this.#got)}`)
        break
      }
      this.#got += String.fromCharCode(...into.subarray(0, count))
    }
    const length = end === undefined ? this.#got.length : this.#got.indexOf(end) + end.length
    const taken = this.#got.slice(0, length)
    this.#got = this.#got.slice(length)
    return taken
  }

  end(): void {
    this.socket.shutdown(1)
  }

  async close(): Promise<void> {
    await this.socket.close()
  }
}

/** A server that answers each connection with the same octets behind the head of a request. */
export function answering(
  provider: Provider,
  ...answers: readonly string[]
): { readonly port: number; close(): void; readonly asked: string[] } {
  const listener = new Socket(provider, AF_INET, SOCK_STREAM)
  listener.bind({ address: '0.0.0.0', port: 0 })
  listener.listen()
  const asked: string[] = []
  void (async () => {
    for (const answer of answers) {
      const wire = new Wire(await listener.accept())
      asked.push(await wire.until('\r\n\r\n'))
      await wire.send(answer)
      await wire.close()
    }
  })().catch(() => {})
  return { port: listener.getsockname().port, close: () => void listener.close(), asked }
}

/** An answer without the fields that differ each time. */
export function plain(answer: string): string {
  return answer.replace(/Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n/g, '')
}

export { bytes, text }

/** The same provider, with another clock for what is built on it. */
export function onClock(provider: Provider, clock: Clock): Provider {
  return new Proxy(provider, {
    get(target, name) {
      const value = name === 'clock' ? clock : Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Lets happen what needs no time. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}
