import { useState } from 'preact/hooks'
import { act, type Frame, now } from '../state/store.ts'

/** What can be done to one frame by hand. */
export function FrameHands({ frame, done }: { frame: Frame; done?: () => void }) {
  const [delay, setDelay] = useState('50')
  const [octet, setOctet] = useState(String(frame.length - 1))
  const { number, length } = frame
  const open = frame.arrivedAt > now.value && frame.lostAt > now.value
  const wait = Number(delay)
  const place = Number(octet)
  const isWait = delay !== '' && wait > 0 && wait < 1e9
  const isPlace = octet !== '' && Number.isInteger(place) && place >= 0 && place < length
  const handle = (one: Parameters<typeof act>[0]) => {
    act(one)
    done?.()
  }
  return (
    <div class="hands" role="group" aria-label={`Packet ${number} by hand`}>
      <button type="button" onClick={() => handle({ frame: number, drop: true })}>
        Drop
      </button>
      <button type="button" onClick={() => handle({ frame: number, duplicate: 1 })}>
        Double
      </button>
      <span class="hand">
        <button type="button" disabled={!isWait} onClick={() => handle({ frame: number, delay: wait })}>
          Hold back
        </button>
        <label>
          <span class="hidden">Milliseconds to hold it back</span>
          <input
            type="number"
            min="0"
            value={delay}
            aria-invalid={!isWait}
            onInput={(event) => setDelay(event.currentTarget.value)}
          />{' '}
          ms
        </label>
      </span>
      <span class="hand">
        <button type="button" disabled={!isPlace} onClick={() => handle({ frame: number, flip: [place * 8 + 5] })}>
          Damage
        </button>
        <label>
          octet{' '}
          <input
            type="number"
            min="0"
            max={length - 1}
            value={octet}
            aria-invalid={!isPlace}
            onInput={(event) => setOctet(event.currentTarget.value)}
          />
        </label>
      </span>
      {open ? null : <small>It is over: the run is done again up to now, with this in it.</small>}
    </div>
  )
}
