import { defineConfig } from 'vite'
import { labCommands } from '../scripts/lab-commands.mjs'

export default defineConfig({
  root: new URL('page', import.meta.url).pathname,
  // Works wherever it lies: in a folder of any server.
  base: './',
  plugins: [labCommands()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // One file: what the engine's thread is made of is handed to it as one text.
  worker: { format: 'iife' },
  build: {
    outDir: new URL('../dist/lab', import.meta.url).pathname,
    emptyOutDir: true,
    target: 'es2022',
    // What a map would lead to is not in the package.
    sourcemap: false,
    modulePreload: { polyfill: false },
    // The whole stack is one thread's: what a size means is told by npm run size.
    chunkSizeWarningLimit: 2000,
  },
})
