// Two stacks in one process and what lies between them, as the figures have it. For Node and for a page.

import { socketEnds } from '../ends/sockets.mjs'

const CHUNK = 256 * 1024
const near = { left: ['10.1.0.1/16', '2001:db8:1::1/64'], right: ['10.1.0.2/16', '2001:db8:1::2/64'] }
const far = { left: ['10.2.0.1/16', '2001:db8:2::1/64'], right: ['10.2.0.2/16', '2001:db8:2::2/64'] }
const bare = (address) => address.replace(/\/.*/, '')

/**
 * Clients and servers over a `path`: 'cable' (checksums left to the link, large segments), 'summed' (every checksum computed and
 * looked at, packets of 64 KiB), 'plain' (1500 octets, checksums and frame check sequence), 'routed' (a third stack on the way),
 * 'loopback' (one stack alone). `version`: 4 or 6. `options`: more for socketEnds.
 */
export function openWorld(api, path, version = 4, options = {}) {
  const { AF_INET, AF_INET6, Cable, Stack } = api
  const family = version === 4 ? AF_INET : AF_INET6
  const any = version === 4 ? '0.0.0.0' : '::'
  const here = new Stack()
  const more = { chunk: CHUNK, ...options }
  if (path === 'loopback') {
    return socketEnds(api, { here, there: here, family, address: version === 4 ? '127.0.0.1' : '::1', ...more })
  }
  const attach = (stack, device, address) => stack.attach(device, { address, duplicateAddressDetection: false })
  const there = new Stack()
  const cable = () => {
    if (path === 'plain') return new Cable()
    const { left, right } = new Cable({ offloads: true, ...(path === 'summed' && { mtu: 65535 }) })
    return path === 'summed' ? { left: summing(left), right: summing(right) } : { left, right }
  }
  const first = cable()
  attach(here, first.left, near.left)
  if (path === 'routed') {
    const router = new Stack({ forwarding: true })
    const second = cable()
    attach(router, first.right, near.right)
    attach(router, second.left, far.left)
    attach(there, second.right, far.right)
    for (const via of near.right) here.addRoute('default', { via: bare(via) })
    for (const via of far.left) there.addRoute('default', { via: bare(via) })
  } else {
    attach(there, first.right, near.right)
  }
  const [v4, v6] = (path === 'routed' ? far : near).right.map(bare)
  return socketEnds(api, { here, there, family, address: version === 4 ? v4 : v6, any, ...more })
}

/** The same device, which leaves the checksum to nobody. */
function summing(device) {
  return Object.create(device, {
    features: { value: { checksum: false, largeSegment: 0 } },
    attach: { value: (receiver, clock) => device.attach(receiver, clock) },
    transmit: { value: (bytes, start, end, offload) => device.transmit(bytes, start, end, offload) },
    close: { value: () => device.close() },
  })
}
