// Read first: RFC 6265; curl(1) on -b and -c, whose files are those of Netscape.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { fileFailure } from '../file-failure.ts'

/** As many as browsers keep of one host and more; older ones go first. */
const MOST = 3000

interface Cookie {
  readonly name: string
  readonly value: string
  /** In lower case, without a dot in front. */
  readonly domain: string
  /** The host alone that has set it, none below it. */
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  /** Seconds since 1970; 0: as long as the session. */
  readonly expires: number
}

/** The cookies of one command: those of -b, and those that servers set. */
export class FetchCookies {
  /** What -b wrote out: it goes to every host. */
  readonly #written: string
  readonly #cookies: Cookie[] = []
  /** Whether what servers set is kept. */
  readonly #keeps: boolean

  /** `texts`: what -b was given, pairs or files. `keeps`: -c was given. */
  constructor(texts: readonly string[], keeps: boolean) {
    // As curl, without a blank.
    this.#written = texts.filter((text) => text.includes('=')).join(';')
    const files = texts.filter((text) => !text.includes('='))
    this.#keeps = keeps || files.length > 0
    for (const path of files) if (existsSync(path)) this.#read(readFileSync(path, 'utf8'))
  }

  /** What the field Cookie of a request says; '': there is none. */
  headerFor(url: URL): string {
    const now = Date.now() / 1000
    const fitting = this.#cookies.filter(
      (cookie) =>
        (cookie.expires === 0 || cookie.expires > now) &&
        (!cookie.secure || url.protocol === 'https:') &&
        fitsDomain(url.hostname, cookie) &&
        fitsPath(url.pathname, cookie.path),
    )
    // RFC 6265 section 5.4: longer paths first.
    fitting.sort((a, b) => b.path.length - a.path.length)
    return [...fitting.map(({ name, value }) => `${name}=${value}`), this.#written]
      .filter((one) => one !== '')
      .join('; ')
  }

  /** Keeps what a server at `url` has set: RFC 6265 section 5.2. What is wrong is ignored. */
  set(url: URL, field: string): void {
    if (!this.#keeps) return
    const [pair = '', ...attributes] = field.split(';')
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim()
    if (equals < 1 || name === '' || field.length > 4096) return
    const attribute = (key: string) => {
      const found = attributes.map((one) => one.trim()).find((one) => one.split('=')[0]?.toLowerCase() === key)
      return found === undefined ? null : found.slice(key.length + 1).trim()
    }
    const host = url.hostname.toLowerCase()
    const said = (attribute('domain') ?? '').replace(/^\./, '').toLowerCase()
    // Nobody sets cookies of others, and none for all that end in "com".
    if (said !== '' && said !== host && !(host.endsWith(`.${said}`) && said.includes('.') && isIP(host) === 0)) return
    if (attribute('secure') !== null && url.protocol !== 'https:') return
    const path = attribute('path') ?? ''
    this.#keep({
      name,
      value: pair.slice(equals + 1).trim(),
      domain: said === '' ? host : said,
      hostOnly: said === '',
      path: path.startsWith('/') ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/'))),
      secure: attribute('secure') !== null,
      httpOnly: attribute('httponly') !== null,
      expires: expiry(attribute('max-age'), attribute('expires')),
    })
  }

  /** Writes all to a file, "-" for standard output. */
  write(path: string): void {
    const now = Date.now() / 1000
    const lines = this.#cookies
      .filter(({ expires }) => expires === 0 || expires > now)
      .map(({ name, value, domain, hostOnly, path: below, secure, httpOnly, expires }) => {
        const place = `${httpOnly ? '#HttpOnly_' : ''}${hostOnly ? '' : '.'}${domain}`
        return [place, hostOnly ? 'FALSE' : 'TRUE', below, secure ? 'TRUE' : 'FALSE', expires, name, value].join('\t')
      })
    const text = `# Netscape HTTP Cookie File\n\n${lines.map((line) => `${line}\n`).join('')}`
    if (path === '-') {
      process.stdout.write(text)
      return
    }
    try {
      writeFileSync(path, text)
    } catch (error) {
      throw new Error(`-c ${fileFailure(path, error)}`)
    }
  }

  #keep(cookie: Cookie): void {
    const same = this.#cookies.findIndex(
      ({ name, domain, path }) => name === cookie.name && domain === cookie.domain && path === cookie.path,
    )
    if (same >= 0) this.#cookies.splice(same, 1)
    this.#cookies.push(cookie)
    if (this.#cookies.length > MOST) this.#cookies.shift()
  }

  #read(text: string): void {
    for (const line of text.split(/\r?\n/)) {
      const httpOnly = line.startsWith('#HttpOnly_')
      if (line.startsWith('#') && !httpOnly) continue
      const [place = '', tail, path = '/', secure, expires, name, value = ''] = line
        .replace(/^#HttpOnly_/, '')
        .split('\t')
      if (name === undefined || name === '') continue
      this.#keep({
        name,
        value,
        domain: place.replace(/^\./, '').toLowerCase(),
        hostOnly: tail !== 'TRUE',
        path,
        secure: secure === 'TRUE',
        httpOnly,
        expires: Number(expires) || 0,
      })
    }
  }
}

/** RFC 6265 section 5.1.3. */
function fitsDomain(hostname: string, { domain, hostOnly }: Cookie): boolean {
  const host = hostname.toLowerCase()
  return host === domain || (!hostOnly && isIP(host) === 0 && host.endsWith(`.${domain}`))
}

/** RFC 6265 section 5.1.4. */
function fitsPath(path: string, cookie: string): boolean {
  return path === cookie || (path.startsWith(cookie) && (cookie.endsWith('/') || path[cookie.length] === '/'))
}

function expiry(maxAge: string | null, expires: string | null): number {
  if (maxAge !== null && /^-?\d+$/.test(maxAge)) {
    return Number(maxAge) <= 0 ? 1 : Math.floor(Date.now() / 1000) + Number(maxAge)
  }
  const at = expires === null ? Number.NaN : Date.parse(expires)
  return Number.isNaN(at) ? 0 : Math.max(1, Math.floor(at / 1000))
}
