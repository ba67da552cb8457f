import { afterEach, describe, expect, it } from 'vitest'

const { setImmediate: real } = globalThis

afterEach(() => {
  globalThis.setImmediate = real
})

describe('a turn of the event loop', () => {
  it.each(['setImmediate', 'MessageChannel'])('by %s comes when all promises have settled', async (by) => {
    if (by === 'MessageChannel') Reflect.deleteProperty(globalThis, 'setImmediate')
    // As a browser loads it, and as Node does.
    const path = `../../src/sim/turn.ts?${by}`
    const { settled } = (await import(path)) as typeof import('../../src/sim/turn.ts')
    globalThis.setImmediate = real
    let steps = 0
    void (async () => {
      for (; steps < 1000; steps++) await null
    })()
    await settled()
    expect(steps).toBe(1000)
  })
})
