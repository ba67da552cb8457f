// The views of what happens, side by side as tabs: each a component that reads the store.

import type { ComponentType } from 'preact'
import { PlotsView } from './connection/plots-view.tsx'
import { StatesView } from './connection/state-diagram.tsx'
import { LadderView } from './packets/ladder-view.tsx'
import { PacketList } from './packets/packet-list.tsx'
import { OutputView } from './programs/output-view.tsx'
import { TerminalView } from './terminal/terminal-view.tsx'

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
