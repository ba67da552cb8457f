import { given } from '../base/argument.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { checkBuffers, Message } from './provider.ts'

/**
 * Throws for what is no message, or is none any more: what it was made of was looked at then, its fields can be given anything
 * afterwards.
 */
export function checkMessage(message: Message): void {
  if (!(message instanceof Message)) throw new TypeError(`message must be a Message, got ${given(message)}`)
  const { name, control } = message
  checkBuffers('message.buffers', message.buffers)
  const { controlLength } = message
  if (typeof controlLength !== 'number' || !(controlLength >= 0)) {
    throw new RangeError(`message.controlLength must be 0 or more octets, got ${given(controlLength)}`)
  }
  if (name !== null && !(name instanceof SocketAddress)) {
    throw new TypeError(`message.name must be a SocketAddress or null, got ${given(name)}`)
  }
  if (!Array.isArray(control)) throw new TypeError(`message.control must be an array, got ${given(control)}`)
  for (let i = 0; i < control.length; i++) {
    const one = control[i]
    if (!(one?.data instanceof Uint8Array) || typeof one.level !== 'number' || typeof one.type !== 'number') {
      throw new TypeError(`message.control must be of { level, type, data: Uint8Array }, got ${given(one)}`)
    }
  }
}
