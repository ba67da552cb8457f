// The globals that Node and browsers share and that core code may use, declared for the core tsconfig alone (it has
// neither DOM nor Node types). Nothing here tells the time, sets a timer or gives randomness: those are handed in as a
// Clock and a Random, which is what makes a stack replayable.

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}
declare var TextEncoder: { new (): TextEncoder }

interface TextDecoder {
  decode(bytes?: Uint8Array): string
}
declare var TextDecoder: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder }

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
declare var AbortController: { new (): AbortController }

interface MessagePort {
  onmessage: ((event: never) => void) | null
  postMessage(message: unknown): void
  addEventListener(type: 'close', listener: () => void): void
  close(): void
}

interface MessageChannel {
  readonly port1: MessagePort
  readonly port2: MessagePort
}
declare var MessageChannel: { new (): MessageChannel }
