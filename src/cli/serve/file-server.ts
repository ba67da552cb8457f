// Read first: RFC 9110 sections 8.8, 9.3, 13 and 14 (validators, methods, conditions, ranges).

import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, realpathSync, type Stats, statSync } from 'node:fs'
import { readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename, extname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '../usage-error.ts'
import { parseRange } from './byte-range.ts'

const METHODS = 'GET, HEAD, PUT'
const UPLOADING = '.uploading-'

// Reads of this size keep the number of turns of the event loop, and of calls, low: 200 MB are 800 reads.
const READ_SIZE = 256 * 1024

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

/** A request that is answered with an error status. */
class Refusal extends Error {
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, text: string, headers: Record<string, string> = {}) {
    super(text)
    this.status = status
    this.headers = headers
  }
}

/** Serves the files below a directory over HTTP, and takes uploads with PUT. Nothing outside the directory can be reached. */
export class FileServer {
  readonly #root: string
  readonly #closing = new AbortController()
  readonly #uploads = new Set<Promise<void>>()

  constructor(directory: string) {
    try {
      this.#root = realpathSync(directory)
      if (!statSync(this.#root).isDirectory()) throw new Error('it is a file')
    } catch (error) {
      throw new UsageError(`http cannot serve ${JSON.stringify(directory)}: ${(error as Error).message}`)
    }
  }

  /** Breaks off uploads. Resolves when nothing of them is left. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#uploads)
  }

  /** Answers one request. Never rejects: what goes wrong is answered, or ends the connection. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away while it is being answered is no error of ours.
    response.on('error', () => {})
    request.on('error', () => {})
    try {
      await this.#answer(request, response)
    } catch (error) {
      if (response.headersSent) {
        response.destroy()
        return
      }
      const refusal = error instanceof Refusal ? error : refusalOf(error)
      const text = `${refusal.message}\n`
      response.writeHead(refusal.status, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
        ...refusal.headers,
      })
      response.end(request.method === 'HEAD' ? undefined : text)
      // The rest of an upload that was refused is read and thrown away: closing on unread data would reset the connection
      // and could take the answer with it.
      request.resume()
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { segments, folder } = splitPath(request.url ?? '/')
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return this.#get(request, response, segments, folder)
      case 'PUT':
        return this.#put(request, response, segments, folder)
      default:
        throw new Refusal(405, `${request.method} is not offered here`, { Allow: METHODS })
    }
  }

  /** The real path of what lies at `segments`, which must exist and lie below the root, links followed. */
  async #resolve(segments: readonly string[]): Promise<string> {
    const path = await realpath(join(this.#root, ...segments))
    const below = this.#root.endsWith(sep) ? this.#root : this.#root + sep
    if (path !== this.#root && !path.startsWith(below)) throw new Refusal(403, 'that lies outside of what is served')
    return path
  }

  async #get(request: IncomingMessage, response: ServerResponse, segments: string[], folder: boolean): Promise<void> {
    let path = await this.#resolve(segments)
    let found = await stat(path)
    if (found.isDirectory()) {
      if (!folder) {
        const name = segments.map(encodeURIComponent).join('/')
        throw new Refusal(301, 'that is a directory', { Location: `/${name}/` })
      }
      const index = await this.#resolve([...segments, 'index.html']).catch(() => null)
      if (index === null) return this.#list(request, response, path, segments)
      path = index
      found = await stat(path)
    } else if (folder) {
      throw new Refusal(404, 'there is no such directory')
    }
    if (!found.isFile()) throw new Refusal(403, 'that is neither a file nor a directory')
    await sendFile(request, response, path, found)
  }

  async #list(request: IncomingMessage, response: ServerResponse, path: string, segments: string[]): Promise<void> {
    const entries = await readdir(path, { withFileTypes: true })
    const names = entries
      .filter((entry) => !entry.name.startsWith(UPLOADING))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort()
    if (segments.length > 0) names.unshift('../')
    const title = escapeHtml(`/${segments.join('/')}`)
    const items = names.map((name) => {
      const link = name.endsWith('/') ? `${encodeURIComponent(name.slice(0, -1))}/` : encodeURIComponent(name)
      return `<li><a href="${name === '../' ? name : `./${link}`}">${escapeHtml(name)}</a></li>`
    })
    const page = `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>${title}</title>\n<h1>${title}</h1>\n<ul>\n${items.join('\n')}\n</ul>\n</html>\n`
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': Buffer.byteLength(page) })
    response.end(request.method === 'HEAD' ? undefined : page)
  }

  /** An upload is whole or is not: it goes into a file of its own, which then takes the name. */
  async #put(request: IncomingMessage, response: ServerResponse, segments: string[], folder: boolean): Promise<void> {
    const name = segments.at(-1)
    if (name === undefined || folder) throw new Refusal(405, 'a directory cannot be uploaded', { Allow: 'GET, HEAD' })
    if (name.startsWith(UPLOADING)) throw new Refusal(403, 'that name is reserved')
    if (request.headers['content-range'] !== undefined) throw new Refusal(400, 'part of a file cannot be uploaded')
    const length = request.headers['content-length']
    if (length === undefined && request.headers['transfer-encoding'] === undefined) {
      throw new Refusal(411, 'an upload must say how long it is')
    }
    const parent = await this.#resolve(segments.slice(0, -1))
    const path = join(parent, name)
    const before = await stat(path).catch(() => null)
    if (before !== null && !before.isFile()) throw new Refusal(403, 'that is not a file')
    const upload = join(parent, `${UPLOADING}${randomUUID()}`)
    const taking = this.#take(request, upload, path)
    this.#uploads.add(taking)
    try {
      await taking
    } finally {
      this.#uploads.delete(taking)
    }
    response.writeHead(before === null ? 201 : 204, before === null ? { 'Content-Length': 0 } : {})
    response.end()
  }

  async #take(request: IncomingMessage, upload: string, path: string): Promise<void> {
    const { signal } = this.#closing
    signal.throwIfAborted()
    const file = createWriteStream(upload, { flags: 'wx', highWaterMark: READ_SIZE })
    try {
      await pipeline(request, file, { signal })
      await rename(upload, path)
    } catch (error) {
      // A file that is still being opened would appear after it was removed.
      if (!file.closed) await new Promise<void>((resolve) => file.on('error', () => {}).once('close', resolve))
      await rm(upload, { force: true })
      throw error
    }
  }
}

function refusalOf(error: unknown): Refusal {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return new Refusal(404, 'there is no such file')
    case 'EACCES':
    case 'EPERM':
    case 'ELOOP':
    case 'EROFS':
      return new Refusal(403, 'that is not allowed')
    case 'ENOSPC':
    case 'EDQUOT':
      return new Refusal(507, 'there is no room')
    default:
      return new Refusal(500, 'that went wrong')
  }
}

/** The names that a request's target goes through, decoded; `folder`: it ends in a slash. */
function splitPath(target: string): { segments: string[]; folder: boolean } {
  // Absolute form (RFC 9112 section 3.2.2) is for any server to take.
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '') || '/'
  if (!path.startsWith('/')) throw new Refusal(400, 'the target must be a path')
  const segments: string[] = []
  for (const part of path.split('/')) {
    if (part === '') continue
    const segment = decode(part)
    if (segment === '.') continue
    if (segment === '..') throw new Refusal(403, 'that lies outside of what is served')
    // An encoded slash or NUL is part of no file's name.
    if (/[/\\\0]/.test(segment)) throw new Refusal(400, 'that is no name of a file')
    segments.push(segment)
  }
  return { segments, folder: path.endsWith('/') }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refusal(400, 'the target is not well encoded')
  }
}

async function sendFile(request: IncomingMessage, response: ServerResponse, path: string, found: Stats): Promise<void> {
  const tag = `"${found.size.toString(16)}-${Math.floor(found.mtimeMs).toString(16)}"`
  const modified = found.mtime.toUTCString()
  const headers: Record<string, string | number> = {
    'Accept-Ranges': 'bytes',
    ETag: tag,
    'Last-Modified': modified,
  }
  if (isCurrent(request, tag, found.mtime)) {
    response.writeHead(304, headers).end()
    return
  }
  headers['Content-Type'] = types[extname(basename(path)).toLowerCase()] ?? 'application/octet-stream'
  let range = null
  const asked = request.headers.range
  const condition = request.headers['if-range']
  // RFC 9110 section 14.2: a range is for GET alone; section 13.1.5: only of the file that the client has part of.
  if (
    request.method === 'GET' &&
    asked !== undefined &&
    (condition === undefined || condition === tag || condition === modified)
  ) {
    range = parseRange(asked, found.size)
    if (range === 'unsatisfiable') {
      throw new Refusal(416, 'the file has no such part', { 'Content-Range': `bytes */${found.size}` })
    }
  }
  const start = range?.start ?? 0
  const end = range?.end ?? found.size
  headers['Content-Length'] = end - start
  if (range !== null) headers['Content-Range'] = `bytes ${start}-${end - 1}/${found.size}`
  response.writeHead(range === null ? 200 : 206, headers)
  if (request.method === 'HEAD' || end === start) {
    response.end()
    return
  }
  await pipeline(createReadStream(path, { start, end: end - 1, highWaterMark: READ_SIZE }), response)
}

/** Whether the client's copy is as good: If-None-Match goes before If-Modified-Since (RFC 9110 section 13.2.2). */
function isCurrent(request: IncomingMessage, tag: string, modified: Date): boolean {
  const tags = request.headers['if-none-match']
  if (tags !== undefined) {
    return tags.trim() === '*' || tags.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  return !Number.isNaN(since) && Math.floor(modified.getTime() / 1000) * 1000 <= since
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
