import { FlowPanel } from './flow-panel.tsx'
import { FramePanel } from './frame-panel.tsx'
import { Hint } from './hint.tsx'
import { LinkPanel } from './link-panel.tsx'
import { NodePanel } from './node-panel.tsx'
import { ProgramPanel } from './program-panel.tsx'
import { selectedFrame, selection } from './store.ts'
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
