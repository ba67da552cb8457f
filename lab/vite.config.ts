import { defineConfig } from 'vite'

export default defineConfig({
  root: new URL('page', import.meta.url).pathname,
  // Works wherever it lies: in a folder of any server.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: new URL('../dist/lab', import.meta.url).pathname,
    emptyOutDir: true,
    target: 'es2022',
    // Sources are in the package: errors of the stack lead to its lines.
    sourcemap: true,
    modulePreload: { polyfill: false },
    // The whole stack is one thread's: what a size means is told by npm run size.
    chunkSizeWarningLimit: 2000,
  },
})
