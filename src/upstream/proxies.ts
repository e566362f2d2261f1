/** Environment variables, by name. */
type Environment = Readonly<Record<string, string | undefined>>

/** Where the runtime's own client looks for a proxy, by scheme (measured on Bun 1.4.5; `ALL_PROXY` counts too). */
const PROXY_NAMES: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
}

/**
 * Whether requests to the origin may have to go through a proxy. Only a plain "no" matters here: a direct connection is opened only where none
 * can be meant. Whatever is unclear (`NO_PROXY` with ports, networks in CIDR form) is left to the runtime's client, which decides by itself.
 */
export function mayBeProxied(origin: URL, env: Environment): boolean {
  const names = PROXY_NAMES[origin.protocol] ?? []
  if (!names.some(name => (env[name] ?? '') !== '')) return false
  const host = bare(origin.hostname)
  return !excluded(env).some(name => name === '*' || host === name || host.endsWith(`.${name}`))
}

/** The hosts `NO_PROXY` names, without a leading `.` or `*.`. The lower-case spelling wins unless it is empty. */
function excluded(env: Environment): readonly string[] {
  const lower = env['no_proxy'] ?? ''
  const all = lower === '' ? (env['NO_PROXY'] ?? '') : lower
  return all
    .split(',')
    .map(name => bare(name.trim().toLowerCase()).replace(/^\*?\./, ''))
    .filter(name => name !== '')
}

/** An IPv6 address without its brackets. */
function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}
