// CodeMirror, as the lab has it: TypeScript, and the line at which a program went wrong.

import { javascript } from '@codemirror/lang-javascript'
import { setDiagnostics } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'

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
        basicSetup,
        javascript({ typescript: true }),
        EditorView.contentAttributes.of({ 'aria-label': 'Program' }),
      ],
    }),
  })
  let marked = ''
  return {
    text: () => view.state.doc.toString(),
    mark(line: number, message: string) {
      const key = `${line} ${message}`
      if (key === marked || line > view.state.doc.lines) return
      marked = key
      const found = line > 0 ? view.state.doc.line(line) : null
      const diagnostics =
        found === null ? [] : [{ from: found.from, to: found.to, severity: 'error' as const, message }]
      view.dispatch(setDiagnostics(view.state, diagnostics))
    },
    close: () => view.destroy(),
  }
}
