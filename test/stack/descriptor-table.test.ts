import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EMFILE } from '../../src/base/errno.ts'
import { DescriptorTable } from '../../src/socket/descriptor-table.ts'

test('descriptors: always the lowest free one, from 3 (POSIX, "File Descriptor Allocation")', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 200 }), { maxLength: 300 }), (steps) => {
      const table = new DescriptorTable<string>(150)
      const model = new Map<number, string>()
      for (const [i, step] of steps.entries()) {
        if (step >= 0) {
          const fd = 3 + (step % 60)
          expect(table.release(fd)).toBe(model.delete(fd))
          continue
        }
        let lowest = 3
        while (model.has(lowest)) lowest++
        expect(table.add(`entry ${i}`)).toBe(lowest)
        model.set(lowest, `entry ${i}`)
      }
      expect(table.size).toBe(model.size)
      for (let fd = 0; fd < 210; fd++) expect(table.get(fd)).toBe(model.get(fd) ?? null)
      const seen: number[] = []
      table.forEach((_entry, fd) => {
        seen.push(fd)
      })
      expect(seen).toEqual([...model.keys()].sort((x, y) => x - y))
    }),
  )
})

test('descriptors: EMFILE when all are in use', () => {
  const table = new DescriptorTable<number>(1100)
  for (let i = 0; i < 1100; i++) expect(table.add(i)).toBe(i + 3)
  expect(table.add(0)).toBe(-EMFILE)
  table.release(1000)
  expect(table.add(7)).toBe(1000)
  expect(table.get(1000)).toBe(7)
})

test('descriptors: what is reserved counts and is nothing yet', () => {
  const table = new DescriptorTable<string>(2)
  const fd = table.reserve()
  expect([fd, table.get(fd), table.size]).toEqual([3, null, 1])
  table.set(fd, 'x')
  expect(table.get(fd)).toBe('x')
  expect(table.release(2)).toBe(false)
  expect(table.release(99)).toBe(false)
})

test('descriptors: a limit that is none is told', () => {
  expect(() => new DescriptorTable(0)).toThrow(new RangeError('limit must be an integer of at least 1, got 0'))
})
