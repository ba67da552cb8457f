import type { LeanStack } from '../lean-stack.ts'

/** `wanted`, with a number where an interface has that name: "cable.1". */
export function freeName(stack: LeanStack, wanted: string): string {
  let name = wanted
  for (let i = 1; stack.interfaceNamed(name) !== null; i++) name = `${wanted}.${i}`
  return name
}
