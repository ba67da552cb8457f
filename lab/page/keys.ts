// What keys do, as a table: none of it while one types, and none that a reader of screens has for itself (those are letters with its own
// modifiers, the tabulator, and arrows inside lists, which stay what they are there).

/** Something that a key does. */
export interface KeyAction {
  /** As keyOf names it. */
  readonly key: string
  readonly group: 'Time' | 'Packets' | 'Network' | 'Page'
  readonly text: string
  readonly run: () => void
}

interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** "space", "Shift+ArrowRight", "Ctrl+z", "?": a key by what it writes; Cmd is Ctrl; '' with Alt, which is the browser's. */
export function keyOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Press): string {
  if (altKey) return ''
  const name = key === ' ' ? 'space' : key.length === 1 && (ctrlKey || metaKey) ? key.toLowerCase() : key
  // What a letter is with the shift key is said by the letter itself.
  const shift = shiftKey && (key.length > 1 || ctrlKey || metaKey) ? 'Shift+' : ''
  return `${ctrlKey || metaKey ? 'Ctrl+' : ''}${shift}${name}`
}

/** Where letters are written: there keys do what they always do. */
const TYPING =
  'input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=file]), textarea, select, [contenteditable=true]'
/** What takes arrows, Home and Space for itself. */
const OWN_KEYS =
  'input, select, [role=listbox], [role=tablist], [role=region], [role=separator], [role=grid], .node, .link, .layers, .ladder'
const PRESSED = 'button, summary, a, [role=button], [role=tab], [role=option]'

/** Whether a key that was pressed at an element is the page's. */
export function isForPage(key: string, at: { closest(selector: string): unknown } | null): boolean {
  if (key === '' || at === null) return key !== ''
  if (at.closest(TYPING) !== null || at.closest('dialog') !== null) return false
  if (key === 'space' || key === 'Enter') return at.closest(PRESSED) === null && at.closest(OWN_KEYS) === null
  if (/Arrow|^Home$|^Delete$|^Backspace$/.test(key)) return at.closest(OWN_KEYS) === null
  return true
}

/** How a key is shown: "⇧ →", "Ctrl Z". */
export function keyText(key: string): string {
  const signs: Readonly<Record<string, string>> = {
    ArrowRight: '→',
    ArrowLeft: '←',
    'Shift+ArrowRight': '⇧ →',
    Escape: 'Esc',
  }
  return signs[key] ?? key.replace('Ctrl+Shift+z', 'Ctrl ⇧ Z').replace('Ctrl+z', 'Ctrl Z')
}
