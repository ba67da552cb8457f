import { Inspector } from './inspector.tsx'
import { panel, shown } from './lessons/lesson-course.ts'
import { NetworkView } from './network/network-view.tsx'
import { PacketList } from './packets/packet-list.tsx'
import { Separator, split } from './parts/separator.tsx'
import { LiveBar } from './session/live-bar.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { view } from './state/shown-view.ts'
import { live, notice } from './state/store.ts'
import { TimeLine } from './time/time-line.tsx'
import { TopBar } from './top-bar.tsx'
import { VIEWS } from './views.ts'

/** A program that is watched has its terminal elsewhere. */
const OF_RUNS = ['terminal']

function shownViews(): typeof VIEWS {
  return live.value === null ? VIEWS : VIEWS.filter(({ name }) => !OF_RUNS.includes(name))
}

export function App() {
  const views = shownViews()
  const Shown = views.find(({ name }) => name === view.value)?.component ?? PacketList
  const Lessons = panel.value
  return (
    <div class={shown.value === 'nothing' ? 'lab' : 'lab with-lessons'} data-live={live.value !== null}>
      {live.value === null ? <TopBar /> : <LiveBar />}
      {shown.value === 'nothing' || Lessons === null ? null : <Lessons />}
      <main class="floor" style={{ '--across': `${split.value.across}%`, '--down': `${split.value.down}%` }}>
        <section class="panel network" aria-label="Network">
          <NetworkView />
        </section>
        <Separator which="across" />
        <Separator which="down" />
        <section class="panel views" aria-label="What happens">
          <div class="tabs" role="tablist" aria-label="Views">
            {views.map(({ name, title }) => (
              <button
                type="button"
                role="tab"
                key={name}
                id={`tab-${name}`}
                aria-selected={view.value === name}
                aria-controls="view"
                tabIndex={view.value === name ? 0 : -1}
                onClick={() => {
                  view.value = name
                }}
                onKeyDown={turn}
              >
                {title}
              </button>
            ))}
          </div>
          <div class="view" id="view" role="tabpanel" aria-labelledby={`tab-${view.value}`}>
            <Shown />
          </div>
        </section>
        <section class="panel inspector" aria-label="What is selected">
          <Inspector />
        </section>
      </main>
      {live.value === null ? <TimeLine /> : null}
      {live.value === null ? <Shortcuts /> : null}
      <Notice />
    </div>
  )
}

// Tabs are walked through by arrows: WAI-ARIA, "Tabs pattern".
function turn(event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  const views = shownViews()
  const place = views.findIndex(({ name }) => name === view.value)
  const next = views[(place + step + views.length) % views.length]
  if (next === undefined) return
  view.value = next.name
  document.getElementById(`tab-${next.name}`)?.focus()
}

function Notice() {
  return (
    <div class={notice.value === '' ? 'notice gone' : 'notice'} role="status" aria-live="polite">
      <span>{notice.value}</span>
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => {
          notice.value = ''
        }}
      >
        ×
      </button>
    </div>
  )
}
