import { checkInteger, checkOptions } from '../base/argument.ts'
import { AF_INET, AF_INET6 } from '../base/constants.ts'
import type { IpAddress } from '../base/ip-address.ts'
import type { TcpProfile } from '../stack/stack.ts'
import { type DrillAddresses, parseDrillAddress } from './drill-addresses.ts'
import type { SystemMaker } from './drill-system.ts'
import { DrillFailure } from './failure.ts'
import type { HostSettings } from './host-settings.ts'
import type { IpVersion } from './ip-version.ts'
import { wrongLanguageOption } from './language-option.ts'
import type { Place, Script } from './script.ts'

export interface RunOptions {
  /** Packets that nothing was expected of fail the script, and the stack's echoes of timestamps are compared. */
  readonly strict?: boolean
  /** Of the stack's randomness; the same seed is the same run. */
  readonly seed?: number
  /** Options as in the script (`{ tolerance_usecs: '10000' }`); these win. */
  readonly options?: Readonly<Record<string, string>>
  /** Of the stack; default 'linux', which scripts are written for. */
  readonly profile?: TcpProfile
  /** Told of every packet, call and print as it happens, a line each. */
  readonly trace?: (line: string) => void
  /** Makes the system that is tested; default a stack on virtual time. */
  readonly system?: SystemMaker
}

/** How a script is run: its options, its init command and the caller's options, put together. */
export interface RunSettings {
  readonly strict: boolean
  /** Microseconds, and a share of the time since the event before. */
  readonly toleranceMicros: number
  readonly toleranceShare: number
  readonly strictSegments: boolean
  readonly scaledEcr: boolean
  readonly dryRun: boolean
  /** What differs in these is noted, and the script goes on. */
  readonly nonFatal: ReadonlySet<string>
  /** Microseconds of a tick of the stack's timestamps; 0: their values are not compared. */
  readonly timestampTick: number
  readonly addresses: DrillAddresses
  readonly host: HostSettings
}

/** What holds in a version unless the script says otherwise. The MTU makes an MSS of 1460 in both. */
interface Defaults {
  readonly family: number
  readonly local: string
  readonly prefixLength: number
  readonly remote: string
  readonly mtu: number
}

const OF_IPV4 = { local: '192.168.0.1', prefixLength: 16, remote: '192.0.2.1', mtu: 1500 } as const
const DEFAULTS: Readonly<Record<IpVersion, Defaults>> = {
  ipv4: { family: AF_INET, ...OF_IPV4 },
  'ipv4-mapped-ipv6': { family: AF_INET6, ...OF_IPV4 },
  ipv6: {
    family: AF_INET6,
    local: 'fd3d:a0b:17d6::1',
    prefixLength: 48,
    remote: 'fd3d:fa7b:d17d::1',
    mtu: 1520,
  },
}

const RUN_KEYS: readonly (keyof RunOptions)[] = ['strict', 'seed', 'options', 'profile', 'trace', 'system']

const START: Place = { line: 1, column: 1 }

export function settingsOf(script: Script, options: RunOptions): RunSettings {
  checkOptions('options', options, RUN_KEYS)
  if (options.seed !== undefined) checkInteger('options.seed', options.seed)
  const own = options.options ?? {}
  checkLanguageOptions('options.options', own)
  const given = new Map<string, string | null>()
  for (const option of script.options) {
    const { name, value } = option
    const wrong = wrongLanguageOption(name, value)
    // The version was read with the script.
    if (wrong !== null && name !== 'ip_version' && !Object.hasOwn(own, name)) throw new DrillFailure(option, wrong)
    given.set(name, value)
  }
  for (const [name, value] of Object.entries(own)) given.set(name, value)
  const reader = new OptionReader(given)
  const { ipVersion } = script
  const defaults = DEFAULTS[ipVersion]
  const local = reader.address('local_ip', defaults.local)
  const remote = reader.address('remote_ip', defaults.remote)
  const asked = options.options?.['ip_version'] ?? ipVersion
  if (asked !== ipVersion) {
    throw new DrillFailure(START, `the script was parsed for ${ipVersion}, and cannot be run over ${asked}`)
  }
  return {
    strict: options.strict ?? false,
    toleranceMicros: reader.number('tolerance_usecs', 4000),
    toleranceShare: reader.number('tolerance_percent', 12.5) / 100,
    strictSegments: reader.flag('strict_segments'),
    scaledEcr: reader.flag('tcp_ts_ecr_scaled'),
    dryRun: reader.flag('dry_run'),
    nonFatal: new Set(reader.text('non_fatal', '').split(',')),
    timestampTick: reader.number('tcp_ts_tick_usecs', 0),
    addresses: {
      local: local.ip,
      remote: remote.ip,
      prefixLength: local.prefixLength ?? defaults.prefixLength,
      bindPort: reader.number('bind_port', 8080),
      connectPort: reader.number('connect_port', 8080),
    },
    host: {
      mtu: mtuOf(reader, script, options, defaults),
      family: defaults.family,
      seed: options.seed ?? 1,
      profile: options.profile ?? 'linux',
    },
  }
}

/** RangeError for what no option of the language is or has; `name` is what messages call them. */
export function checkLanguageOptions(name: string, options: Readonly<Record<string, string>>): void {
  for (const [option, value] of Object.entries(options)) {
    const wrong = wrongLanguageOption(option, value)
    if (wrong !== null) throw new RangeError(`${name}: ${wrong}`)
  }
}

/**
 * A script that is written for several versions gives the MTU of IPv4; headers of IPv6 are 20 octets longer, and the MSS stays what it
 * is.
 */
function mtuOf(reader: OptionReader, script: Script, options: RunOptions, defaults: Defaults): number {
  const mtu = reader.number('mtu', defaults.mtu)
  const own = script.options.some(({ name }) => name === 'mtu') && options.options?.['mtu'] === undefined
  const forAll = own && !script.options.some(({ name }) => name === 'ip_version') && !/v6(?:\.pkt)?$/.test(script.name)
  return forAll && script.ipVersion === 'ipv6' ? mtu + 20 : mtu
}

/** Reads options by name; their values have been checked. */
class OptionReader {
  readonly #given: ReadonlyMap<string, string | null>

  constructor(given: ReadonlyMap<string, string | null>) {
    this.#given = given
  }

  text(name: string, otherwise: string): string {
    return this.#given.get(name) ?? otherwise
  }

  flag(name: string): boolean {
    const value = this.#given.get(name)
    return value !== undefined && value !== '0' && value !== 'false'
  }

  number(name: string, otherwise: number): number {
    return Number(this.text(name, String(otherwise)))
  }

  /** An address of the family of `otherwise`. One of the other was written for runs over the other version. */
  address(name: string, otherwise: string): { ip: IpAddress; prefixLength: number | null } {
    const usual = parseDrillAddress(otherwise) as NonNullable<ReturnType<typeof parseDrillAddress>> // a default
    const address = parseDrillAddress(this.text(name, otherwise)) ?? usual
    return address.ip.isV4 === usual.ip.isV4 ? address : usual
  }
}
