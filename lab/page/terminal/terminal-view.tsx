import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'

const Panel = signal<ComponentType | null>(null)

/** The terminals of hosts, which are loaded when they are first looked at. */
export function TerminalView() {
  useEffect(() => {
    void import('./terminal-panel.tsx').then(({ TerminalPanel }) => {
      Panel.value = TerminalPanel
    })
  }, [])
  return Panel.value === null ? <p class="empty">One moment …</p> : <Panel.value />
}
