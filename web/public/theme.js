// Sets the theme before the first paint, so that the dark theme does not flash white.
(() => {
  const chosen = localStorage.getItem('chengyun.theme') || 'light'
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
})()
