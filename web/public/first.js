// Runs before the first paint, while the program itself is still on its way.
(() => {
  // The theme now, so that the dark one does not flash white.
  const chosen = localStorage.getItem('chengyun.theme') || 'light'
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
  // Who we are is asked meanwhile; the program takes this answer (src/api/begun.ts).
  const session = fetch('/api/v1/session')
  session.catch(() => undefined)
  window.chengyunBegun = { '/api/v1/session': session }
})()
