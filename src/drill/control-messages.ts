// Read first: cmsg(3), ip(7) IP_RECVERR, Linux's networking/timestamping.

import { IP_TOS, IPPROTO_IP, IPPROTO_IPV6 } from '../base/constants.ts'
import type { ControlMessage } from '../socket/provider.ts'
import { memberOf, structMembers } from './call-arguments.ts'
import type { DrillHost } from './drill-host.ts'
import { expressionText } from './expression-text.ts'
import { DrillFailure } from './failure.ts'
import { wholeNumber } from './option-values.ts'
import type { Expression, Member } from './script.ts'

/** Octets of a struct cmsghdr. */
const HEADER = 16
/** struct scm_timestamping: three of struct timespec. */
const TIMESTAMPING_LENGTH = 48

// struct sock_extended_err: name, octet, octets wide.
const EXTENDED_ERROR = [
  ['ee_errno', 0, 4],
  ['ee_origin', 4, 1],
  ['ee_type', 5, 1],
  ['ee_code', 6, 1],
  ['ee_info', 8, 4],
  ['ee_data', 12, 4],
] as const
const EXTENDED_ERROR_LENGTH = 16

interface Written {
  readonly level: number
  readonly type: number
  readonly data: Expression
  readonly text: string
}

function written(item: Expression): Written {
  const members = structMembers(item)
  const field = (name: string) => {
    const value = memberOf(members, name)
    return value === null ? 0 : wholeNumber(value)
  }
  const data = memberOf(members, 'cmsg_data') ?? { kind: 'ellipsis', line: item.line, column: item.column }
  return { level: field('cmsg_level'), type: field('cmsg_type'), data, text: expressionText(item) }
}

function itemsOf(control: Expression): readonly Expression[] {
  if (control.kind === 'array') return control.items
  if (control.kind === 'struct') return [control]
  throw new DrillFailure(control, `expected control messages in brackets, the script has '${expressionText(control)}'`)
}

/** Those that a script sends. An integer is an int. */
export function controlToSend(control: Expression): ControlMessage[] {
  return itemsOf(control).map((item) => {
    const { level, type, data } = written(item)
    const octets = new Uint8Array(4)
    new DataView(octets.buffer).setInt32(0, data.kind === 'ellipsis' ? 0 : wholeNumber(data), true)
    return { level, type, data: octets }
  })
}

/** The room in octets that a caller gives who expects exactly these. */
export function controlRoom(control: Expression | null): number {
  if (control === null) return 0
  if (control.kind === 'ellipsis') return Number.POSITIVE_INFINITY
  let room = 0
  for (const item of itemsOf(control)) room += HEADER + ((dataLength(written(item)) + 7) & ~7)
  return room
}

function dataLength({ level, type, data }: Written): number {
  if (isTimestamp(data)) return TIMESTAMPING_LENGTH
  // The error, and the address of who reported it.
  if (isError(data)) return EXTENDED_ERROR_LENGTH + (level === IPPROTO_IPV6 ? 28 : 16)
  return level === IPPROTO_IP && type === IP_TOS ? 1 : 4
}

function membersOf(data: Expression): readonly Member[] {
  return data.kind === 'struct' ? data.members : []
}

const isTimestamp = (data: Expression) => membersOf(data).some(({ name }) => name?.startsWith('scm_'))
const isError = (data: Expression) => membersOf(data).some(({ name }) => name?.startsWith('ee_'))

/** Fails unless the control messages that came are those that the script has, in this order. */
export function checkControl(host: DrillHost, control: Expression, came: readonly ControlMessage[]): void {
  const want = itemsOf(control).map(written)
  const texts: string[] = []
  let same = want.length === came.length
  came.forEach((message, i) => {
    const expected = want[i]
    const { seen, equal } = compare(host, expected, message)
    if (!equal) same = false
    texts.push(seen)
  })
  if (same) return
  const wanted = want.map(({ text }) => text).join(', ') || 'none'
  throw new DrillFailure(control, `control messages: expected ${wanted}, seen ${texts.join(', ') || 'none'}`)
}

function compare(host: DrillHost, expected: Written | undefined, message: ControlMessage) {
  const { level, type, data } = message
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const head = `{cmsg_level=${level}, cmsg_type=${type}, cmsg_data=`
  const right = expected !== undefined && expected.level === level && expected.type === type
  const wanted = expected?.data
  if (wanted !== undefined && isTimestamp(wanted) && data.length >= 16) {
    const micros =
      Number(view.getBigInt64(0, true)) * 1e6 + Number(view.getBigInt64(8, true)) / 1e3 - host.system.wallStart
    const seen = `${head}{scm_sec=${Math.floor(micros / 1e6)},scm_nsec=${Math.round(micros % 1e6) * 1000}}}`
    const want = numberFor(wanted, 'scm_sec') * 1e6 + numberFor(wanted, 'scm_nsec') / 1e3
    return { seen, equal: right && Math.abs(micros - want) <= host.tolerance }
  }
  if (wanted !== undefined && isError(wanted) && data.length >= EXTENDED_ERROR_LENGTH) {
    const fields = EXTENDED_ERROR.map(([name, at, width]) => ({
      name,
      seen: width === 1 ? view.getUint8(at) : view.getUint32(at, true),
    }))
    const given = (name: string) => membersOf(wanted).some((member) => member.name === name)
    return {
      seen: `${head}{${fields.map(({ name, seen }) => `${name}=${seen}`).join(', ')}}}`,
      equal: right && fields.every(({ name, seen }) => !given(name) || numberFor(wanted, name) >>> 0 === seen),
    }
  }
  let value = 0
  for (let i = 0; i < Math.min(4, data.length); i++) value |= (data[i] as number) << (8 * i)
  const open = wanted?.kind === 'ellipsis'
  const plain = wanted !== undefined && wanted.kind !== 'struct'
  return { seen: `${head}${value}}`, equal: right && (open || (plain && (wholeNumber(wanted) | 0) === value)) }
}

function numberFor(data: Expression, name: string): number {
  const value = memberOf(membersOf(data), name)
  return value === null ? 0 : wholeNumber(value)
}
