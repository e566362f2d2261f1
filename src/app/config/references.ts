import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { errorCode } from '../../base/error-code.ts'
import type { Secret } from '../../base/secret.ts'
import type { Config } from './config.ts'
import { GATEWAY_KEY } from './meaning.ts'
import type { Environment } from './paths.ts'
import { runProgram } from './run-program.ts'
import { asSecret, type SecretResult, type SecretShape, type SecretSource } from './secret-source.ts'
import { expand, filled } from './template.ts'

/** Largest file a secret is read from, in bytes. */
const SECRET_FILE_BYTES_MAX = 65_536

/** What references are resolved with. */
export interface ReferenceInputs {
  readonly env: Environment
  readonly clock: Clock
}

/** Gets a secret from where it is. Never rejects; the reason never holds the secret. */
export async function resolveSecret(
  source: SecretSource,
  inputs: ReferenceInputs,
  shape?: SecretShape,
): Promise<SecretResult> {
  if (source.from === 'text') return source.fill(inputs.env, shape)
  if (source.from === 'file') return fromFile(source.file, inputs.env, shape)
  const env: Record<string, string> = {}
  for (const name of ['PATH', 'HOME', ...source.env]) {
    const value = filled(inputs.env, name)
    if (value !== undefined) env[name] = value
  }
  const run = await runProgram({ argv: source.exec, env, clock: inputs.clock })
  if (!run.ok) return run
  return asSecret(run.stdout.split('\n')[0] ?? '', `what ${source.exec[0]} printed`, shape)
}

async function fromFile(template: string, env: Environment, shape: SecretShape | undefined): Promise<SecretResult> {
  const path = expand(template, env)
  if (!path.ok) return path
  const file = path.text
  if (!isAbsolute(file)) return { ok: false, reason: `the path "${file}" is not absolute` }
  try {
    // Opening a pipe without this flag would wait for somebody to write to it.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await handle.stat()).isFile()) return { ok: false, reason: `${file} is not a file` }
      const bytes = Buffer.alloc(SECRET_FILE_BYTES_MAX + 1)
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
      if (bytesRead > SECRET_FILE_BYTES_MAX)
        return { ok: false, reason: `${file} is larger than ${SECRET_FILE_BYTES_MAX} bytes` }
      return asSecret(bytes.toString('utf8', 0, bytesRead), `what ${file} holds`, shape)
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = errorCode(error)
    return { ok: false, reason: `${file} cannot be read (${code === 'ENOENT' ? 'no such file' : code})` }
  }
}

/** The gateway's own keys, or why one is missing. A key that cannot be had is never passed over: without it the door might stand open. */
export async function resolveGatewayKeys(
  config: Config,
  inputs: ReferenceInputs,
): Promise<{ readonly keys: readonly Secret[]; readonly missing: readonly string[] }> {
  const results = await Promise.all(config.gateway.keys.map(source => resolveSecret(source, inputs, GATEWAY_KEY)))
  const keys: Secret[] = []
  const missing: string[] = []
  results.forEach((result, i) => {
    if (result.ok) keys.push(result.secret)
    else missing.push(`gateway.keys[${i}]: ${result.reason}`)
  })
  return { keys, missing }
}

/** Headers for the collector of traces. Without one the collector may refuse what it is sent, and calls go on. */
export async function resolveCollectorHeaders(
  config: Config,
  inputs: ReferenceInputs,
): Promise<{ readonly headers: Readonly<Record<string, Secret>>; readonly missing: readonly string[] }> {
  const headers: Record<string, Secret> = {}
  const missing: string[] = []
  for (const [name, source] of Object.entries(config.telemetry.otlp?.headers ?? {})) {
    const result = await resolveSecret(source, inputs)
    if (result.ok) headers[name.toLowerCase()] = result.secret
    else missing.push(`telemetry.otlp.headers.${name}: ${result.reason}`)
  }
  return { headers, missing }
}
