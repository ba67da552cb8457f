// Read first: curl(1) on -d, --data-binary, --data-raw, --data-urlencode, --json, -F and -T; RFC 7578 (multipart/form-data).

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { UsageError } from '../usage-error.ts'
import { FETCH_READ_ERROR, FetchFailure } from './fetch-failure.ts'

/** A piece of what is sent, by the option that gave it. */
export interface DataPart {
  readonly option: 'data' | 'data-binary' | 'data-raw' | 'data-urlencode' | 'json' | 'form'
  readonly text: string
}

/** What is sent with a request, and what it is. */
export interface FetchBody {
  readonly bytes: Uint8Array
  /** Its Content-Type where nobody says another; null: it has none. */
  readonly type: string | null
  /** Fields of the header that go with it, unless -H says otherwise. */
  readonly headers: readonly (readonly [string, string])[]
}

/** Types of files by the ends of their names, as curl knows them. */
const TYPES: Readonly<Record<string, string>> = {
  '.gif': 'image/gif',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.pdf': 'application/pdf',
  '.xml': 'application/xml',
}

/** What all parts make together, in the order in which they were written. A UsageError where they do not go together. */
export function readBody(parts: readonly DataPart[]): FetchBody {
  const forms = parts.filter(({ option }) => option === 'form')
  if (forms.length > 0) {
    if (forms.length < parts.length) throw new UsageError('-F and -d send different things; write one of them')
    return formBody(forms.map(({ text }) => text))
  }
  const json = parts.some(({ option }) => option === 'json')
  const pieces: Uint8Array[] = []
  for (const part of parts) {
    // Pieces of a form are joined; those of --json are one text.
    if (pieces.length > 0 && part.option !== 'json') pieces.push(Buffer.from('&'))
    pieces.push(readPart(part))
  }
  return {
    bytes: Buffer.concat(pieces),
    type: 'application/x-www-form-urlencoded',
    headers: json
      ? [
          ['Content-Type', 'application/json'],
          ['Accept', 'application/json'],
        ]
      : [],
  }
}

function readPart({ option, text }: DataPart): Uint8Array {
  if (option === 'data-raw') return Buffer.from(text)
  if (option === 'data-urlencode') return urlEncoded(text)
  if (!text.startsWith('@')) return Buffer.from(text)
  const bytes = readInput(text.slice(1))
  if (option !== 'data') return bytes
  // As curl: a file of fields may have lines.
  return Buffer.from(bytes.filter((octet) => octet !== 10 && octet !== 13 && octet !== 0))
}

/** "content", "=content", "name=content", "@file" or "name@file": the name is as it is, the content made fit for a URL. */
function urlEncoded(text: string): Uint8Array {
  const at = text.search(/[=@]/)
  const name = at < 0 ? '' : text.slice(0, at)
  const content = at >= 0 && text[at] === '@' ? readInput(text.slice(at + 1)) : Buffer.from(text.slice(at + 1))
  let encoded = ''
  for (const octet of content) {
    const character = String.fromCharCode(octet)
    if (/[A-Za-z0-9._~-]/.test(character)) encoded += character
    else encoded += octet === 32 ? '+' : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return Buffer.from(name === '' ? encoded : `${name}=${encoded}`)
}

/** The content of a file, or of standard input where it is called "-". */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? 0 : path)
  } catch (error) {
    throw new FetchFailure(FETCH_READ_ERROR, `Failed to open ${path}: ${(error as Error).message}`, error)
  }
}

function formBody(texts: readonly string[]): FetchBody {
  const boundary = `------------------------${randomBytes(8).toString('hex')}`
  const pieces: Uint8Array[] = []
  for (const text of texts) {
    const { name, content, fileName, type } = formPart(text)
    const file = fileName === null ? '' : `; filename="${fieldText(fileName)}"`
    const kind = type === null ? '' : `Content-Type: ${type}\r\n`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${fieldText(name)}"${file}\r\n${kind}\r\n`
    pieces.push(Buffer.from(head), content, Buffer.from('\r\n'))
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`))
  return { bytes: Buffer.concat(pieces), type: `multipart/form-data; boundary=${boundary}`, headers: [] }
}

/** RFC 7578 section 2 leaves quotes to practice, which is browsers'. */
function fieldText(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

interface FormPart {
  readonly name: string
  readonly content: Uint8Array
  readonly fileName: string | null
  readonly type: string | null
}

/** "name=content", "name=@file" or "name=<file", with ";type=…" and ";filename=…" behind. */
function formPart(text: string): FormPart {
  const [, name = '', rest = ''] = /^([^=]+)=(.*)$/s.exec(text) as RegExpExecArray // parseForm has seen it
  const [value = '', ...settings] = rest.split(';')
  const setting = (key: string) => {
    const found = settings.find((one) => one.trim().startsWith(`${key}=`))
    return found === undefined ? null : found.trim().slice(key.length + 1)
  }
  const type = setting('type')
  const path = value.slice(1)
  if (value.startsWith('<')) return { name, content: readInput(path), fileName: setting('filename'), type }
  if (!value.startsWith('@')) {
    // What is no setting is content.
    const plain = type === null && setting('filename') === null
    return { name, content: Buffer.from(plain ? rest : value), fileName: setting('filename'), type }
  }
  const fileName = setting('filename') ?? (path === '-' ? '-' : basename(path))
  const usual = TYPES[extname(fileName).toLowerCase()] ?? 'application/octet-stream'
  return { name, content: readInput(path), fileName, type: type ?? usual }
}
