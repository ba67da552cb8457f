// Read first: sendmsg(2), recvmsg(2), cmsg(3), strace(1).
//
// We differ from strace: control messages of IPv6, of transports and of links have names and contents, where strace 6.1 shows numbers;
// those of SOL_SOCKET are called SCM_ where they have such a name.

import { constantName, flagNames } from '../../base/constant-names.ts'
import { IPPROTO_IP, IPPROTO_IPV6, SOL_SOCKET } from '../../base/constants.ts'
import { decodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import { optionName } from '../option-table.ts'
import type { ControlMessage, Message } from '../provider.ts'
import { addressLength, addressText, interfaceText, isNamed, SOCKADDR_STORAGE_LENGTH } from './address-text.ts'
import { arrayText, flagsText, hexText, joined } from './notation.ts'
import { octetText } from './octet-text.ts'
import { credentialsText, ipv4Text, ipv6At, levelText, type OptionStyle, timeText } from './option-text.ts'
import type { TraceMemory } from './trace-memory.ts'

/** Octets of a struct cmsghdr; its data is padded to whole words. */
const CMSG_HEADER = 16

/** A message as sendmsg(2) is given it. */
export function sentText(message: Message, style: OptionStyle): string {
  const { name } = message
  const peer =
    name === null
      ? 'msg_name=NULL, msg_namelen=0'
      : `msg_name=${addressText(name, style.interfaceName)}, msg_namelen=${addressLength(name)}`
  // What sendmsg is given in msg_flags is for nobody.
  return `{${peer}, ${bodyText(message, Number.POSITIVE_INFINITY, style)}, msg_flags=0}`
}

/** A message as recvmsg(2) has filled it with `count` octets. */
export function receivedText(message: Message, count: number, style: OptionStyle, memory: TraceMemory): string {
  const flags = flagsText('MSG_', message.flags)
  return `{${senderText(message, style, memory)}, ${bodyText(message, count, style)}, msg_flags=${flags}}`
}

/** What is left to say of a message that recvmsg(2) did not fill. */
export function emptyMessageText(message: Message): string {
  return `{msg_namelen=${message.name === null ? 0 : SOCKADDR_STORAGE_LENGTH}}`
}

function senderText({ name }: Message, style: OptionStyle, memory: TraceMemory): string {
  if (name === null) return 'msg_name=NULL, msg_namelen=0'
  if (isNamed(name)) {
    const length = addressLength(name)
    return `msg_name=${addressText(name, style.interfaceName)}, msg_namelen=${roomText(length)}`
  }
  return `msg_name=${memory.ofObject(name, SOCKADDR_STORAGE_LENGTH)}, msg_namelen=${roomText(0)}`
}

/** `128 => 16`: the room for an address, and its length. */
export function roomText(length: number): string {
  return `${SOCKADDR_STORAGE_LENGTH} => ${length}`
}

function bodyText(message: Message, count: number, style: OptionStyle): string {
  const { buffers, control } = message
  let left = count
  const parts = buffers.map((bytes) => {
    const here = Math.min(left, bytes.length)
    left -= here
    return { bytes, here }
  })
  const vector = arrayText(
    parts,
    ({ bytes, here }) => `{iov_base=${octetText(bytes, 0, here, style.stringLimit)}, iov_len=${bytes.length}}`,
  )
  const body = `msg_iov=${vector}, msg_iovlen=${buffers.length}`
  if (control.length === 0) return `${body}, msg_controllen=0`
  const room = control.reduce((sum, { data }) => sum + CMSG_HEADER + Math.ceil(data.length / 8) * 8, 0)
  return `${body}, msg_control=${arrayText(control, (one) => controlText(one, style))}, msg_controllen=${room}`
}

function controlText({ level, type, data }: ControlMessage, style: OptionStyle): string {
  const name = typeName(level, type)
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const value = controlDataText(name ?? '', data, view, style)
  const shown = value === '' ? '' : `, cmsg_data=${value}`
  return `{cmsg_len=${CMSG_HEADER + data.length}, cmsg_level=${levelText(level)}, cmsg_type=${name ?? hexText(type)}${shown}}`
}

function typeName(level: number, type: number): string | undefined {
  if (level === SOL_SOCKET) return constantName('SCM_', type) ?? constantName('SO_', type)
  if (level === IPPROTO_IP) return constantName('IP_', type)
  return level === IPPROTO_IPV6 ? constantName('IPV6_', type) : optionName(level, type)
}

function controlDataText(name: string, data: Uint8Array, view: DataView, style: OptionStyle): string {
  const { length } = data
  switch (name) {
    case 'SCM_RIGHTS': {
      const count = length >>> 2
      return arrayText(
        Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true)),
        String,
      )
    }
    case 'SCM_CREDENTIALS':
      if (length >= 12) return credentialsText(view)
      break
    case 'SCM_TIMESTAMP':
    case 'SCM_TIMESTAMP_NEW':
      if (length >= 16) return timeText(view)
      break
    case 'SCM_TIMESTAMPNS':
    case 'SCM_TIMESTAMPNS_NEW':
      if (length >= 16) return instantText(view, 0)
      break
    case 'SCM_TIMESTAMPING':
    case 'SCM_TIMESTAMPING_NEW':
      if (length >= 48) return arrayText([0, 16, 32], (at) => instantText(view, at))
      break
    case 'SCM_TXTIME':
      if (length >= 8) return `[${view.getBigUint64(0, true)}]`
      break
    case 'SCM_SECURITY':
      return octetText(data, 0, length, style.stringLimit)
    case 'PACKET_AUXDATA':
      if (length >= 20) return auxdataText(view)
      break
    case 'IP_PKTINFO':
      if (length >= 12) {
        const index = interfaceText(view.getInt32(0, true), style.interfaceName)
        return `{ipi_ifindex=${index}, ipi_spec_dst=${ipv4Text(view, 4)}, ipi_addr=${ipv4Text(view, 8)}}`
      }
      break
    case 'IPV6_PKTINFO':
      if (length >= 20) {
        const index = interfaceText(view.getInt32(16, true), style.interfaceName)
        return `{inet_pton(AF_INET6, "${ipv6At(view, 0)}", &ipi6_addr), ipi6_ifindex=${index}}`
      }
      break
    case 'IP_RECVERR':
    case 'IPV6_RECVERR':
      if (length >= 16) return errorText(data, view, style)
      break
    case 'IP_TOS':
      return arrayText([...data], (octet) => (octet === 0 ? '0' : hexText(octet)))
  }
  if (length === 4) return `[${view.getInt32(0, true)}]`
  return length === 0 ? '' : octetText(data, 0, length, style.stringLimit)
}

// struct timespec.
function instantText(view: DataView, at: number): string {
  return `{tv_sec=${view.getBigInt64(at, true)}, tv_nsec=${view.getBigInt64(at + 8, true)}}`
}

// struct tpacket_auxdata: packet(7).
function auxdataText(view: DataView): string {
  const { names, rest } = flagNames('TP_STATUS_', view.getUint32(0, true))
  const lengths = `tp_len=${view.getUint32(4, true)}, tp_snaplen=${view.getUint32(8, true)}`
  const headers = `tp_mac=${view.getUint16(12, true)}, tp_net=${view.getUint16(14, true)}`
  const vlan = `tp_vlan_tci=${view.getUint16(16, true)}, tp_vlan_tpid=${hexText(view.getUint16(18, true))}`
  return `{tp_status=${joined(names, rest, 'TP_STATUS_')}, ${lengths}, ${headers}, ${vlan}}`
}

// struct sock_extended_err, and the address of who reported it: ip(7) IP_RECVERR.
function errorText(data: Uint8Array, view: DataView, style: OptionStyle): string {
  const error = `ee_errno=${view.getUint32(0, true)}, ee_origin=${data[4]}, ee_type=${data[5]}, ee_code=${data[6]}, ee_info=${view.getUint32(8, true)}, ee_data=${view.getUint32(12, true)}`
  return `{${error}${offenderText(data, style)}}`
}

function offenderText(data: Uint8Array, style: OptionStyle): string {
  const offender = new SocketAddress()
  if (!decodeSocketAddress(offender, data, 16, data.length - 16)) return ''
  return `, offender=${addressText(offender, style.interfaceName)}`
}
