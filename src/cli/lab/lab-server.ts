// Serves the lab to the browser of whoever started it, and to nobody else: on 127.0.0.1 alone, to those who know a token, by the name
// of this machine. A page of another site knows no token; one that has its own name stand for 127.0.0.1 sends that name.

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PageFile } from './lab-page.ts'
import { peerUser } from './peer-user.ts'

/** Answers a request whose sender may ask. Its headers of safety are there already. */
export type LabAnswer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface LabServerOptions {
  /** 0: any that is free. */
  readonly port: number
  readonly files: ReadonlyMap<string, PageFile>
  /** What is answered besides, by what stands behind the token. */
  readonly answers?: Readonly<Record<string, LabAnswer>>
}

/** Milliseconds that the address for a browser is good for. */
const ONCE = 60_000

/** What every answer says. Who may frame the page is told here, since a page cannot say so itself. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

export class LabServer {
  readonly #server: Server
  readonly #options: LabServerOptions
  readonly #token = randomBytes(18).toString('base64url')
  /** Addresses that lead to the page once, and until when. */
  readonly #once = new Map<string, { readonly until: number; readonly fragment: string }>()

  private constructor(options: LabServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  /** Rejects with an Error that says why it cannot listen. */
  static async listen(options: LabServerOptions): Promise<LabServer> {
    const lab = new LabServer(options)
    await new Promise<void>((resolve, reject) => {
      lab.#server.once('error', reject)
      lab.#server.listen({ host: '127.0.0.1', port: options.port }, () => resolve())
    })
    return lab
  }

  /** What the page is opened by. */
  get url(): string {
    return `${this.#origin}/${this.#token}/`
  }

  /**
   * An address that leads to the page once, soon, with `fragment` behind it: others of this machine see what a browser is started
   * with. It leads them nowhere, where the kernel tells whose a connection is; elsewhere they have come too late when it is there.
   */
  onceUrl(fragment: string): string {
    const name = randomBytes(18).toString('base64url')
    this.#once.set(name, { until: performance.now() + ONCE, fragment })
    return `${this.#origin}/${name}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get #origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    const { method = '', headers, url = '' } = request
    const names = [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`]
    if (!names.includes(headers.host ?? '')) {
      return refuse(response, 403, `This is ${names[0]}, and is known by no other name.`)
    }
    const [path = ''] = url.split(/[?#]/)
    const [, token = '', ...rest] = path.split('/')
    const once = rest.length === 0 ? this.#once.get(token) : undefined
    if (method === 'GET' && once !== undefined) {
      // Who is faster than the browser may not have it: it stays good for that.
      if (isOthers(peerUser(request.socket))) {
        return refuse(
          response,
          403,
          'This address is for who has started jackfield lab: open the one that it has printed.',
        )
      }
      this.#once.delete(token)
      if (performance.now() > once.until) return refuse(response, 403, 'This address was good for a minute.')
      response.writeHead(302, { location: `${this.url}${once.fragment}` }).end()
      return
    }
    if (!isSame(token, this.#token)) {
      return refuse(response, 403, 'The address must be the whole one that jackfield lab has printed.')
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return refuse(response, 405, 'There is nothing here but to be read.')
    }
    // Relative addresses of the page count from behind the token.
    if (rest.length === 0) return void response.writeHead(308, { location: this.url }).end()
    const name = rest.join('/')
    const { answers = {}, files } = this.#options
    if (Object.hasOwn(answers, name)) return await answers[name]?.(request, response)
    const file = files.get(name)
    if (file === undefined) return refuse(response, 404, 'The lab has no such file.')
    await giveFile(response, file)
  }
}

/** Answers with a file as it is now. */
export async function giveFile(response: ServerResponse, { path, type }: PageFile): Promise<void> {
  try {
    const body = await readFile(path)
    response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body)
  } catch {
    refuse(response, 404, 'The file is there no more.')
  }
}

/** Answers with a line of text. */
export function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

/** Whether a user is known to be another than the one of this program. */
function isOthers(user: number | null): boolean {
  return user !== null && user !== process.geteuid?.()
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
