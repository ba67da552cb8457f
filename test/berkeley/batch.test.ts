// Read first: recvmmsg(2), sendmmsg(2).

import { expect, test } from 'vitest'
import { MSG_CTRUNC, MSG_DONTWAIT, MSG_TRUNC, SO_TIMESTAMP, SOL_SOCKET } from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import { readTimestamp, segmentSize } from '../../src/socket/control-message.ts'
import { MessageBatch } from '../../src/socket/message-batch.ts'
import { stateOf } from './drive.ts'
import { berkeley, octets, PORT } from './scene.ts'

berkeley('recvmmsg(2) and sendmmsg(2)', (scene) => {
  test('datagrams keep their bounds, their order and their senders', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    const sender = scene().datagram()
    await hosts.drive(sender.connect(scene().at()))
    const batch = new MessageBatch(4, 100)
    for (let i = 0; i < 4; i++) batch.set(i, octets(10 * i, i))
    expect(await hosts.drive(sender.sendmmsg(batch))).toBe(4)
    await hosts.pass(10)
    const received = new MessageBatch(8, 100)
    expect(await hosts.drive(receiver.recvmmsg(received))).toBe(4)
    for (let i = 0; i < 4; i++) {
      expect(received.data(i)).toEqual(octets(10 * i, i))
      expect(received.address(i)?.toString()).toBe(sender.getsockname().toString())
    }
  })

  test('what was received goes back as it is: addresses and lengths are in place', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    const [one, two] = [scene().datagram(), scene().datagram()]
    await hosts.drive(one.sendto(octets(5), scene().at()))
    await hosts.drive(two.sendto(octets(7, 3), scene().at()))
    await hosts.pass(10)
    const batch = new MessageBatch(2, 50)
    expect(await hosts.drive(receiver.recvmmsg(batch))).toBe(2)
    expect(await hosts.drive(receiver.sendmmsg(batch, 0, 2))).toBe(2)
    await hosts.pass(10)
    const room = new Uint8Array(50)
    expect([one.tryRecv(room), two.tryRecv(room)]).toEqual([5, 7])
    expect(room.subarray(0, 7)).toEqual(octets(7, 3))
  })

  test('control messages come and go with each datagram, where there is room for them', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    receiver.setsockopt(SOL_SOCKET, SO_TIMESTAMP, true)
    const sender = scene().datagram()
    await hosts.drive(sender.connect(scene().at()))
    const sent = new MessageBatch(2, 300, { controlSize: 24 })
    sent.set(0, octets(250), null, [segmentSize(100)])
    sent.set(1, octets(30, 5))
    expect(await hosts.drive(sender.sendmmsg(sent))).toBe(2)
    await hosts.pass(10)
    const received = new MessageBatch(8, 300, { controlSize: 32 })
    expect(await hosts.drive(receiver.recvmmsg(received))).toBe(4)
    expect([...received.lengths.subarray(0, 4)]).toEqual([100, 100, 50, 30])
    for (let i = 0; i < 4; i++) {
      const message = received.message(i)
      expect(readTimestamp(message)).not.toBeNull()
      expect(message.flags & MSG_CTRUNC).toBe(0)
      expect(message.name?.toString()).toBe(sender.getsockname().toString())
    }
  })

  test('control messages without room are cut, and that is said: MSG_CTRUNC', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    receiver.setsockopt(SOL_SOCKET, SO_TIMESTAMP, true)
    await hosts.drive(scene().datagram().sendto(octets(9), scene().at()))
    await hosts.pass(10)
    const received = new MessageBatch(1, 20)
    expect(await hosts.drive(receiver.recvmmsg(received))).toBe(1)
    expect(received.control(0)).toEqual([])
    expect((received.flags[0] as number) & MSG_CTRUNC).toBe(MSG_CTRUNC)
  })

  test('a datagram that is longer than its place is cut, and says so', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    await hosts.drive(scene().datagram().sendto(octets(100), scene().at()))
    await hosts.pass(10)
    const batch = new MessageBatch(1, 60)
    expect(await hosts.drive(receiver.recvmmsg(batch))).toBe(1)
    expect(batch.data(0)).toEqual(octets(60))
    expect((batch.flags[0] as number) & MSG_TRUNC).toBe(MSG_TRUNC)
  })

  test('recvmmsg waits for the first alone; MSG_DONTWAIT and a time limit say EAGAIN', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    const batch = new MessageBatch(3, 20)
    expect(await hosts.failure(receiver.recvmmsg(batch, MSG_DONTWAIT))).toMatchObject({ message: 'recvmmsg EAGAIN' })
    expect(await hosts.failure(receiver.recvmmsg(batch, 0, { timeout: 100 }))).toMatchObject({ errno: -EAGAIN })
    const receiving = receiver.recvmmsg(batch)
    expect(await stateOf(receiving)).toBe('pending')
    await hosts.drive(scene().datagram().sendto(octets(4), scene().at()))
    expect(await hosts.drive(receiving)).toBe(1)
    expect(batch.data(0)).toEqual(octets(4))
  })

  test('places in the middle are sent, each to its own address', async () => {
    const { hosts } = scene()
    const receivers = [scene().receiver(PORT), scene().receiver(PORT + 1)]
    const sender = scene().datagram()
    const batch = new MessageBatch(4, 20)
    for (let i = 0; i < 4; i++) {
      // An address of the socket's own family, as a datagram from there has it.
      const probe = scene().datagram()
      await hosts.drive(probe.connect(scene().at(PORT + (i & 1))))
      batch.set(i, octets(i + 1), probe.getpeername())
    }
    expect(await hosts.drive(sender.sendmmsg(batch, 1, 2))).toBe(2)
    await hosts.pass(10)
    const room = new Uint8Array(20)
    expect(receivers.map((receiver) => receiver.tryRecv(room))).toEqual([3, 2])
    expect(receivers.map((receiver) => receiver.tryRecv(room))).toEqual([-EAGAIN, -EAGAIN])
  })

  test('none to send is none sent; more than there are places is a RangeError', async () => {
    const sender = scene().datagram()
    const batch = new MessageBatch(4, 20)
    expect(await sender.sendmmsg(batch, 4)).toBe(0)
    expect(() => sender.sendmmsg(batch, 3, 2)).toThrow(/count must be an integer from 0 to 1, got 2/)
    expect(() => sender.sendmmsg(batch, 5)).toThrow(RangeError)
    expect(() => sender.recvmmsg({} as MessageBatch)).toThrow(/batch must be a MessageBatch/)
  })
})
