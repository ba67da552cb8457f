import { decodeMessage, responseName } from '../../services/names/index.ts'

/** A DNS message in a line: what is asked, or what is answered. */
export function nameText(bytes: Uint8Array): string {
  try {
    const { response, question, answers, rcode } = decodeMessage(bytes)
    const asked = question === null ? '?' : `${question.type} ${question.name}`
    if (!response) return `DNS asks ${asked}`
    if (rcode !== 0) return `DNS ${asked}: ${responseName(rcode)}`
    const found = answers.map(({ kind, type, data }) => (kind === 'address' || kind === 'name' ? String(data) : type))
    return `DNS ${asked}: ${found.length === 0 ? 'nothing' : found.join(', ')}`
  } catch {
    return 'DNS, not to be read'
  }
}
