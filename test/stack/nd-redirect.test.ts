import { expect, test } from 'vitest'
import type { AttachOptions, StackOptions } from '../../src/stack/stack.ts'
import {
  address,
  type FrameFields,
  hardwareOf,
  NdHost,
  OURS,
  ROUTER,
  ROUTER2,
  redirect,
  routerAdvertisement,
  targetIs,
} from './nd-host.ts'

const FAR = '2001:db8:99::1'

/** A host at 2001:db8::1 whose default router is fe80::a. */
function host(attach: AttachOptions = {}, options: Partial<StackOptions> = {}): NdHost {
  const one = new NdHost({ ipv6: 'auto', ...attach }, options)
  one.fromRouter(routerAdvertisement({}))
  one.took()
  return one
}

function hop(one: NdHost, destination = FAR): string {
  const route = one.stack.routeTo(address(destination), null, null)
  return typeof route === 'number' ? String(route) : `${route.neighbour?.address}`
}

function tell(one: NdHost, message: Uint8Array, fields: FrameFields = {}): void {
  one.deliver(message, { source: ROUTER, destination: OURS, from: hardwareOf(ROUTER), ...fields })
}

test('a router names a better one: packets to that destination go there, others do not (RFC 4861 8.3)', () => {
  const one = host()
  const before = one.stack.routeTo(address(FAR), null, null)
  tell(one, redirect(ROUTER2, FAR, targetIs(hardwareOf(ROUTER2))))
  expect(typeof before === 'number' || before.stale).toBe(true)
  expect(hop(one)).toBe(ROUTER2)
  expect(hop(one, '2001:db8:99::2')).toBe(ROUTER)
  expect(one.neighbour(ROUTER2)?.isRouter).toBe(true)
  // The redirect has told its hardware address.
  one.send(FAR)
  expect(one.took()).toEqual([`UDP | ${OURS} > ${FAR} | 02:00:00:00:00:0b`])
})

test('a router says that a destination is on the link (RFC 4861 8.3)', () => {
  const one = host()
  tell(one, redirect(FAR, FAR))
  expect(hop(one)).toBe(FAR)
  expect(one.routes()).toContain(`${FAR}/128`)
  expect(one.neighbour(FAR)?.isRouter ?? false).toBe(false)
  one.send(FAR)
  expect(one.took()[0]).toMatch(new RegExp(`^NS ${FAR} source 01`))
})

test.each([
  ['another than the first hop', redirect('fe80::c', FAR), { source: ROUTER2 }, 1, 0],
  ['a global address', redirect(ROUTER2, FAR), { source: '2001:db8::a' }, 0, 1],
  ['a hop limit of 254', redirect(ROUTER2, FAR), { hopLimit: 254 }, 0, 1],
  ['code 1', redirect(ROUTER2, FAR), { code: 1 }, 0, 1],
  ['only 39 octets', redirect(ROUTER2, FAR).slice(0, 39), {}, 0, 1],
  ['a group as destination', redirect(ROUTER2, 'ff0e::1'), {}, 0, 1],
  ['a global router', redirect('2001:db8::b', FAR), {}, 0, 1],
  ['the router itself', redirect(ROUTER, FAR), {}, 1, 0],
  ['ourselves', redirect('fe80::1', FAR), {}, 1, 0],
])('a redirect from, to or with %s is not believed (RFC 4861 8.1)', (_what, message, fields, ignored, errors) => {
  const one = host()
  tell(one, message, fields)
  expect(hop(one)).toBe(ROUTER)
  expect(one.ipv6.redirects?.size).toBe(0)
  expect(one.stack.counters.icmpRedirectsIgnored).toBe(ignored)
  expect(one.stack.counters.ndErrors).toBe(errors)
})

test('who was named may name another (RFC 4861 8.1)', () => {
  const one = host()
  tell(one, redirect(ROUTER2, FAR))
  tell(one, redirect('fe80::c', FAR))
  expect(hop(one)).toBe(ROUTER2)
  tell(one, redirect('fe80::c', FAR), { source: ROUTER2 })
  expect(hop(one)).toBe('fe80::c')
  expect(one.ipv6.redirects?.size).toBe(1)
})

test('a router does as its own routes say (RFC 4861 8.3)', () => {
  const one = host({}, { forwarding: true })
  tell(one, redirect(ROUTER2, FAR))
  expect(hop(one)).toBe(ROUTER)
  expect(one.stack.counters.icmpRedirectsIgnored).toBe(1)
})

test('it goes before a route by hand, whose gateway has said it', () => {
  const one = new NdHost()
  one.stack.addRoute(`${FAR}/128`, { via: ROUTER, interface: one.link })
  tell(one, redirect(ROUTER2, FAR))
  expect(hop(one)).toBe(ROUTER2)
})

test('when the better router does not answer, the old way is taken again (RFC 4861 7.3.3)', () => {
  const one = host()
  tell(one, redirect(ROUTER2, FAR))
  one.send(FAR)
  one.run(3000)
  expect(hop(one)).toBe(ROUTER)
  expect(one.ipv6.redirects?.size).toBe(0)
})

test('when the better router is no default router any more, the old way is taken again (RFC 4861 6.3.5)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ lifetime: 10 }), ROUTER2)
  tell(one, redirect(ROUTER2, FAR))
  one.run(9999)
  expect(hop(one)).toBe(ROUTER2)
  one.run(1)
  expect(hop(one)).toBe(ROUTER)
})

test('redirects are bounded: the oldest is given up', () => {
  const one = host({}, { limits: { redirects: 2 } })
  for (let i = 1; i <= 3; i++) tell(one, redirect(ROUTER2, `2001:db8:99::${i}`))
  expect(one.ipv6.redirects?.size).toBe(2)
  expect([1, 2, 3].map((i) => hop(one, `2001:db8:99::${i}`))).toEqual([ROUTER, ROUTER2, ROUTER2])
  expect(one.routes().filter((route) => route.includes('/128'))).toHaveLength(2)
})
