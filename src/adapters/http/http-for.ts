import type { Provider } from '../../socket/provider.ts'
import { checkSettings, type SocketsSettings } from '../web/settings.ts'
import { type Fetch, fetchOver } from './fetch.ts'
import { type Serve, serveOver } from './serve.ts'

/** HTTP over a provider. */
export interface Http {
  /**
   * Fetches a resource by http: or https:, as the function of the web that has this name does. Rejects with a TypeError whose `cause`
   * tells what went wrong, by its `code`: ECONNREFUSED, HTTP_CLOSED, HTTP_SYNTAX, …; with the reason of `init.signal` where that aborts.
   */
  readonly fetch: Fetch
  /** Serves HTTP, as Deno.serve does. Throws a SocketError where it cannot listen, a TypeError or RangeError for an option that is wrong. */
  readonly serve: Serve
}

/**
 * `fetch` and `serve` over a provider: HTTP/1.1, in pages as in Node.
 *
 * ```ts
 * const { fetch, serve } = httpFor(new Stack())
 * const server = serve({ port: 80 }, (request) => new Response(`you asked for ${new URL(request.url).pathname}`))
 * const response = await fetch('http://127.0.0.1/hello')
 * console.log(await response.text()) // you asked for /hello
 * await server.shutdown()
 * ```
 */
export function httpFor(provider: Provider, settings: SocketsSettings = {}): Http {
  const { names, engine } = checkSettings(provider, settings)
  return { fetch: fetchOver(provider, names, engine), serve: serveOver(provider, engine) }
}
