import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { LessonTask } from '../../lessons/lesson.ts'
import {
  beginAgain,
  done,
  examples,
  guess,
  guesses,
  leaveLessons,
  lesson,
  lessons,
  nextLesson,
  openEmpty,
  openExample,
  openLesson,
  reached,
  shown,
  takeOffer,
} from './lesson-course.ts'
import { LessonText } from './lesson-text.tsx'
import './lesson-panel.css'

/** Where the panel is a drawer: whether only its head is to be seen. */
const folded = signal(false)

/** The lessons, and the one that is open: beside the network, which it does not cover. */
export function LessonPanel() {
  const panel = useRef<HTMLElement>(null)
  // What is told of a task stands where one reads on.
  useEffect(() => {
    const latest = panel.current?.querySelector<HTMLElement>('.task.latest')
    const header = panel.current?.querySelector('header')?.offsetHeight ?? 0
    if (latest) panel.current?.scrollTo(0, latest.offsetTop - header)
  }, [done.value])
  // What one has pressed is gone then: who goes on by keys goes on here.
  useEffect(() => {
    panel.current?.scrollTo(0, 0)
    panel.current?.focus({ preventScroll: true })
  }, [lesson.value, shown.value])
  return (
    <aside
      class={folded.value ? 'panel lesson-panel folded' : 'panel lesson-panel'}
      aria-label="Lessons"
      ref={panel}
      tabIndex={0}
    >
      {shown.value === 'list' ? <List /> : <OpenLesson />}
    </aside>
  )
}

function List() {
  return (
    <>
      <header>
        <h2>Lessons</h2>
        <HeadButtons />
      </header>
      <p class="about">
        Each is a small network and a question that you answer by doing something to it. What you see is the stack
        itself, not a film of it.
      </p>
      <ol class="lesson-list">
        {lessons.value.map((one, i) => {
          const tasks = reached.value[one.id] ?? 0
          const finished = tasks >= one.tasks.length
          return (
            <li key={one.id}>
              <button type="button" aria-current={lesson.value === one} onClick={() => openLesson(one)}>
                <span class="place">{i + 1}</span>
                <span class="name">{one.title}</span>
                <span class={finished ? 'progress finished' : 'progress'}>
                  {finished ? '✓ done' : tasks > 0 ? `${tasks} of ${one.tasks.length}` : ''}
                </span>
              </button>
            </li>
          )
        })}
      </ol>
      <h3>Networks to start from</h3>
      <ul class="lesson-list">
        {examples.value.map((example) => (
          <li key={example.title}>
            <button type="button" onClick={() => openExample(example)}>
              <span class="name">{example.title}</span>
            </button>
          </li>
        ))}
        <li>
          <button type="button" onClick={openEmpty}>
            <span class="name">An empty one</span>
          </button>
        </li>
      </ul>
    </>
  )
}

function HeadButtons() {
  return (
    <>
      <button
        type="button"
        class="fold"
        aria-expanded={!folded.value}
        onClick={() => {
          folded.value = !folded.value
        }}
      >
        {folded.value ? 'Unfold' : 'Fold'}
      </button>
      <button type="button" class="close" title="Leave the lessons: the network stays" onClick={leaveLessons}>
        Free network
      </button>
    </>
  )
}

function OpenLesson() {
  const { value } = lesson
  if (value === null) return null
  const { title, about, tasks } = value
  const finished = done.value >= tasks.length
  return (
    <>
      <header>
        <button
          type="button"
          onClick={() => {
            shown.value = 'list'
          }}
        >
          ‹ Lessons
        </button>
        <span class="space" />
        <button type="button" title="The network as it was at first" onClick={beginAgain}>
          Begin again
        </button>
        <HeadButtons />
      </header>
      <h2>
        <small>Lesson {lessons.value.indexOf(value) + 1}</small>
        {title}
      </h2>
      <div class="about">
        <LessonText text={about} />
      </div>
      <ol class="tasks">
        {tasks.slice(0, done.value + 1).map((task, i) => (
          <Task key={`${value.id} ${i}`} task={task} place={i} of={tasks.length} />
        ))}
      </ol>
      {finished ? <Finished /> : null}
      <p class="hidden" role="status" aria-live="polite">
        {done.value === 0
          ? ''
          : `Task ${done.value} of ${tasks.length} is done. ${finished ? 'The lesson is finished.' : ''}`}
      </p>
    </>
  )
}

function Task({ task, place, of }: { task: LessonTask; place: number; of: number }) {
  const isDone = place < done.value
  return (
    <li
      class={isDone ? (place === done.value - 1 ? 'task done latest' : 'task done') : 'task current'}
      aria-current={isDone ? undefined : 'step'}
    >
      <h3>
        {isDone ? <span class="tick">✓</span> : null} Task {place + 1} <small>of {of}</small>
      </h3>
      {isDone ? (
        <details>
          <summary>What it was</summary>
          <LessonText text={task.ask} />
        </details>
      ) : (
        <LessonText text={task.ask} />
      )}
      {task.guess === undefined ? null : <Guess task={task} place={place} isDone={isDone} />}
      {isDone ? (
        <div class="told">
          <LessonText text={task.told} />
        </div>
      ) : (
        <>
          {task.offer === undefined ? null : (
            <p>
              <button type="button" class="primary" onClick={() => takeOffer(place)}>
                {task.offer.label}
              </button>
            </p>
          )}
          <details class="hint-text">
            <summary>Hint</summary>
            <LessonText text={task.hint} />
          </details>
        </>
      )}
    </li>
  )
}

function Guess({ task, place, isDone }: { task: LessonTask; place: number; isDone: boolean }) {
  const { guess: asked } = task
  const chosen = guesses.value[place]
  if (asked === undefined) return null
  if (isDone) {
    if (chosen === undefined) return null
    return (
      <p class="outcome">
        {chosen === asked.right
          ? `You guessed it: ${asked.choices[asked.right]}.`
          : `You guessed “${asked.choices[chosen]}”. What was seen: ${asked.choices[asked.right]}.`}
      </p>
    )
  }
  return (
    <fieldset class="guess">
      <legend>First a guess: {asked.ask}</legend>
      {asked.choices.map((choice, i) => (
        <label key={choice}>
          <input type="radio" name={`guess-${place}`} checked={chosen === i} onChange={() => guess(place, i)} />{' '}
          {choice}
        </label>
      ))}
    </fieldset>
  )
}

function Finished() {
  const next = nextLesson()
  return (
    <div class="finished">
      <p>That was this lesson. The network is yours: try what else it does.</p>
      {next === null ? null : (
        <button type="button" class="primary" onClick={() => openLesson(next)}>
          Next: {next.title}
        </button>
      )}
    </div>
  )
}
