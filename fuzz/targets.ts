import { beginFrames, FrameWorld } from './frames/frame-world.ts'
import type { Target } from './target.ts'

/** All that is fuzzed, by name. */
export const TARGETS: readonly Target[] = [
  { name: 'tcp', length: 1500, begin: beginFrames, open: (first) => new FrameWorld('tcp', first) },
  { name: 'net', length: 1500, begin: beginFrames, open: (first) => new FrameWorld('net', first) },
]
