// What ss(8) prints, `ss -tuxwnaeopimOH`, as plain values; and an entry of our own in the same words.

import type { NetstatEntry } from '../../src/base/netstat-entry.ts'

/** A field is a text that must agree, or a number that may have changed meanwhile. */
export type SsFields = Map<string, string | number>

export interface SsLine {
  /** What tells it from all others. */
  readonly key: string
  readonly fields: SsFields
}

const STATES: Readonly<Record<string, string>> = {
  ESTAB: 'ESTABLISHED',
  'SYN-RECV': 'SYN-RECEIVED',
  UNCONN: '',
}

const KINDS: Readonly<Record<string, string>> = {
  u_str: 'unix-stream',
  u_dgr: 'unix-dgram',
  u_seq: 'unix-seqpacket',
}

const TIMERS: Readonly<Record<string, string>> = {
  retransmit: 'on',
  keepalive: 'keepalive',
  'time-wait': 'timewait',
  'fin-wait-2': 'timewait',
  persist: 'persist',
}

/** Words of ss -i, the field of struct tcp_info that each prints, and by how much it divides it. */
const INFO: readonly (readonly [word: string, field: string, divisor: number])[] = [
  ['rto', 'tcpi_rto', 1000],
  ['ato', 'tcpi_ato', 1000],
  ['backoff', 'tcpi_backoff', 1],
  ['mss', 'tcpi_snd_mss', 1],
  ['pmtu', 'tcpi_pmtu', 1],
  ['rcvmss', 'tcpi_rcv_mss', 1],
  ['advmss', 'tcpi_advmss', 1],
  ['cwnd', 'tcpi_snd_cwnd', 1],
  ['bytes_sent', 'tcpi_bytes_sent', 1],
  ['bytes_retrans', 'tcpi_bytes_retrans', 1],
  ['bytes_acked', 'tcpi_bytes_acked', 1],
  ['bytes_received', 'tcpi_bytes_received', 1],
  ['segs_out', 'tcpi_segs_out', 1],
  ['segs_in', 'tcpi_segs_in', 1],
  ['data_segs_out', 'tcpi_data_segs_out', 1],
  ['data_segs_in', 'tcpi_data_segs_in', 1],
  ['lastsnd', 'tcpi_last_data_sent', 1],
  ['lastrcv', 'tcpi_last_data_recv', 1],
  ['lastack', 'tcpi_last_ack_recv', 1],
  ['delivered', 'tcpi_delivered', 1],
  ['unacked', 'tcpi_unacked', 1],
  ['lost', 'tcpi_lost', 1],
  ['sacked', 'tcpi_sacked', 1],
  ['notsent', 'tcpi_notsent_bytes', 1],
  ['rcv_space', 'tcpi_rcv_space', 1],
  ['rcv_ssthresh', 'tcpi_rcv_ssthresh', 1],
  ['snd_wnd', 'tcpi_snd_wnd', 1],
  ['minrtt', 'tcpi_min_rtt', 1000],
]

const MEMORY = [
  ...(['received', 'receiveBuffer', 'sent', 'sendBuffer', 'forward'] as const),
  ...(['queued', 'option', 'backlog', 'drops'] as const),
]

export function parseSs(text: string): SsLine[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseLine)
}

function parseLine(line: string): SsLine {
  const words = line.trim().split(/\s+/)
  const [netid = '', state = '', receive = '', send = ''] = words
  const unix = netid.startsWith('u_')
  const [local = '', peer = ''] = unix ? [`${words[4]} ${words[5]}`, words[7]] : words.slice(4)
  const tail = words.slice(unix ? 8 : 6).join(' ')
  const protocol = KINDS[netid] ?? netid
  const fields: SsFields = new Map<string, string | number>([
    ['state', STATES[state] ?? state],
    ['receiveQueue', Number(receive)],
    ['sendQueue', Number(send)],
  ])
  const holders = [...tail.matchAll(/\("([^"]*)",pid=(\d+),fd=(\d+)\)/g)].map(
    ([, name, pid, fd]) => `${name} ${pid} ${fd}`,
  )
  fields.set('holders', holders.sort().join())
  const timer = /timer:\((\w+),([^,]*),(\d+)\)/.exec(tail)
  fields.set('timer', timer === null ? '' : (timer[1] as string))
  if (timer !== null) fields.set('retries', Number(timer[3]))
  if (timer !== null) fields.set('left', milliseconds(timer[2] as string))
  const number = (word: string) => new RegExp(`(?:^| )${word}:([\\d.]+)`).exec(tail)?.[1]
  if (!unix && protocol !== 'raw') {
    fields.set('inode', Number(number('ino')))
    fields.set('uid', Number(number('uid') ?? 0))
    fields.set('cookie', /(?:^| )sk:([0-9a-f]+)/.exec(tail)?.[1] ?? '')
    fields.set('mark', Number.parseInt(/fwmark:(0x[0-9a-f]+)/.exec(tail)?.[1] ?? '0', 16))
    const only = /v6only:(\d)/.exec(tail)?.[1]
    if (only !== undefined) fields.set('v6only', only)
  }
  const tos = /(?:^| )tos:(0x[0-9a-f]+)/.exec(tail)?.[1]
  if (tos !== undefined) fields.set('tos', Number.parseInt(tos, 16))
  const arrow = / (<->|-->|<--|---)( |$)/.exec(` ${tail} `)?.[1]
  if (arrow !== undefined) fields.set('arrow', arrow)
  const file = /(?:^| )ino:(\d+) dev:/.exec(tail)
  if (unix && file !== null) fields.set('file', Number(file[1]))
  const memory = /skmem:\(r(\d+),rb(\d+),t(\d+),tb(\d+),f(\d+),w(\d+),o(\d+),bl(\d+),d(\d+)\)/.exec(tail)
  for (const [i, name] of MEMORY.entries()) {
    if (memory !== null) fields.set(`memory ${name}`, Number(memory[i + 1]))
  }
  if (/ rto:/.test(tail)) {
    for (const [word] of INFO) fields.set(word, Number(number(word) ?? 0))
    for (const word of ['ts', 'sack']) fields.set(word, String(new RegExp(` ${word}( |$)`).test(tail)))
    fields.set('wscale', / wscale:([\d,]+)/.exec(tail)?.[1] ?? '0,0')
    const rtt = / rtt:([\d.]+)\/([\d.]+)/.exec(tail)
    fields.set('rtt', Number(rtt?.[1] ?? 0))
    fields.set('rttvar', Number(rtt?.[2] ?? 0))
    const retrans = / retrans:(\d+)\/(\d+)/.exec(tail)
    fields.set('retrans', Number(retrans?.[1] ?? 0))
    fields.set('total_retrans', Number(retrans?.[2] ?? 0))
    fields.set('congestion', / (bbr|cubic|reno)( |$)/.exec(tail)?.[1] ?? '')
  }
  return { key: `${protocol} ${local} ${peer}`, fields }
}

/** "1min59sec", "12sec", "9.160ms", "040ms" as milliseconds, cut as ss cuts them. */
function milliseconds(text: string): number {
  const [, minutes = 0, seconds = 0, fine = 0] = /^(?:(\d+)min)?(?:(\d+)(?:sec|\.))?(?:(\d+)ms)?$/.exec(text) ?? []
  return (Number(minutes) * 60 + Number(seconds)) * 1000 + Number(fine)
}

/** As ss prints it: minutes alone from ten on, seconds alone from ten on. */
function cut(left: number): number {
  if (left >= 600_000) return left - (left % 60_000)
  return left >= 10_000 ? left - (left % 1000) : left
}

/** The entry as ss would print it, with the fields that ss has printed. */
export function asSs(entry: NetstatEntry): SsLine {
  const { system, details } = entry
  if (system === undefined) throw new Error('this is no socket of the operating system')
  const unix = entry.protocol.startsWith('unix')
  const six = entry.protocol.endsWith('6')
  const protocol = six ? entry.protocol.slice(0, -1) : entry.protocol
  const any = six && system.v6only !== true
  const address = (text: string) => {
    if (!six) return text
    if (text === '::') return any ? '*' : '[::]'
    return text.includes(':') ? `[${text}]` : `[::ffff:${text}]`
  }
  const zone = entry.interface === null ? '' : `%${entry.interface}`
  const port = (value: number) => (value === 0 ? '*' : value)
  const local = unix
    ? `${entry.localAddress || '*'} ${system.inode}`
    : `${address(entry.localAddress)}${zone}:${port(entry.localPort)}`
  const peer = unix ? String(system.peerInode ?? 0) : `${address(entry.peerAddress)}:${port(entry.peerPort)}`
  const [timer] = entry.timers
  const fields: SsFields = new Map<string, string | number>([
    ['state', entry.state],
    ['receiveQueue', entry.receiveQueue],
    ['sendQueue', entry.sendQueue],
    [
      'holders',
      system.holders
        .map(({ name, pid, fd }) => `${name} ${pid} ${fd}`)
        .sort()
        .join(),
    ],
    ['timer', timer === undefined ? '' : (TIMERS[timer.kind] ?? timer.kind)],
    ['retries', timer?.retries ?? 0],
    ['left', cut(timer?.left ?? 0)],
    ['inode', system.inode],
    ['uid', system.uid ?? 0],
    ['cookie', system.cookie ?? ''],
    ['mark', system.mark ?? 0],
    ['v6only', String(Number(system.v6only))],
    ['tos', system.typeOfService ?? 0],
    ['arrow', ['<->', '-->', '<--', '---'][system.shutdown ?? 0] as string],
  ])
  if (system.file !== null) fields.set('file', system.file.inode)
  if (system.memory !== null) for (const name of MEMORY) fields.set(`memory ${name}`, system.memory[name])
  if (details !== null) {
    const known = details as unknown as Record<string, number>
    for (const [word, field, divisor] of INFO) fields.set(word, (known[field] as number) / divisor)
    // Not measured yet.
    if (details.tcpi_min_rtt === 0xffffffff) fields.set('minrtt', 0)
    fields.set('ts', String((details.tcpi_options & 1) !== 0))
    fields.set('sack', String((details.tcpi_options & 2) !== 0))
    fields.set('wscale', `${details.tcpi_snd_wscale},${details.tcpi_rcv_wscale}`)
    fields.set('rtt', details.tcpi_rtt / 1000)
    fields.set('rttvar', details.tcpi_rtt === 0 ? 0 : details.tcpi_rttvar / 1000)
    fields.set('retrans', details.tcpi_retrans)
    fields.set('total_retrans', details.tcpi_total_retrans)
    fields.set('congestion', details.congestion)
  }
  return { key: `${protocol} ${local} ${peer}`, fields }
}

/**
 * Where ours, which was asked for between the two, differs: a text that is neither's, a number that does not lie between theirs. And how many fields were compared.
 */
export function disagreements(
  before: readonly SsLine[],
  ours: readonly SsLine[],
  after: readonly SsLine[],
): { wrong: string[]; compared: number } {
  const wrong: string[] = []
  let compared = 0
  const byKey = (lines: readonly SsLine[]) => new Map(lines.map(({ key, fields }) => [key, fields]))
  const [first, mine, last] = [byKey(before), byKey(ours), byKey(after)]
  // Where something is sent again and again these change to and fro, at both ends.
  const times = new Set(['left', 'lastsnd', 'lastrcv', 'lastack'])
  const restless = new Set<string>()
  for (const [key, fields] of [...first, ...last]) {
    if (!['on', 'persist'].includes(String(fields.get('timer')))) continue
    const [protocol, local, peer] = key.split(' ')
    restless.add(key).add(`${protocol} ${peer} ${local}`)
  }
  for (const [key, fields] of first) {
    const then = last.get(key)
    const own = mine.get(key)
    // It came or went meanwhile.
    if (then === undefined) continue
    if (own === undefined) {
      wrong.push(`${key}: not listed`)
      continue
    }
    for (const [name, value] of fields) {
      const [later, given] = [then.get(name) ?? value, own.get(name)]
      if (restless.has(key) && (times.has(name) || name.startsWith('memory') || later !== value)) continue
      compared++
      const agrees =
        typeof value === 'number' && typeof later === 'number' && typeof given === 'number'
          ? given >= Math.min(value, later) && given <= Math.max(value, later)
          : given === value || given === later
      if (!agrees) wrong.push(`${key}: ${name} is ${given}, ss says ${value}, then ${later}`)
    }
  }
  for (const key of mine.keys()) {
    // The pipes of the programs that list are such pairs, each with its own.
    const passing = key.startsWith('unix-stream * ')
    if (!passing && !first.has(key) && !last.has(key)) wrong.push(`${key}: ss does not list it`)
  }
  return { wrong, compared }
}
