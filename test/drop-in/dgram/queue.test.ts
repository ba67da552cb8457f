// What waits for a full link. The kernel's loopback is never full, so that Node's own module has nothing to compare with.

import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { stackForDropIns } from '../../../src/drop-in/stack-for-drop-ins.ts'
import { Switch } from '../../../src/platform/switch.ts'

const LENGTH = 1000
const COUNT = 40

let sender: Socket
let receiver: Socket
const heard: string[] = []

beforeEach(async () => {
  heard.length = 0
  const lan = new Switch({ queue: 4 * LENGTH })
  const socket = async (n: number) => {
    const stack = stackForDropIns()
    stack.attach(lan.port(), { address: `10.0.0.${n}/24` })
    const made = dgramFor(stack).createSocket('udp4')
    made.bind(5000, `10.0.0.${n}`)
    await once(made, 'listening')
    return made
  }
  sender = await socket(1)
  receiver = await socket(2)
  receiver.on('message', (data) => heard.push(`${data[0]}`))
  // The neighbour is known, and an address need not be looked up: what is sent goes at once.
  sender.connect(5000, '10.0.0.2')
  await once(sender, 'connect')
  const arrived = once(receiver, 'message')
  sender.send('!')
  await arrived
})

afterEach(() => receiver.close())

describe('a link that is full', () => {
  it('what does not fit waits, is counted, and goes in order', async () => {
    const told: string[] = []
    const all = new Promise<void>((resolve) => {
      for (let i = 0; i < COUNT; i++) {
        sender.send(Buffer.alloc(LENGTH, i), (error, octets) => {
          told.push(`${i} ${error} ${octets}`)
          if (told.length === COUNT) resolve()
        })
      }
    })
    const waiting = sender.getSendQueueCount()
    expect(waiting).toBeGreaterThan(0)
    expect(sender.getSendQueueSize()).toBe(waiting * LENGTH)
    await all
    expect(told).toEqual(Array.from({ length: COUNT }, (_, i) => `${i} null ${LENGTH}`))
    expect([sender.getSendQueueCount(), sender.getSendQueueSize()]).toEqual([0, 0])
    while (heard.length < COUNT + 1) await once(receiver, 'message')
    expect(heard.slice(1)).toEqual(Array.from({ length: COUNT }, (_, i) => `${i}`))
    sender.close()
  })

  it('close: what waits is told ECANCELED, with the address that it was for', async () => {
    const told: unknown[] = []
    const all = new Promise<void>((resolve) => {
      for (let i = 0; i < COUNT; i++) {
        sender.send(Buffer.alloc(LENGTH, i), (error) => {
          told.push((error as NodeJS.ErrnoException | null)?.message ?? 'sent')
          if (told.length === COUNT) resolve()
        })
      }
    })
    const waiting = sender.getSendQueueCount()
    sender.close()
    await all
    expect(told.filter((one) => one === 'send ECANCELED').length).toBe(waiting)
    expect(told.filter((one) => one === 'sent').length).toBe(COUNT - waiting)
  })
})
