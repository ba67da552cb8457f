import './style.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { openFromAddress } from './session/share.ts'
import { live } from './state/store.ts'

const root = document.getElementById('app')
if (root !== null) render(<App />, root)
void openFromAddress()
// Another address typed or chosen while the page is open. One that watches a program has no engine that could run anything.
addEventListener('hashchange', () => {
  if (live.value === null) void openFromAddress()
})
