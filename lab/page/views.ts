// The views of what happens, side by side as tabs: each a component that reads the store.

import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { LadderView } from './ladder-view.tsx'
import { OutputView } from './output-view.tsx'
import { PacketList } from './packet-list.tsx'
import { PlotsView } from './plots-view.tsx'
import { StatesView } from './state-diagram.tsx'
import { TerminalView } from './terminal-view.tsx'

export interface View {
  readonly name: string
  readonly title: string
  readonly component: ComponentType
}

export const VIEWS: readonly View[] = [
  { name: 'packets', title: 'Packets', component: PacketList },
  { name: 'ladder', title: 'Ladder', component: LadderView },
  { name: 'states', title: 'States', component: StatesView },
  { name: 'plots', title: 'Plots', component: PlotsView },
  { name: 'output', title: 'Programs and calls', component: OutputView },
  { name: 'terminal', title: 'Terminal', component: TerminalView },
]

/** The name of the one that is shown. */
export const view = signal('packets')
