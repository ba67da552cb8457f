import type { StreamOwner } from './stream-handle.ts'

/** Is told, and does nothing: the owner of a stream that has none yet, and of one of which only some things matter. */
export class Unowned implements StreamOwner {
  connected(_status: number): void {}
  received(): void {}
  ended(): void {}
  readFailed(): void {}
  wrote(): void {}
  shutDown(): void {}
}

export const UNOWNED: StreamOwner = new Unowned()
