// What a run of the lab is made of: the same scenario is the same run, byte for byte. It is kept as JSON, in files and in addresses.

import { checkBoolean, checkInteger, checkOptions, checkText, given } from '../../src/base/argument.ts'
import { checkImpairOptions, IMPAIRMENT_KEYS, type Impairment } from '../../src/device/impairment.ts'
import { checkFrameAct, type FrameAct } from '../../src/sim/frame-act.ts'
import { parseInterfaceAddress } from '../../src/stack/ip/prefix-text.ts'

export type NodeKind = 'host' | 'router' | 'switch'

export interface ScenarioNode {
  readonly name: string
  readonly kind: NodeKind
  /** Where it is drawn, in pixels of a canvas of any size. */
  readonly x: number
  readonly y: number
  /** Its choices of TCP, by the names that `TcpOptions` has. */
  readonly tcp?: Readonly<Record<string, unknown>>
}

export interface ScenarioLink extends Impairment {
  /** Names of two nodes. */
  readonly between: readonly [string, string]
  readonly mtu?: number
  /** Addresses of the ends with their prefix lengths, in place of those that are given. */
  readonly address?: Readonly<Record<string, string>>
}

export interface ScenarioProgram {
  readonly host: string
  /** Unique on its host. */
  readonly name: string
  /** TypeScript. */
  readonly source: string
  /** When it is started, in milliseconds. Left out: 0. */
  readonly at?: number
}

/** What somebody does at the terminal of a host. */
export type TerminalAct =
  /** A line that is run as a command. While another one runs it waits for that one's end. */
  | { readonly host: string; readonly run: string }
  /** Text for the command that runs; '\x04' is Ctrl-D, which ends its input. */
  | { readonly host: string; readonly type: string }
  | { readonly host: string; readonly signal: (typeof SIGNALS)[number] }

/** What somebody does while it runs. */
export type ScenarioAct =
  | ({ readonly frame: number } & FrameAct)
  | { readonly at: number; readonly link: number; readonly up: boolean }
  | { readonly at: number; readonly link: number; readonly conditions: Impairment & { readonly mtu?: number } }
  | { readonly at: number; readonly host: string; readonly crash: true }
  | { readonly at: number; readonly host: string; readonly restart: true }
  | { readonly at: number; readonly host: string; readonly end: string }
  | ({ readonly at: number } & TerminalAct)

export interface Scenario {
  readonly version: 1
  readonly name: string
  readonly seed: number
  readonly ipv6: boolean
  readonly nodes: readonly ScenarioNode[]
  readonly links: readonly ScenarioLink[]
  readonly programs: readonly ScenarioProgram[]
  readonly acts: readonly ScenarioAct[]
}

/** A scenario that cannot be: the message names the field. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}

const KEYS = ['version', 'name', 'seed', 'ipv6', 'nodes', 'links', 'programs', 'acts'] as const
const NODE_KEYS = ['name', 'kind', 'x', 'y', 'tcp'] as const
const LINK_KEYS = ['between', 'mtu', 'address', ...IMPAIRMENT_KEYS] as const
const PROGRAM_KEYS = ['host', 'name', 'source', 'at'] as const
const KINDS: readonly NodeKind[] = ['host', 'router', 'switch']

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** What a page and a run can bear. */
const NODES_MAX = 100
const LINKS_MAX = 200
const PROGRAMS_MAX = 100
const ACTS_MAX = 10_000
const SOURCE_MAX = 200_000
const LINE_MAX = 1000
const TYPED_MAX = 10_000
const MTU_MAX = 65_535
/** An hour: nobody waits longer for a frame. */
const DELAY_MAX = 3_600_000

export const EMPTY_SCENARIO: Scenario = {
  version: 1,
  name: 'untitled',
  seed: 1,
  ipv6: false,
  nodes: [],
  links: [],
  programs: [],
  acts: [],
}

/** The scenario that `value`, which came from JSON, is. Throws a ScenarioError that names the field which is none, or cannot be. */
export function readScenario(value: unknown): Scenario {
  try {
    return read(value)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new ScenarioError(error.message)
    throw error
  }
}

function read(value: unknown): Scenario {
  const given_ = object('scenario', value, KEYS)
  const { version, name = 'untitled', seed = 1, ipv6 = false } = given_
  if (version !== 1) throw new RangeError(`version must be 1, got ${given(version)}`)
  checkText('name', name)
  checkInteger('seed', seed)
  checkBoolean('ipv6', ipv6)
  const nodes = list('nodes', given_['nodes'], NODES_MAX).map((node, i) => readNode(`nodes[${i}]`, node))
  unique('nodes', nodes, ({ name }) => name)
  const known = new Map(nodes.map((node) => [node.name, node]))
  const mtuMin = ipv6 === true ? 1280 : 68
  const links = list('links', given_['links'], LINKS_MAX).map((link, i) => readLink(`links[${i}]`, link, known, mtuMin))
  const programs = list('programs', given_['programs'], PROGRAMS_MAX).map((program, i) =>
    readProgram(`programs[${i}]`, program, known),
  )
  unique('programs', programs, ({ host, name }) => `${host}/${name}`)
  const acts = list('acts', given_['acts'], ACTS_MAX).map((act, i) =>
    readAct(`acts[${i}]`, act, { nodes: known, links: links.length, programs }),
  )
  return {
    version: 1,
    name: name as string,
    seed: seed as number,
    ipv6: ipv6 as boolean,
    nodes,
    links,
    programs,
    acts,
  }
}

type Fields = Readonly<Record<string, unknown>>

function object(where: string, value: unknown, keys: readonly string[]): Fields {
  if (Array.isArray(value)) throw new TypeError(`${where} must be an object, got an array`)
  checkOptions(where, value as object, keys)
  return value as Fields
}

function list(where: string, value: unknown, most: number): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new TypeError(`${where} must be an array, got ${given(value)}`)
  if (value.length > most) throw new RangeError(`${where} must have at most ${most} entries, got ${value.length}`)
  return value
}

function text(where: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${where} must be a string, got ${given(value)}`)
  checkText(where, value)
  return value
}

function number(where: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError(`${where} must be a number, got ${given(value)}`)
  }
  return value
}

function instant(where: string, value: unknown): number {
  const at = number(where, value)
  if (at < 0) throw new RangeError(`${where} must be 0 or more milliseconds, got ${at}`)
  return at
}

function unique<T>(where: string, entries: readonly T[], key: (entry: T) => string): void {
  const seen = new Set<string>()
  entries.forEach((entry, i) => {
    const name = key(entry)
    if (seen.has(name)) throw new RangeError(`${where}[${i}].name must be a new one, got ${given(name)} again`)
    seen.add(name)
  })
}

function readNode(where: string, value: unknown): ScenarioNode {
  const { name, kind, x, y, tcp } = object(where, value, NODE_KEYS)
  const named = text(`${where}.name`, name)
  // It stands in commands and in front of interfaces.
  if (!/^[\w-]{1,30}$/.test(named)) {
    throw new RangeError(`${where}.name must be 1 to 30 letters, digits, "-" and "_", got ${given(named)}`)
  }
  // Tables are kept by it.
  if (named in Object.prototype)
    throw new RangeError(`${where}.name must not be a name of JavaScript's own, got ${given(named)}`)
  if (!KINDS.includes(kind as NodeKind)) {
    throw new RangeError(`${where}.kind must be one of ${KINDS.join(', ')}, got ${given(kind)}`)
  }
  const node = { name: named, kind: kind as NodeKind, x: number(`${where}.x`, x), y: number(`${where}.y`, y) }
  if (tcp === undefined) return node
  if (kind === 'switch') throw new RangeError(`${where}.tcp must be left out: a switch has no TCP`)
  if (tcp === null || typeof tcp !== 'object' || Array.isArray(tcp)) {
    throw new TypeError(`${where}.tcp must be an object, got ${given(tcp)}`)
  }
  return { ...node, tcp: tcp as Fields }
}

function nodeName(where: string, value: unknown, known: ReadonlyMap<string, ScenarioNode>): ScenarioNode {
  const node = known.get(text(where, value))
  if (node !== undefined) return node
  throw new RangeError(`${where} must be the name of a node, got ${given(value)}`)
}

function hostName(where: string, value: unknown, known: ReadonlyMap<string, ScenarioNode>): string {
  const node = nodeName(where, value, known)
  if (node.kind === 'switch') throw new RangeError(`${where} must be a host or router, got the switch ${given(value)}`)
  return node.name
}

function readLink(
  where: string,
  value: unknown,
  known: ReadonlyMap<string, ScenarioNode>,
  mtuMin: number,
): ScenarioLink {
  const fields = object(where, value, LINK_KEYS)
  const { between, mtu, address, ...rest } = fields
  if (!Array.isArray(between) || between.length !== 2) {
    throw new TypeError(`${where}.between must be the names of two nodes, got ${given(between)}`)
  }
  const [a, b] = between.map((name, i) => nodeName(`${where}.between[${i}]`, name, known)) as [
    ScenarioNode,
    ScenarioNode,
  ]
  if (a === b) throw new RangeError(`${where}.between must name two nodes, got ${given(a.name)} twice`)
  const link = { between: [a.name, b.name] as const, ...impairment(where, rest) }
  if (mtu !== undefined) checkInteger(`${where}.mtu`, mtu, mtuMin, MTU_MAX)
  return {
    ...link,
    ...(mtu === undefined ? {} : { mtu: mtu as number }),
    ...(address === undefined ? {} : { address: addresses(`${where}.address`, address, [a, b]) }),
  }
}

function addresses(where: string, value: unknown, ends: readonly ScenarioNode[]): Readonly<Record<string, string>> {
  const names = ends.filter(({ kind }) => kind !== 'switch').map(({ name }) => name)
  const fields = object(where, value, names)
  for (const [name, address] of Object.entries(fields)) {
    parseInterfaceAddress(text(`${where}.${name}`, address), `${where}.${name}`)
  }
  return fields as Readonly<Record<string, string>>
}

/** The path of a field stands in front of what is said of it. */
function impairment(where: string, fields: Fields): Impairment {
  try {
    checkImpairOptions(fields as Impairment)
  } catch (error) {
    const Kind = error instanceof TypeError ? TypeError : RangeError
    throw new Kind(`${where}.${(error as Error).message}`)
  }
  for (const key of ['delay', 'jitter'] as const) {
    const value = (fields as Impairment)[key] ?? 0
    if (value > DELAY_MAX)
      throw new RangeError(`${where}.${key} must be at most ${DELAY_MAX} milliseconds, got ${value}`)
  }
  return fields as Impairment
}

function readProgram(where: string, value: unknown, known: ReadonlyMap<string, ScenarioNode>): ScenarioProgram {
  const { host, name, source, at } = object(where, value, PROGRAM_KEYS)
  if (typeof source !== 'string') throw new TypeError(`${where}.source must be a string, got ${given(source)}`)
  if (source.length > SOURCE_MAX) {
    throw new RangeError(`${where}.source must have at most ${SOURCE_MAX} characters, got ${source.length}`)
  }
  const program = { host: hostName(`${where}.host`, host, known), name: text(`${where}.name`, name), source }
  return at === undefined ? program : { ...program, at: instant(`${where}.at`, at) }
}

interface ActWorld {
  readonly nodes: ReadonlyMap<string, ScenarioNode>
  readonly links: number
  readonly programs: readonly ScenarioProgram[]
}

function readAct(where: string, value: unknown, world: ActWorld): ScenarioAct {
  if (value === null || typeof value !== 'object')
    throw new TypeError(`${where} must be an object, got ${given(value)}`)
  if ('frame' in value) {
    const { frame, ...act } = value as { frame: unknown }
    checkInteger(`${where}.frame`, frame, 1)
    checkFrameAct(act as FrameAct)
    return value as ScenarioAct
  }
  if ('link' in value) return readLinkAct(where, value as Fields, world.links)
  return readHostAct(where, value as Fields, world)
}

function readLinkAct(where: string, value: Fields, links: number): ScenarioAct {
  const { at, link, up, conditions } = object(where, value, ['at', 'link', 'up', 'conditions'])
  instant(`${where}.at`, at)
  checkInteger(`${where}.link`, link, 0, links - 1)
  if (up !== undefined) {
    checkBoolean(`${where}.up`, up)
    return { at: at as number, link: link as number, up: up as boolean }
  }
  const { mtu, ...rest } = object(`${where}.conditions`, conditions, ['mtu', ...IMPAIRMENT_KEYS])
  impairment(`${where}.conditions`, rest)
  if (mtu !== undefined) checkInteger(`${where}.conditions.mtu`, mtu, 68, MTU_MAX)
  return { at: at as number, link: link as number, conditions: conditions as Impairment }
}

function readHostAct(where: string, value: Fields, world: ActWorld): ScenarioAct {
  const fields = object(where, value, ['at', 'host', 'crash', 'restart', 'end', 'run', 'type', 'signal'])
  const { at, host, crash, restart, end, run, type, signal } = fields
  instant(`${where}.at`, at)
  const name = hostName(`${where}.host`, host, world.nodes)
  const base = { at: at as number, host: name }
  if (crash === true) return { ...base, crash }
  if (restart === true) return { ...base, restart }
  if (run !== undefined) return { ...base, run: commandLine(`${where}.run`, run) }
  if (type !== undefined) return { ...base, type: typed(`${where}.type`, type) }
  if (signal !== undefined) {
    const known = SIGNALS.find((one) => one === signal)
    if (known !== undefined) return { ...base, signal: known }
    throw new RangeError(`${where}.signal must be one of ${SIGNALS.join(', ')}, got ${given(signal)}`)
  }
  const program = text(`${where}.end`, end)
  if (!world.programs.some((one) => one.host === name && one.name === program)) {
    throw new RangeError(`${where}.end must be the name of a program on ${name}, got ${given(end)}`)
  }
  return { ...base, end: program }
}

function commandLine(where: string, value: unknown): string {
  const line = text(where, value)
  if (line.trim() !== '' && line.length <= LINE_MAX && !/[\n\r]/.test(line)) return line
  throw new RangeError(`${where} must be one line of at most ${LINE_MAX} characters, and not blank, got ${given(line)}`)
}

function typed(where: string, value: unknown): string {
  const characters = text(where, value)
  if (characters.length <= TYPED_MAX) return characters
  throw new RangeError(`${where} must have at most ${TYPED_MAX} characters, got ${characters.length}`)
}
