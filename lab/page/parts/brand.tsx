export function Brand() {
  return (
    <h1>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="3" />
        <circle cx="10" cy="10" r="2" fill="currentColor" />
      </svg>
      Jackfield <span>Lab</span>
    </h1>
  )
}
