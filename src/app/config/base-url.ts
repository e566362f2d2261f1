/** A base URL ready for use, or why it is refused. */
export type BaseUrlCheck =
  | {
      readonly ok: true
      readonly url: string
      readonly origin: string
      readonly path: string
      readonly loopback: boolean
    }
  | { readonly ok: false; readonly reason: string; readonly expected: string; readonly fix?: string }

/** What a base URL must be, for messages. */
const EXPECTED = 'a URL such as https://api.example.com/v1'

/**
 * Checks a base URL: http or https, no user info, no query; plain http only to this machine unless `allowHttp`; never an address at which
 * clouds hand out credentials of the machine. Gives it without slashes at the end. No name is looked up.
 */
export function checkBaseUrl(text: string, allowHttp: boolean): BaseUrlCheck {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return refused('is not a URL', EXPECTED)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refused(`begins with ${url.protocol}`, 'a URL that begins with https:// or http://')
  if (url.username !== '' || url.password !== '')
    return refused('holds a user name or password', 'a URL without user:password@', 'Write the key as apiKey.')
  if (url.search !== '' || url.hash !== '' || text.includes('?'))
    return refused(
      'holds a query or fragment',
      'a URL without ? and #',
      'Candor appends the path of the call: leave the rest out.',
    )
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isMetadataAddress(host))
    return refused('points at a link-local or cloud metadata address', 'the address of a model provider')
  const loopback = isLoopback(host)
  if (url.protocol === 'http:' && !loopback && !allowHttp)
    return refused(
      'sends the key in plain text over a network',
      'https://, or http:// to this machine',
      'Use https://, or set allowHttp: true on this provider if the network between is yours.',
    )
  const path = url.pathname.replace(/\/+$/, '')
  return { ok: true, url: url.origin + path, origin: url.origin, path, loopback }
}

function refused(reason: string, expected: string, fix?: string): BaseUrlCheck {
  return { ok: false, reason, expected, ...(fix === undefined ? {} : { fix }) }
}

/** 127.0.0.0/8, ::1 and `localhost`. Hosts come from `URL`, which has brought every spelling of an address to one form. */
export function isLoopback(host: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(host) || host === '::1' || host === 'localhost' || host.endsWith('.localhost')
}

/**
 * Link-local addresses (AWS, Azure, GCP, OpenStack and ECS metadata live in 169.254.0.0/16; AWS also at fd00:ec2::254), Alibaba's
 * 100.100.100.200, and Google's name for its own. Source: the clouds' own documentation of their metadata services.
 */
function isMetadataAddress(host: string): boolean {
  const v4 = embeddedV4(host) ?? host
  return (
    v4.startsWith('169.254.') ||
    v4 === '100.100.100.200' ||
    /^fe[89ab][0-9a-f]:/.test(host) ||
    host === 'fd00:ec2::254' ||
    host === 'metadata' ||
    host.replace(/\.$/, '') === 'metadata.google.internal'
  )
}

/** The IPv4 address inside an IPv4-mapped (`::ffff:`) or NAT64 (`64:ff9b::`) one. */
function embeddedV4(host: string): string | undefined {
  const words = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host)
  if (words === null) return undefined
  const [high, low] = [Number.parseInt(words[1] ?? '', 16), Number.parseInt(words[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
