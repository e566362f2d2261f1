import { type Problem, problem } from '../canon/problem.ts'

/** Who may speak to the gateway from a browser's point of view: exact `Host` values, lower case, with their port. */
export interface HostList {
  readonly hosts: ReadonlySet<string>
}

/**
 * The `Host` values that mean this gateway. Exact, never by prefix or suffix: `127.evil.example` and `x.local` are somebody else's names, and a
 * web page can make a browser send them here.
 */
export function hostList(bound: { readonly host: string; readonly port: number }, extra: readonly string[]): HostList {
  const names = ['localhost', '127.0.0.1', '[::1]']
  if (bound.host !== '0.0.0.0' && bound.host !== '::')
    names.push(bound.host.includes(':') ? `[${bound.host}]` : bound.host)
  const hosts = new Set(names.map(name => `${name.toLowerCase()}:${bound.port}`))
  if (bound.port === 80) for (const name of names) hosts.add(name.toLowerCase())
  for (const name of extra) {
    const lower = name.toLowerCase()
    hosts.add(lower)
    if (!/:\d+$/.test(lower)) hosts.add(`${lower}:${bound.port}`)
  }
  return { hosts }
}

/**
 * Refuses a request with a foreign `Host`, a foreign `Origin`, or one a browser marks as coming from another site. `linkable`: a link on another site
 * may lead a browser there, as a page of its own (w3.org/TR/fetch-metadata).
 */
export function guard(headers: Headers, list: HostList, linkable: boolean): Problem | undefined {
  const host = headers.get('host')
  if (host === null || !list.hosts.has(host.toLowerCase())) {
    return problem(
      'forbidden',
      `The Host header ${host === null ? 'is missing' : `"${printable(host)}" is not one of this gateway's names`}.`,
      {
        why: 'Web pages can point foreign names at a local address (DNS rebinding), so only known names are served.',
        fix: ['Call the gateway by the address it printed at its start.', 'Or add the name to gateway.allowedHosts.'],
      },
    )
  }
  const origin = headers.get('origin')
  const foreign = origin !== null && !isOwn(origin, list)
  const site = headers.get('sec-fetch-site')
  const isFromElsewhere = site === 'cross-site' || (site === 'same-site' && origin === null)
  if (!foreign && (!isFromElsewhere || (linkable && isForAPage(headers)))) return undefined
  return problem(
    'forbidden',
    `A web page of another origin${origin === null ? '' : ` ("${printable(origin)}")`} may not call this gateway.`,
    {
      why: 'It would spend your keys without your knowledge. No CORS headers are ever sent.',
      fix: ['Call the gateway from a program instead of a web page.'],
    },
  )
}

function isForAPage(headers: Headers): boolean {
  return headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document'
}

function isOwn(origin: string, list: HostList): boolean {
  const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())
  return match?.[1] !== undefined && list.hosts.has(match[1])
}

function printable(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?')
}
