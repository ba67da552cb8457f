import './style.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { openFromAddress } from './share.ts'

const root = document.getElementById('app')
if (root !== null) render(<App />, root)
void openFromAddress()
// Another address typed or chosen while the page is open.
addEventListener('hashchange', () => void openFromAddress())
