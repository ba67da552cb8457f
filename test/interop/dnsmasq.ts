import { join } from 'node:path'
import type { Namespace, Running } from './namespace.ts'

/** Debian's dnsmasq at the interface jf0, which serves what `more` says and nothing of this machine; its leases are in `folder`. */
export function startDnsmasq(namespace: Namespace, folder: string, more: readonly string[]): Running {
  return namespace.start('dnsmasq', [
    '--keep-in-foreground',
    '--log-facility=-',
    '--log-dhcp',
    '--conf-file=/dev/null',
    '--user=root',
    '--pid-file',
    '--no-resolv',
    '--no-hosts',
    '--no-ping',
    '--interface=jf0',
    '--dhcp-authoritative',
    '--domain=lab.example',
    `--dhcp-leasefile=${join(folder, 'leases')}`,
    ...more,
  ])
}
