import { beginFrames, FrameWorld } from './frames/frame-world.ts'
import type { Target } from './target.ts'
import { DHCP } from './targets/dhcp.ts'
import { DHCP6 } from './targets/dhcp6.ts'
import { DNS } from './targets/dns.ts'
import { LINKS } from './targets/links.ts'
import { MULTICAST } from './targets/multicast.ts'
import { PACKETDRILL } from './targets/packetdrill.ts'
import { PCAPNG } from './targets/pcapng.ts'
import { ZONE } from './targets/zone.ts'

/** All that is fuzzed, by name. */
export const TARGETS: readonly Target[] = [
  { name: 'tcp', length: 1500, begin: beginFrames, open: (first) => new FrameWorld('tcp', first) },
  { name: 'net', length: 1500, begin: beginFrames, open: (first) => new FrameWorld('net', first) },
  DNS,
  DHCP,
  DHCP6,
  ZONE,
  MULTICAST,
  PCAPNG,
  PACKETDRILL,
  LINKS,
]
