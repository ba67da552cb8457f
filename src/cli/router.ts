// Read first: RFC 1812, RFC 4861 section 6.2 (what a router tells the hosts of a link).

import { Command, Option } from 'commander'
import { Stack } from '../platform/stack.ts'
import type { ReversePathCheck } from '../stack/ip/reverse-path.ts'
import { ON_OPTION } from './host.ts'
import { gathered } from './names-option.ts'
import { filePath, several } from './option-values.ts'
import { StackHost } from './stack-host.ts'
import { untilSignal } from './until-signal.ts'
import { UsageError } from './usage-error.ts'
import { requireWhere } from './where.ts'
import { WHERE_EXAMPLE } from './where-example.ts'

interface RouterOptions {
  readonly on: readonly string[]
  readonly route: readonly string[]
  readonly advertise?: boolean
  readonly reversePath: ReversePathCheck
  readonly capture: readonly string[]
}

export function routerCommand(): Command {
  const [on, where] = ON_OPTION
  return new Command('router')
    .description('pass packets on between links of the kernel, as a router')
    .option(on, `${where}; once for each link`, gathered, [])
    .option('--route <text>', 'a way beyond a link, "PREFIX via GATEWAY"; may be repeated', gathered, [])
    .option(
      '--advertise',
      'tell the hosts of each link its IPv6 prefixes, of 64 bits, so that they give themselves addresses',
    )
    .addOption(
      new Option(
        '--reverse-path <check>',
        'what is asked of the sources of packets: that there is a way to them, or that way',
      )
        .choices(['off', 'loose', 'strict'])
        .default('off'),
    )
    .option(
      '--capture <file>',
      'write the packets of a link to a pcapng file; once for each link, in their order',
      several(filePath),
      [],
    )
    .action(router)
}

async function router(options: RouterOptions): Promise<void> {
  const places = options.on.map((text) => requireWhere(text, 'router'))
  if (places.length < 2) {
    throw new UsageError(
      `router needs --on twice at least, which say the links that it is between, such as --on ${WHERE_EXAMPLE} --on tap:jf1,10.9.1.2/24`,
    )
  }
  if (options.capture.length > places.length) {
    throw new UsageError(`--capture was given ${options.capture.length} times for ${places.length} links`)
  }
  const routes = options.route.map(parseRoute)
  const stack = new Stack({ forwarding: true })
  const hosts: StackHost[] = []
  try {
    places.forEach((where, i) => {
      const capture = options.capture[i]
      const host = new StackHost(where, capture === undefined ? {} : { capture }, undefined, stack)
      host.link.reversePath = options.reversePath
      hosts.push(host)
    })
    for (const { prefix, via, text } of routes) addRoute(stack, prefix, via, text)
    if (options.advertise) hosts.forEach(advertise)
    for (const host of hosts)
      process.stdout.write(`on ${host.where.addresses.join(', ')}; the kernel's side: ${host.hint}\n`)
    const told = untilSignal()
    process.stdout.write('ready\n')
    await Promise.race([told, ...hosts.map((host) => host.lost)])
  } finally {
    for (const host of hosts) host.close()
  }
}

interface RouteText {
  readonly prefix: string
  readonly via: string
  readonly text: string
}

function parseRoute(text: string): RouteText {
  const found = /^\s*(\S+)\s+via\s+(\S+)\s*$/.exec(text)
  if (found === null) {
    throw new UsageError(
      `--route ${JSON.stringify(text)} must be PREFIX via GATEWAY, such as "10.2.0.0/16 via 10.9.1.7"`,
    )
  }
  const [, prefix = '', via = ''] = found
  return { prefix, via, text }
}

function addRoute(stack: Stack, prefix: string, via: string, text: string): void {
  try {
    stack.addRoute(prefix, { via })
  } catch (error) {
    throw new UsageError(`--route ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}

function advertise({ link, where }: StackHost): void {
  const prefixes = where.addresses.filter((address) => address.includes(':') && address.endsWith('/64'))
  if (prefixes.length > 0) link.advertise({ prefixes, interval: 30 })
}
