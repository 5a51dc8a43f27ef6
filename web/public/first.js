// Runs before the first paint, while the program itself is still on its way.
(() => {
  // The theme now, so that the dark one does not flash white.
  const chosen = localStorage.getItem('chengyun.theme') || 'light'
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
  // Who we are is asked meanwhile; the program takes this answer (src/api/begun.ts).
  const begin = (path) => {
    const answer = fetch(path)
    answer.catch(() => undefined)
    return [path, answer]
  }
  const asked = ['/api/v1/session']
  // The desk of somebody who has been here before needs these two as well, whatever it shows.
  const page = location.pathname === '/' ? localStorage.getItem('chengyun.home') : location.pathname
  if (page === '/cases' && document.cookie.includes('csrftoken=')) asked.push('/api/v1/cases/queues', '/api/v1/workflow')
  window.chengyunBegun = Object.fromEntries(asked.map(begin))
})()
