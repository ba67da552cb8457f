import { FlowPanel } from './connection/flow-panel.tsx'
import { Hint } from './lessons/hint.tsx'
import { FramePanel } from './network/frame-panel.tsx'
import { LinkPanel } from './network/link-panel.tsx'
import { NodePanel } from './network/node-panel.tsx'
import { ProgramPanel } from './programs/program-panel.tsx'
import { selectedFrame, selection } from './state/store.ts'
import './inspector.css'

/** All of what is selected. */
export function Inspector() {
  const { value } = selection
  switch (value.kind) {
    case 'frame':
      return selectedFrame.value === null ? <Hint /> : <FramePanel frame={selectedFrame.value} />
    case 'node':
      return <NodePanel name={value.name} />
    case 'link':
      return <LinkPanel place={value.link} />
    case 'flow':
      return <FlowPanel />
    case 'program':
      return <ProgramPanel host={value.host} name={value.name} />
    default:
      return <Hint />
  }
}
