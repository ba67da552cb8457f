// Read first: netstat(8) on --route, --interfaces and --statistics; ip-neighbour(8).

import type { CounterListing, InterfaceListing, NeighbourListing, RouteListing } from '../../base/netstat-listing.ts'

/** Above the tables of one system; null: the operating system. */
export function headingText(program: { readonly pid: number; readonly name: string } | null): string {
  return program === null ? 'The operating system:\n' : `${printable(program.name)} (pid ${program.pid}):\n`
}

export function routesText(routes: readonly RouteListing[]): string {
  return table(
    ['Destination', 'Gateway', 'Iface', 'Metric', 'Source'],
    routes.map(({ destination, family, gateway, interface: name, metric, source }) => [
      destination === 'default' && family === 'IPv6' ? '::/0' : destination,
      gateway ?? '*',
      name,
      String(metric),
      source ?? '-',
    ]),
  )
}

/** A line for each address. */
export function interfacesText(interfaces: readonly InterfaceListing[]): string {
  return table(
    ['Iface', 'Index', 'MTU', 'HWaddress', 'Address'],
    interfaces.flatMap(({ name, index, mtu, hardwareAddress, addresses }) =>
      (addresses.length === 0 ? ['-'] : addresses).map((address, i) =>
        i === 0 ? [name, String(index), String(mtu), hardwareAddress ?? '-', address] : ['', '', '', '', address],
      ),
    ),
  )
}

export function neighboursText(neighbours: readonly NeighbourListing[]): string {
  return table(
    ['Address', 'HWaddress', 'State', 'Iface'],
    neighbours.map(({ address, hardwareAddress, state, interface: name }) => [
      address,
      hardwareAddress ?? '-',
      state,
      name,
    ]),
  )
}

/** What was never counted is left out. */
export function countersText(counters: CounterListing): string {
  let text = ''
  for (const [group, values] of Object.entries(counters)) {
    const counted = Object.entries(values).filter(([, value]) => value !== 0)
    if (counted.length === 0) continue
    text += `${group[0]?.toUpperCase()}${group.slice(1)}:\n`
    for (const [name, value] of counted) text += `    ${value} ${inWords(name, group)}\n`
  }
  return text
}

/** "icmpEchoRequests" of "icmp": "echo requests". The kernel's own names, "TCPTimeouts", stay what people look for. */
function inWords(name: string, group: string): string {
  if (/^[A-Z]/.test(name)) return name
  const own = name.startsWith(group) && name.length > group.length ? name.slice(group.length) : name
  return own.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
}

/** What others have named must not write on the terminal as it likes. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, (row[i] as string).length), title.length),
  )
  const line = (cells: readonly string[]) =>
    `${cells
      .map((cell, i) => printable(cell).padEnd(widths[i] as number))
      .join('  ')
      .trimEnd()}\n`
  return [heading, ...rows].map(line).join('')
}
