/** Shows the view that it stands in on all of the screen: for a slide. */
export function FullScreen() {
  return (
    <button
      type="button"
      onClick={(event) => {
        if (document.fullscreenElement !== null) void document.exitFullscreen()
        else void event.currentTarget.closest('[data-full-screen]')?.requestFullscreen()
      }}
    >
      Full screen
    </button>
  )
}
