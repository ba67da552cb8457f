import { signal } from '@preact/signals'
import { Inspector } from './inspector.tsx'
import { LadderView } from './ladder-view.tsx'
import { NetworkView } from './network-view.tsx'
import { OutputView } from './output-view.tsx'
import { PacketList } from './packet-list.tsx'
import { notice } from './store.ts'
import { TimeLine } from './time-line.tsx'
import { TopBar } from './top-bar.tsx'

const VIEWS = ['packets', 'ladder', 'output'] as const
type View = (typeof VIEWS)[number]
const TITLES: Readonly<Record<View, string>> = { packets: 'Packets', ladder: 'Ladder', output: 'Programs and calls' }

const view = signal<View>('packets')

export function App() {
  return (
    <div class="lab">
      <TopBar />
      <main class="floor">
        <section class="panel network" aria-label="Network">
          <NetworkView />
        </section>
        <section class="panel views" aria-label="What happens">
          <div class="tabs" role="tablist" aria-label="Views">
            {VIEWS.map((name) => (
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
                {TITLES[name]}
              </button>
            ))}
          </div>
          <div class="view" id="view" role="tabpanel" aria-labelledby={`tab-${view.value}`}>
            {view.value === 'packets' ? <PacketList /> : view.value === 'ladder' ? <LadderView /> : <OutputView />}
          </div>
        </section>
        <section class="panel inspector" aria-label="What is selected">
          <Inspector />
        </section>
      </main>
      <TimeLine />
      <Notice />
    </div>
  )
}

// Tabs are walked through by arrows: WAI-ARIA, "Tabs pattern".
function turn(event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  const next = VIEWS[(VIEWS.indexOf(view.value) + step + VIEWS.length) % VIEWS.length] as View
  view.value = next
  document.getElementById(`tab-${next}`)?.focus()
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
