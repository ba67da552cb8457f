// A lane's side of the conversation with the harness: orders come as lines of JSON, { round, seconds, processorTime }, and each is
// answered with { value } or { error }. It ends with its standard input.

import { createInterface } from 'node:readline'

/** Says that it is ready, and answers every order with what `measure(order)` comes to. */
export async function answer(measure, close = () => {}) {
  say({ ready: true })
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say({ value: await measure(JSON.parse(line)) })
    } catch (error) {
      say({ error: String(error?.message ?? error) })
    }
  }
  await close()
  process.exit(0)
}

/** A lane that cannot be there says why, and ends. */
export function refuse(error) {
  say({ error: String(error?.message ?? error) })
  process.exit(1)
}

function say(word) {
  process.stdout.write(`${JSON.stringify(word)}\n`)
}
