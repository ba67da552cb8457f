import { BlockList } from 'node:net'
import { invalidArgType } from '../node-error.ts'

/** The option `blockList`, or throws what Node throws for what is none. */
export function checkBlockList(value: unknown): BlockList {
  const { isBlockList } = BlockList as unknown as { isBlockList?: (value: unknown) => boolean }
  if (isBlockList === undefined ? value instanceof BlockList : isBlockList(value)) return value as BlockList
  throw invalidArgType('options.blockList', 'net.BlockList', value)
}
