// The built site as a web server shows it: `/how-to/web` is how-to/web.html.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The paths of all pages of a built site, without .html, as the site links to them. */
export function pagesOf(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.html') && path !== '404.html')
    .map((path) => `/${path.slice(0, -'.html'.length)}`.replace(/\/index$/, '/'))
    .sort()
}

/** The file that is shown at a path, or undefined. */
export function fileOf(folder, path) {
  const name = join(folder, decodeURIComponent(path))
  return [name, `${name}.html`, join(name, 'index.html')].find((file) =>
    statSync(file, { throwIfNoEntry: false })?.isFile(),
  )
}

/** Serves a folder at a free port of 127.0.0.1. */
export async function serve(folder) {
  const server = createServer(({ url }, response) => {
    const found = fileOf(folder, new URL(url, 'http://localhost').pathname)
    if (found === undefined) response.writeHead(404).end()
    else
      response
        .writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream' })
        .end(readFileSync(found))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
