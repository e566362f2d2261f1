import { existsSync } from 'node:fs'
import type { Environment } from '../config/paths.ts'
import type { Check, Found } from './check.ts'

/** Variables of the environment that change where bytes go, or who can read them. */
export const environmentCheck: Check = {
  id: 'environment',
  about: 'proxies, certificates and names in the environment',
  async run({ env }, tell) {
    const found = [...proxies(env), ...certificates(env), ...names(env), ...runtimeOptions(env)]
    for (const each of found) tell(each)
    if (found.length === 0)
      tell({ id: 'environment', severity: 'ok', message: 'No proxy and nothing that weakens TLS is set.' })
  },
}

const isThere = (value: string | undefined): value is string => value !== undefined && value !== ''

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']

/** The value is not shown: it may hold a password. */
function proxies(env: Environment): readonly Found[] {
  return PROXIES.flatMap((name): Found[] => {
    const value = env[name]
    if (!isThere(value)) return []
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
      return [
        {
          id: 'environment.proxy',
          severity: 'error',
          message: `${name} is set, and is no address of an HTTP proxy: calls that would go through it fail.`,
          fixHint: `Write it as ${name}=http://host:3128, or unset it.`,
        },
      ]
    const message = `${name} is set: calls to providers go through that proxy. It must not hold streams back.`
    return [{ id: 'environment.proxy', severity: 'info', message }]
  })
}

function certificates(env: Environment): readonly Found[] {
  const found: Found[] = []
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    found.push({
      id: 'environment.tls',
      severity: 'error',
      message:
        'NODE_TLS_REJECT_UNAUTHORIZED is 0: certificates are not checked, and anybody on the way can read your keys.',
      fixHint: 'Unset it. For a certificate of your own: NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    })
  const extra = env['NODE_EXTRA_CA_CERTS']
  if (isThere(extra) && !existsSync(extra))
    found.push({
      id: 'environment.tls',
      severity: 'warning',
      message: `NODE_EXTRA_CA_CERTS names ${extra}, which is not there: a certificate of your own is not known.`,
      path: extra,
      fixHint: 'Name the file in PEM form that holds it, or unset NODE_EXTRA_CA_CERTS.',
    })
  return found
}

/** man7.org, hostname(7) and resolver(3): names can mean another machine, or are looked up in another way. */
function names(env: Environment): readonly Found[] {
  return ['HOSTALIASES', 'LOCALDOMAIN', 'RES_OPTIONS'].flatMap((name): Found[] =>
    isThere(env[name])
      ? [
          {
            id: 'environment.dns',
            severity: 'warning',
            message: `${name} is set: it changes what the names of providers lead to.`,
            fixHint: `Unset ${name} if you did not mean it.`,
          },
        ]
      : [],
  )
}

const OPTIONS: readonly (readonly [string, string])[] = [
  ['SSLKEYLOGFILE', 'whoever reads that file can read your calls'],
  ['BUN_OPTIONS', 'it can change what the runtime does'],
  ['NODE_OPTIONS', 'it can change what the runtime does'],
]

function runtimeOptions(env: Environment): readonly Found[] {
  return OPTIONS.flatMap(([name, effect]): Found[] =>
    isThere(env[name])
      ? [
          {
            id: 'environment.runtime',
            severity: 'warning',
            message: `${name} is set: ${effect}.`,
            fixHint: `Unset ${name} if you did not mean it.`,
          },
        ]
      : [],
  )
}
