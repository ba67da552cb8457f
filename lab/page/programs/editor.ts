// CodeMirror, as the lab has it: TypeScript, and the line at which a program went wrong.

import { javascript } from '@codemirror/lang-javascript'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { setDiagnostics } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup } from 'codemirror'

// The page's own colours: they are those of its light or its dark scheme.
const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--faint)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--arp)' },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], color: 'var(--icmp)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--udp)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'var(--tcp)' },
  { tag: tags.invalid, color: 'var(--lost)' },
])

const THEME = EditorView.theme({
  '&': { background: 'var(--panel)', color: 'var(--ink)' },
  '.cm-content': { caretColor: 'var(--ink)', fontFamily: 'var(--mono)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { background: 'var(--paper)', borderRight: '1px solid var(--line)', color: 'var(--faint)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--brass-soft) !important' },
  '.cm-activeLine': { background: 'color-mix(in srgb, var(--related) 60%, transparent)' },
  '.cm-activeLineGutter': { background: 'var(--related)', color: 'var(--ink)' },
  '.cm-selectionMatch': { background: 'var(--chosen)' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--chosen)', color: 'var(--ink)' },
  '.cm-panels, .cm-tooltip': { background: 'var(--panel)', border: '1px solid var(--line)', color: 'var(--ink)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--brass)', color: 'var(--on-brass)' },
  '.cm-foldPlaceholder': { background: 'var(--paper)', border: '1px solid var(--line)', color: 'var(--faint)' },
})

/** An editor in `parent`. `run` is called when its text is to be run. */
export function makeEditor(parent: HTMLElement, text: string, run: () => void) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            {
              key: 'Mod-Enter',
              run: () => {
                run()
                return true
              },
            },
          ]),
        ),
        THEME,
        syntaxHighlighting(COLOURS),
        basicSetup,
        javascript({ typescript: true }),
        EditorView.contentAttributes.of({ 'aria-label': 'Program' }),
      ],
    }),
  })
  let marked = ''
  // What goes wrong at an empty line, as the end of the program may be, is marked where there is something to mark.
  const lineWithText = (line: number) => {
    let found = view.state.doc.line(line)
    while (found.length === 0 && found.number > 1) found = view.state.doc.line(found.number - 1)
    return found
  }
  return {
    text: () => view.state.doc.toString(),
    mark(line: number, message: string) {
      const key = `${line} ${message}`
      if (key === marked || line > view.state.doc.lines) return
      marked = key
      const found = line > 0 ? lineWithText(line) : null
      const diagnostics =
        found === null ? [] : [{ from: found.from, to: found.to, severity: 'error' as const, message }]
      view.dispatch(setDiagnostics(view.state, diagnostics))
    },
    /** Another text in place of this one, which the editor's own undo brings back. */
    replace(next: string) {
      const { doc } = view.state
      if (doc.toString() !== next) view.dispatch({ changes: { from: 0, to: doc.length, insert: next } })
    },
    close: () => view.destroy(),
  }
}
