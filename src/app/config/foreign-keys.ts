/** Advice for a key that people bring along from another program's configuration. */
interface ForeignKey {
  readonly key: string
  /** The object it stands in: `*` is any one step. */
  readonly under: string
  readonly fix: string
}

const MODEL = 'models.providers.*.models.*'
const PROVIDER = 'models.providers.*'
const OPENCLAW_SECTION = 'That section is for OpenClaw itself; Candor has no use for it: remove it.'

/**
 * OpenClaw's keys, since its `models.providers` is where Candor's takes its shape from. Source: OpenClaw's documentation of
 * `models.providers` (docs/gateway/configuration).
 */
const FOREIGN_KEYS: readonly ForeignKey[] = [
  {
    key: 'cost',
    under: MODEL,
    fix: 'Candor calls it price: { input, output, cacheRead, cacheWrite }, in dollars per million tokens.',
  },
  { key: 'maxTokens', under: MODEL, fix: 'Candor calls it maxOutputTokens.' },
  { key: 'contextTokens', under: MODEL, fix: 'Candor calls it contextWindow.' },
  { key: 'compat', under: MODEL, fix: 'The catalogue knows what each provider needs: remove it.' },
  {
    key: 'api',
    under: MODEL,
    fix: 'A protocol belongs to a provider: set api there, or make a second provider for this model.',
  },
  { key: 'params', under: MODEL, fix: "Candor sends the client's own parameters: remove it." },
  { key: 'authHeader', under: PROVIDER, fix: 'Candor sends the key the way the protocol demands: remove it.' },
  { key: 'auth', under: PROVIDER, fix: 'Candor sends the key the way the protocol demands: remove it.' },
  { key: 'request', under: PROVIDER, fix: 'Set headers directly, and time limits as timeouts.' },
  { key: 'mode', under: 'models', fix: 'Candor always merges your entries with its catalogue: remove it.' },
  { key: 'pricing', under: 'models', fix: 'Set price on the model.' },
  { key: 'bind', under: 'gateway', fix: 'Candor calls it host: an address such as "127.0.0.1".' },
  { key: 'auth', under: 'gateway', fix: 'Candor calls it keys: a list of its own keys.' },
  { key: 'mode', under: 'gateway', fix: 'Candor has one mode: remove it.' },
  ...[
    'agents',
    'auth',
    'bindings',
    'browser',
    'channels',
    'commands',
    'cron',
    'env',
    'hooks',
    'logging',
    'mcp',
    'messages',
  ].map(section),
  ...['meta', 'plugins', 'secrets', 'session', 'skills', 'tools', 'ui', 'update', 'wizard'].map(section),
]

function section(key: string): ForeignKey {
  return { key, under: '', fix: OPENCLAW_SECTION }
}

/** Advice for a key at that place, if it is a known one. */
export function foreignKeyFix(parent: readonly (string | number)[], key: string): string | undefined {
  return FOREIGN_KEYS.find(known => known.key === key && fits(known.under, parent))?.fix
}

function fits(pattern: string, path: readonly (string | number)[]): boolean {
  const steps = pattern === '' ? [] : pattern.split('.')
  return steps.length === path.length && steps.every((step, i) => step === '*' || step === path[i])
}
