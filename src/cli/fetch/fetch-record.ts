// Read first: curl(1) on -w, whose variables these are.

import type { SocketAddress } from '../../base/socket-address.ts'

/** What is noted of a fetch while it goes on. Times are of performance.now(). */
export class FetchRecord {
  readonly startedAt = performance.now()
  /** When the last request had got so far; 0: it has not. */
  namedAt = 0
  connectedAt = 0
  securedAt = 0
  askedAt = 0
  answeredAt = 0
  /** Milliseconds that redirections took. */
  redirecting = 0
  redirects = 0
  connects = 0
  downloaded = 0
  uploaded = 0
  headerLength = 0
  requestLength = 0
  status = 0
  httpVersion = ''
  method = ''
  url: URL | null = null
  redirectUrl = ''
  local: SocketAddress | null = null
  peer: SocketAddress | null = null
  /** Name and value by turns, as they came. */
  rawHeaders: readonly string[] = []

  /** What -w says of it. `failure`: the status to exit with, and why. */
  text(format: string, failure: { readonly status: number; readonly message: string }, file: string | null): string {
    const values = this.#values(failure, file)
    return format.replaceAll(
      /%\{([^}]*)\}|%header\{([^}]*)\}|%%|\\([ntr\\])/g,
      (whole, name: string | undefined, header: string | undefined, escaped: string | undefined) => {
        if (escaped !== undefined) return { n: '\n', t: '\t', r: '\r', '\\': '\\' }[escaped] as string
        if (header !== undefined) return this.#field(header)
        if (name === undefined) return '%'
        if (name === 'json') return JSON.stringify(values)
        if (name === 'header_json') return JSON.stringify(this.#fields())
        return Object.hasOwn(values, name) ? String(values[name] ?? '') : whole
      },
    )
  }

  #values(
    { status, message }: { readonly status: number; readonly message: string },
    file: string | null,
  ): Record<string, string | number | null> {
    const total = (performance.now() - this.startedAt) / 1000
    const until = (at: number) => (at === 0 ? 0 : (at - this.startedAt) / 1000).toFixed(6)
    const code = String(this.status).padStart(3, '0')
    return {
      content_type: this.#field('content-type') || null,
      errormsg: status === 0 ? null : message,
      exitcode: status,
      filename_effective: file,
      http_code: code,
      http_version: this.httpVersion,
      local_ip: this.local?.address ?? '',
      local_port: this.local?.port ?? 0,
      method: this.method,
      num_connects: this.connects,
      num_headers: this.rawHeaders.length / 2,
      num_redirects: this.redirects,
      redirect_url: this.redirectUrl || null,
      referer: null,
      remote_ip: this.peer?.address ?? '',
      remote_port: this.peer?.port ?? 0,
      response_code: code,
      scheme: this.url?.protocol.slice(0, -1).toUpperCase() ?? '',
      size_download: this.downloaded,
      size_header: this.headerLength,
      size_request: this.requestLength,
      size_upload: this.uploaded,
      speed_download: Math.floor(this.downloaded / total),
      speed_upload: Math.floor(this.uploaded / total),
      ssl_verify_result: 0,
      time_appconnect: until(this.securedAt),
      time_connect: until(this.connectedAt),
      time_namelookup: until(this.namedAt),
      time_pretransfer: until(this.askedAt),
      time_redirect: (this.redirecting / 1000).toFixed(6),
      time_starttransfer: until(this.answeredAt),
      time_total: total.toFixed(6),
      url: this.url?.href ?? '',
      url_effective: this.url?.href ?? '',
    }
  }

  #field(name: string): string {
    return this.#fields()[name.toLowerCase()]?.[0] ?? ''
  }

  #fields(): Record<string, string[]> {
    const fields: Record<string, string[]> = {}
    for (let i = 0; i + 1 < this.rawHeaders.length; i += 2) {
      const name = (this.rawHeaders[i] as string).toLowerCase()
      fields[name] = [...(fields[name] ?? []), this.rawHeaders[i + 1] as string]
    }
    return fields
  }
}
