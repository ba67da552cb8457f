import { welcome } from '../../lessons/welcome.ts'
import { scenario } from '../state/store.ts'
import { reached, showLessons } from './lesson-course.ts'
import './invitation.css'

/** Whoever is here for the first time is asked to the lessons. */
export function Invitation() {
  if (scenario.value.name !== welcome.name || Object.keys(reached.value).length > 0) return null
  return (
    <div class="invitation">
      <h2>New here?</h2>
      <p>
        Thirteen short lessons show what sockets and TCP do: you drop packets, cut cables, change programs, and see.
      </p>
      <button type="button" class="primary" onClick={() => void showLessons()}>
        See the lessons
      </button>
    </div>
  )
}
