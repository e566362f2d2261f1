/** A path as people write it: `~` for the home folder. */
export function shortPath(path: string, home: string): string {
  if (home === '' || home === '/') return path
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
