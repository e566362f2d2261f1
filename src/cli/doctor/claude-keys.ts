import type { Environment } from '../../app/config/paths.ts'
import type { Found } from '../../app/doctor/check.ts'
import type { JsonValue } from '../../base/json-value.ts'
import { valueAt } from '../clients/file-format.ts'

const API_KEY = 'ANTHROPIC_API_KEY'

/**
 * Claude Code with two credentials: code.claude.com/docs, "Authentication precedence". `ANTHROPIC_API_KEY` may win over the token, or over the helper,
 * that was set for the gateway: the gateway is then shown a key of Anthropic's.
 */
export function keyConflict(settings: JsonValue, env: Environment): Found | undefined {
  const inFile = isThere(valueAt(settings, ['env', API_KEY]))
  const inEnvironment = isThere(env[API_KEY])
  const hasToken =
    isThere(valueAt(settings, ['env', 'ANTHROPIC_AUTH_TOKEN'])) ||
    isThere(valueAt(settings, ['apiKeyHelper'])) ||
    isThere(env['ANTHROPIC_AUTH_TOKEN'])
  if (!hasToken || (!inFile && !inEnvironment)) return undefined
  return {
    id: 'clients.claude.keys',
    severity: 'warning',
    message: `Claude Code points here with a token of its own, and ${API_KEY} is set ${inFile ? 'in its settings' : 'in this environment'} as well: it may send that key to the gateway in place of the token.`,
    fixHint: inFile
      ? `Take ${API_KEY} out of its settings.`
      : `Unset ${API_KEY} where Claude Code starts, or start it with: candor run claude`,
  }
}

function isThere(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value !== ''
}
