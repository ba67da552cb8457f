import { useEffect, useId, useState } from 'preact/hooks'
import './field.css'

interface FieldOptions {
  readonly label: string
  readonly value: string
  readonly unit?: string
  readonly placeholder?: string
  readonly kind?: 'number' | 'text'
  /** What is wrong with a text; '': nothing. */
  readonly check: (text: string) => string
  readonly take: (text: string) => void
}

/** A value that can be changed: one that cannot be is told of where it stands, and nothing is changed. */
export function Field({ label, value, unit, placeholder, kind = 'text', check, take }: FieldOptions) {
  const id = useId()
  const [text, setText] = useState(value)
  const [wrong, setWrong] = useState('')
  useEffect(() => {
    setText(value)
    setWrong('')
  }, [value])
  return (
    <div class={wrong === '' ? 'value' : 'value wrong'}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode={kind === 'number' ? 'decimal' : 'text'}
        value={text}
        placeholder={placeholder ?? ''}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={wrong !== ''}
        aria-describedby={wrong === '' ? undefined : `${id}-wrong`}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => {
          const given = event.currentTarget.value.trim()
          const found =
            kind === 'number' && Number.isNaN(Number(given)) ? `must be a number, got "${given}"` : check(given)
          setWrong(found)
          if (found === '' && given !== value) take(given)
        }}
      />
      {unit === undefined ? null : <small>{unit}</small>}
      {wrong === '' ? null : (
        <p id={`${id}-wrong`} role="alert">
          {wrong}
        </p>
      )}
    </div>
  )
}
