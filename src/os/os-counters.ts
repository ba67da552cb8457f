// Read first: proc(5) on /proc/net/snmp, snmp6 and netstat; RFC 4293, RFC 4022, RFC 4113 (what most of them mean).

import type { CounterListing } from '../base/netstat-listing.ts'
import { readProcNet } from './proc-net.ts'

/**
 * What the network of the operating system has counted since it began, by what counts it: ip, icmp, tcp, udp, ip6, tcpExt …, as
 * `listCounters` tells of a stack, in the kernel's own names. Linux; elsewhere nothing. Counts beyond 2⁵³ are rounded.
 */
export function osCounters(): CounterListing {
  return {
    ...parseCounterTable(readProcNet('snmp') ?? ''),
    ...parseCounterLines(readProcNet('snmp6') ?? ''),
    ...parseCounterTable(readProcNet('netstat') ?? ''),
  }
}

/** Pairs of lines: "Ip: InReceives …" and "Ip: 17 …". What has no pair is passed over. */
export function parseCounterTable(text: string): CounterListing {
  const listing: CounterListing = {}
  const lines = text.split('\n')
  for (let i = 0; i + 1 < lines.length; i++) {
    const [group = '', ...names] = (lines[i] as string).trim().split(/\s+/)
    const [again, ...values] = (lines[i + 1] as string).trim().split(/\s+/)
    if (!/^\w+:$/.test(group) || again !== group || names.length !== values.length) continue
    if (!values.every((value) => /^-?\d+$/.test(value))) continue
    listing[groupName(group.slice(0, -1))] = Object.fromEntries(names.map((name, k) => [name, Number(values[k])]))
    i++
  }
  return listing
}

/** Lines of "Ip6InReceives 17". */
export function parseCounterLines(text: string): CounterListing {
  const listing: CounterListing = {}
  for (const [, group = '', name = '', value] of text.matchAll(/^([A-Z][A-Za-z]+6)([A-Z]\w*)[ \t]+(\d+)$/gm)) {
    const counters = listing[groupName(group)] ?? {}
    counters[name] = Number(value)
    listing[groupName(group)] = counters
  }
  return listing
}

/** "TcpExt" → "tcpExt" */
function groupName(name: string): string {
  return `${name[0]?.toLowerCase()}${name.slice(1)}`
}
