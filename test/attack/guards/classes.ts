import { dhcp } from './dhcp.ts'
import { dhcp6 } from './dhcp6.ts'
import { formats } from './formats.ts'
import { fragments } from './fragments.ts'
import type { AttackClass } from './guard.ts'
import { icmp } from './icmp.ts'
import { limits } from './limits.ts'
import { link } from './link.ts'
import { names } from './names.ts'
import { secrets } from './secrets.ts'
import { tcp } from './tcp.ts'

/** Every class of attack, in the order of docs/reference/security.md. */
export const classes: readonly AttackClass[] = [
  ...formats,
  ...fragments,
  ...tcp,
  ...icmp,
  ...secrets,
  ...link,
  ...limits,
  ...names,
  ...dhcp,
  ...dhcp6,
]
