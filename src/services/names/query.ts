// Read first: RFC 5452 section 9, RFC 6891 section 6.2.3; draft-vixie-dnsext-dns0x20 for the letters.

import { write16 } from '../../base/bytes.ts'
import type { Random } from '../../base/random.ts'
import { sameName } from './domain-name.ts'
import { encodeMessage, FORMERR, type Message, NOTIMP, type Question } from './message.ts'

export interface QueryFlags {
  /** Default true: a stub has others do the work. */
  readonly recursionDesired?: boolean
  readonly checkingDisabled?: boolean
  readonly authenticData?: boolean
  /** Needs EDNS. */
  readonly dnssecOk?: boolean
}

/** A question as it goes to one server, and what an answer to it must look like. */
export class Query {
  readonly question: Question
  /** The message. */
  readonly bytes: Uint8Array
  id: number
  readonly #mixedCase: boolean

  /** `udpPayloadSize` 0: without EDNS. `mixedCase`: letters of the name are upper or lower case at random, and must come back so. */
  constructor(question: Question, flags: QueryFlags, udpPayloadSize: number, random: Random, mixedCase: boolean) {
    this.question = mixedCase ? { ...question, name: mixCase(question.name, random) } : question
    this.#mixedCase = mixedCase
    this.id = random.int32() & 0xffff
    const { recursionDesired = true, checkingDisabled = false, authenticData = false, dnssecOk = false } = flags
    const edns = udpPayloadSize === 0 ? null : { udpPayloadSize, version: 0, dnssecOk }
    this.bytes = encodeMessage({
      id: this.id,
      recursionDesired,
      checkingDisabled,
      authenticData,
      question: this.question,
      edns,
    })
  }

  /** Takes another id: two questions on one connection must not have the same. */
  renumber(id: number): void {
    this.id = id
    write16(this.bytes, 0, id)
  }

  /** RFC 5452 section 9.1, as far as the message can tell; address and port are the connected socket's matter. */
  isAnsweredBy(message: Message): boolean {
    if (!message.response || message.id !== this.id || message.opcode !== 0) return false
    const { question } = message
    // Servers that cannot read a query may answer with its header alone: RFC 6891 section 7 is about such.
    if (question === null) return message.rcode === FORMERR || message.rcode === NOTIMP
    if (question.type !== this.question.type || question.class !== this.question.class) return false
    return this.#mixedCase ? question.name === this.question.name : sameName(question.name, this.question.name)
  }
}

/** Each letter in upper or lower case: one more bit for each that whoever answers unasked has to guess. */
export function mixCase(name: string, random: Random): string {
  let bits = 0
  let left = 0
  return name.replace(/[a-zA-Z]/g, (letter) => {
    if (left === 0) {
      bits = random.int32()
      left = 32
    }
    left--
    return ((bits >>> left) & 1) === 0 ? letter.toLowerCase() : letter.toUpperCase()
  })
}
