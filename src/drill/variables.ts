// Read first: the kernel's documentation of ip-sysctl; sysctl(8) for the names. What Linux keeps in variables, a stack has in its
// configuration.

import type { HostControl, TcpSettings } from './host-control.ts'

/** What a variable does to the stack. Throws a RangeError for a value that cannot be. */
type Setting = (host: HostControl, value: string) => void

/** It makes no difference that a script could see. */
const anything: Setting = () => {}

/** The stack always acts as with the value `own`: any other makes no difference, and that is told. */
function always(...own: string[]): Setting {
  return (host, value) => {
    if (!own.includes(value.trim().replace(/\s+/g, ' '))) {
      host.note(`has no effect here: the stack acts as with ${own.join(' or ')}`)
    }
  }
}

function numberIn(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isInteger(number) || number < 0) throw new RangeError('a number is wanted')
  return number
}

/** −1, and what is beyond an int, is no mark. */
function lowWater(value: string): number {
  const number = Number(value)
  if (value.trim() === '' || !Number.isInteger(number)) throw new RangeError('a number is wanted')
  return number < 0 ? 0x7fffffff : Math.min(number, 0x7fffffff)
}

type TcpConfig = Required<TcpSettings>

type FieldOf<Type> = {
  [Name in keyof TcpConfig]: TcpConfig[Name] extends Type ? (Type extends TcpConfig[Name] ? Name : never) : never
}[keyof TcpConfig]

function onOff(name: FieldOf<boolean>): Setting {
  return (host, value) => host.configure({ [name]: numberIn(value) !== 0 })
}

/** `unit`: milliseconds of one, for a time. */
function count(name: FieldOf<number>, unit = 1): Setting {
  return (host, value) => host.configure({ [name]: Math.round(numberIn(value) * unit) })
}

/** `least default most` of a buffer. Linux counts its own bookkeeping: half is data, as with SO_RCVBUF and SO_SNDBUF. */
function buffer(change: (usual: number, most: number) => TcpSettings): Setting {
  return (host, value) => {
    const [, usual, most] = value.trim().split(/\s+/).map(numberIn)
    if (usual === undefined || most === undefined) throw new RangeError('three numbers are wanted')
    host.configure(change(usual, most))
  }
}

const FAST_OPEN_KEYS = /^[0-9a-f]+(?:-[0-9a-f]+){3}(?:,[0-9a-f]+(?:-[0-9a-f]+){3})?$/i

// Variables of TCP, without the "net.ipv4.tcp_" in front.
const TCP_VARIABLES: Readonly<Record<string, Setting>> = {
  sack: onOff('sack'),
  timestamps: onOff('timestamps'),
  window_scaling: onOff('windowScaling'),
  slow_start_after_idle: onOff('slowStartAfterIdle'),
  // 0: no tail loss probe; from 3 on there is one.
  early_retrans: (host, value) => host.configure({ tailLossProbe: numberIn(value) >= 3 }),
  syn_retries: count('synRetries'),
  synack_retries: count('synAckRetries'),
  retries1: count('retries1'),
  retries2: count('retries2'),
  orphan_retries: count('orphanRetries'),
  fin_timeout: count('finWait2', 1000),
  keepalive_time: count('keepAliveTime', 1000),
  keepalive_intvl: count('keepAliveInterval', 1000),
  keepalive_probes: count('keepAliveProbes'),
  rto_max_ms: count('maximumRto'),
  rto_min_us: count('minimumRto', 1 / 1000),
  challenge_ack_limit: count('challengeAckLimit'),
  invalid_ratelimit: count('invalidRateLimit'),
  max_syn_backlog: count('halfOpenMax'),
  max_tw_buckets: count('timeWaitMax'),
  // The window scale is chosen for the most that the buffer may become, bookkeeping included.
  rmem: buffer((usual, most) => ({ receiveBuffer: usual, receiveBufferMax: most })),
  wmem: buffer((usual, most) => ({ sendBuffer: usual, sendBufferMax: most })),
  congestion_control: (host, value) => {
    const name = value.trim()
    if (!/^(?:cubic|reno)$/.test(name)) host.note('has no effect here: the stack knows cubic and reno')
    else host.configure({ congestionControl: name })
  },
  ecn: count('ecn'),
  ecn_fallback: onOff('ecnFallback'),
  ecn_option: count('ecnOption'),
  ecn_option_beacon: anything,
  dsack: onOff('duplicateSack'),
  frto: onOff('frto'),
  recovery: always('1'),
  reordering: always('3'),
  max_reordering: anything,
  fastopen: (host, value) => host.configure({ fastOpen: Number(value) }),
  fastopen_key: (host, value) => {
    if (!FAST_OPEN_KEYS.test(value.trim())) throw new RangeError('one or two keys are wanted')
    host.configure({ fastOpenKey: value })
  },
  fastopen_blackhole_timeout_sec: count('fastOpenBlackhole', 1000),
  syncookies: count('synCookies'),
  notsent_lowat: (host, value) => host.configure({ notSentLowWater: lowWater(value) }),
  mtu_probing: count('mtuProbing'),
  base_mss: count('baseMss'),
  min_snd_mss: count('minimumMss'),
  mtu_probe_floor: count('mtuProbeFloor'),
  probe_interval: count('mtuProbeInterval', 1000),
  probe_threshold: count('mtuProbeThreshold'),
  tw_reuse: count('timeWaitReuse'),
  tw_reuse_delay: anything,
  rfc1337: onOff('rfc1337'),
  abort_on_overflow: onOff('abortOnOverflow'),
  shrink_window: always('0'),
  moderate_rcvbuf: onOff('moderateReceiveBuffer'),
  adv_win_scale: always('1'),
  app_win: always('31'),
  reflect_tos: always('0'),
  syn_linear_timeouts: count('synLinearTimeouts'),
  thin_linear_timeouts: always('0'),
  stdurg: always('0'),
  plb_enabled: always('0'),
  min_rtt_wlen: anything,
  pingpong_thresh: always('1', '3'),
  comp_sack_delay_ns: always('0', '1000000'),
  comp_sack_nr: anything,
  comp_sack_slack_ns: anything,
  backlog_ack_defer: anything,
  autocorking: anything,
  retrans_collapse: anything,
  limit_output_bytes: anything,
  // Segments are never larger here than the link takes, and are not paced unless an algorithm asks for it.
  tso_win_divisor: anything,
  tso_rtt_log: anything,
  min_tso_segs: anything,
  pacing_ss_ratio: count('pacingSlowStart'),
  pacing_ca_ratio: count('pacingAvoidance'),
  no_metrics_save: anything,
  no_ssthresh_metrics_save: anything,
  // Gone from Linux, or never there to act on: old scripts still set them.
  fack: anything,
  low_latency: anything,
  tso_segs: anything,
  gso: anything,
  metrics_save: anything,
  cookie_size: anything,
  max_ssthresh: anything,
  abc: anything,
  early_demux: anything,
  mem: anything,
  max_orphans: anything,
  workaround_signed_windows: anything,
  allowed_congestion_control: anything,
  fwmark_accept: anything,
  l3mdev_accept: anything,
  migrate_req: anything,
  child_ehash_entries: anything,
  plb_cong_thresh: anything,
  plb_idle_rehash_rounds: anything,
  plb_rehash_rounds: anything,
  plb_suspend_rto_sec: anything,
}

// The others, by their whole names.
const VARIABLES: Readonly<Record<string, Setting>> = {
  'net.ipv4.ip_no_pmtu_disc': always('0'),
  'net.ipv4.ip_default_ttl': always('64'),
  'net.ipv4.ip_local_port_range': anything,
  'net.ipv4.ip_early_demux': anything,
  'net.ipv4.icmp_ratelimit': anything,
  'net.ipv4.icmp_msgs_per_sec': anything,
  'net.ipv4.icmp_msgs_burst': anything,
  'net.ipv4.udp_early_demux': anything,
  'net.ipv6.auto_flowlabels': always('1'),
  'net.ipv6.flowlabel_state_ranges': anything,
  'net.ipv6.flowlabel_reflect': always('0'),
  'net.ipv6.bindv6only': always('0'),
  'net.core.somaxconn': anything,
  'net.core.default_qdisc': anything,
  'net.core.busy_poll': anything,
  'net.core.busy_read': anything,
  'net.core.optmem_max': anything,
  'net.core.rmem_max': anything,
  'net.core.wmem_max': anything,
  'net.core.rmem_default': anything,
  'net.core.wmem_default': anything,
  'net.core.txrehash': anything,
  'net.core.tstamp_allow_data': anything,
  'net.core.high_order_alloc_disable': anything,
  'net.core.max_skb_frags': anything,
}
const TCP_PREFIX = 'net.ipv4.tcp_'
const PER_INTERFACE = /^net\.ipv[46]\.(?:conf|neigh|route)\./

function settingOf(name: string): Setting | undefined {
  if (name.startsWith(TCP_PREFIX)) {
    const rest = name.slice(TCP_PREFIX.length)
    return Object.hasOwn(TCP_VARIABLES, rest) ? TCP_VARIABLES[rest] : undefined
  }
  if (PER_INTERFACE.test(name)) return anything
  return Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined
}

/**
 * Does to the stack what setting this variable does to Linux; the name with dots or slashes. A RangeError says what is wrong with the
 * value, or that there is no such variable.
 */
export function setVariable(host: HostControl, name: string, value: string): void {
  const dotted = name.replace(/^\/proc\/sys\//, '').replaceAll('/', '.')
  const setting = settingOf(dotted)
  if (setting === undefined) throw new RangeError('there is no such variable')
  setting({ ...host, note: (text) => host.note(`${dotted}=${value} ${text}`) }, value)
}

/** The same for a parameter of a kernel module, by its file in /sys/module. */
export function setParameter(host: HostControl, path: string, value: string): void {
  const match = /^\/sys\/module\/([a-z0-9_]+)\/parameters\/([a-z0-9_]+)$/.exec(path)
  if (match === null) throw new RangeError('there is no such file')
  const [, module, name] = match
  if (module === 'tcp_cubic' && name === 'hystart') onOff('hystart')(host, value)
  else if (module === 'tcp_cubic' && name === 'hystart_detect') count('hystartDetect')(host, value)
  else host.note(`${path}: ${value} has no effect here`)
}
