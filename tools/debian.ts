import { spawnSync } from 'node:child_process'

/** Makes sure that Debian's packages are installed; as root it installs what is missing. `program` is looked for on the PATH. */
export function ensureDebian(wanted: readonly { readonly program: string; readonly package: string }[]): void {
  const missing = wanted.filter(each => spawnSync('which', [each.program]).status !== 0).map(each => each.package)
  if (missing.length === 0) return
  console.error(`Installing ${missing.join(', ')} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
  const done = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  })
  if (done.status !== 0) throw new Error(`Could not install ${missing.join(', ')}: install them by hand.`)
}
