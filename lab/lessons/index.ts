// The lessons, in the order in which they build on each other. The page loads them when somebody wants one.

import { accepting } from './accepting.ts'
import { backoff } from './backoff.ts'
import { closing } from './closing.ts'
import { flood } from './flood.ts'
import { halfClose } from './half-close.ts'
import { handshake } from './handshake.ts'
import type { Lesson } from './lesson.ts'
import { namesFirst } from './names.ts'
import { pathMtu } from './path-mtu.ts'
import { positions } from './positions.ts'
import { recovery } from './recovery.ts'
import { slowReader } from './slow-reader.ts'
import { twoSends } from './two-sends.ts'
import { waiting } from './waiting.ts'

export const LESSONS: readonly Lesson[] = [
  handshake,
  accepting,
  waiting,
  twoSends,
  closing,
  halfClose,
  backoff,
  slowReader,
  recovery,
  positions,
  namesFirst,
  flood,
  pathMtu,
]
