// Pictures of the lab for the docs, of the page that is built (npm run build:lab): docs/public/lab-*.png. A run is a function of its
// scenario and goes on by steps, so that a picture is another one only where the page is. Needs chromium.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

const pictures = [
  { name: 'lab-packet', colorScheme: 'light', steps: ['[S]'] },
  { name: 'lab-ladder', colorScheme: 'dark', steps: ['[S]', '#tab-ladder'] },
]

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname
  try {
    const body = readFileSync(join(root, 'dist/lab', path === '/' ? 'index.html' : path))
    response.setHeader('content-type', types[extname(path)] ?? 'text/html').end(body)
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const { name, colorScheme, steps } of pictures) {
  const page = await browser.newPage({
    viewport: { width: 1100, height: 700 },
    colorScheme,
    reducedMotion: 'reduce',
  })
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  const clock = page.locator('.clock')
  for (let i = 0; i < 3; i++) {
    const told = await clock.getAttribute('data-told')
    await page.click('button:text-is("Round trip")')
    await page.waitForFunction((before) => document.querySelector('.clock').dataset.told !== before, told)
  }
  for (const step of steps) await page.click(step.startsWith('#') ? step : `.row:has-text("${step}")`)
  await page.waitForSelector('.octets b')
  await page.mouse.move(0, 0)
  const path = join(root, 'docs/public', `${name}.png`)
  const fresh = await page.screenshot({ animations: 'disabled' })
  writeFileSync(path, fresh)
  console.log(`${path}: ${fresh.length} octets`)
  await page.close()
}
await browser.close()
server.close()
