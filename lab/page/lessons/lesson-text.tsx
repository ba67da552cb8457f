import type { Text } from '../../lessons/lesson.ts'
import { readParagraph } from '../../lessons/text.ts'
import { select } from '../state/store.ts'

/** Paragraphs of a lesson. What they speak of is selected by a press. */
export function LessonText({ text }: { text: Text }) {
  return (
    <>
      {text.map((paragraph) => (
        <p key={paragraph}>
          {readParagraph(paragraph).map((piece, i) => {
            switch (piece.kind) {
              case 'code':
                return <code key={i}>{piece.text}</code>
              case 'emphasis':
                return <em key={i}>{piece.text}</em>
              case 'reference':
                return (
                  <button type="button" class="reference" key={i} onClick={() => select(piece.to)}>
                    {piece.text}
                  </button>
                )
              default:
                return piece.text
            }
          })}
        </p>
      ))}
    </>
  )
}
