import { parseJson } from '../base/json.ts'
import { asObject, asString, type JsonObject } from '../base/json-value.ts'
import { quoteText } from '../base/redact.ts'
import { type Problem, problem } from '../canon/problem.ts'

/** How bad a finding is, best first. Only `error` makes `candor doctor` exit with 1. */
export const SEVERITIES = ['ok', 'info', 'warning', 'error'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What a check found. */
export interface Finding {
  /** `ledger.damaged`, `provider.moonshot.probe.invalid_key`. */
  readonly id: string
  readonly severity: Severity
  readonly message: string
  /** The file it is about. */
  readonly path?: string
  readonly line?: number
  readonly column?: number
  /** What to do about it, in words; a command stands behind `Run: `. */
  readonly fixHint?: string
}

/** A finding, and the check that made it. */
export interface CheckedFinding extends Finding {
  /** The id of the check: `ledger`. */
  readonly check: string
  /** When a provider was asked for it, milliseconds since 1970. Absent: it holds now. */
  readonly askedAt?: number
}

/** A check, for people. */
export interface CheckView {
  readonly id: string
  /** What it looks at, as a phrase. */
  readonly about: string
}

/** A run in which providers are asked, or were. */
export interface ProbeView {
  readonly state: 'running' | 'done'
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt?: number
  /** The one provider that is asked; absent: every one that can be used. */
  readonly provider?: string
  /** While it runs: the model that is asked at this moment. */
  readonly asking?: string
  /** So far; where one provider is asked, also what others answered before. */
  readonly findings: readonly CheckedFinding[]
}

/** The answer to `GET /candor/doctor`: what can be told without asking anybody, and what the last probe found. */
export interface DoctorView {
  /** When it was looked at, milliseconds since 1970. */
  readonly at: number
  /** What was looked at. */
  readonly checks: readonly CheckView[]
  readonly findings: readonly CheckedFinding[]
  /** Providers that can be asked. */
  readonly providers: readonly { readonly id: string; readonly name: string }[]
  /** The last probe of this process; absent: there was none. */
  readonly probe?: ProbeView
}

/** Whom to ask. Absent: every provider that can be used. */
export interface ProbeQuestion {
  readonly provider?: string
}

const FINDING_SCHEMA: JsonObject = {
  type: 'object',
  required: ['check', 'id', 'severity', 'message'],
  properties: {
    check: { type: 'string' },
    askedAt: {
      type: 'number',
      description: 'when a provider was asked for it, milliseconds since 1970; absent: it holds now',
    },
    id: { type: 'string' },
    severity: { enum: [...SEVERITIES] },
    message: { type: 'string' },
    path: { type: 'string' },
    line: { type: 'integer' },
    column: { type: 'integer' },
    fixHint: { type: 'string' },
  },
}

const FINDINGS_SCHEMA: JsonObject = { type: 'array', items: FINDING_SCHEMA }

/** How a {@link ProbeView} looks: JSON Schema. */
export const PROBE_SCHEMA: JsonObject = {
  type: 'object',
  required: ['state', 'startedAt', 'findings'],
  properties: {
    state: { enum: ['running', 'done'] },
    startedAt: { type: 'number', description: 'milliseconds since 1970' },
    endedAt: { type: 'number' },
    provider: { type: 'string', description: 'the one that is asked; absent: all' },
    asking: { type: 'string', description: 'the model that is asked at this moment' },
    findings: FINDINGS_SCHEMA,
  },
}

const named = (...fields: readonly string[]): JsonObject => ({
  type: 'array',
  items: {
    type: 'object',
    required: [...fields],
    properties: Object.fromEntries(fields.map(field => [field, { type: 'string' }])),
  },
})

/** How a {@link DoctorView} looks: JSON Schema. */
export const DOCTOR_SCHEMA: JsonObject = {
  type: 'object',
  required: ['at', 'checks', 'findings', 'providers'],
  properties: {
    at: { type: 'number', description: 'milliseconds since 1970' },
    checks: named('id', 'about'),
    findings: FINDINGS_SCHEMA,
    providers: named('id', 'name'),
    probe: PROBE_SCHEMA,
  },
}

/** How a {@link ProbeQuestion} looks: JSON Schema. */
export const PROBE_QUESTION_SCHEMA: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: { provider: { type: 'string', description: 'ask this one only' } },
}

/** Reads whom to ask. Nothing at all asks everybody. */
export function readProbeQuestion(body: Uint8Array): ProbeQuestion | Problem {
  const text = new TextDecoder().decode(body).trim()
  if (text === '') return {}
  const read = parseJson(text)
  const question = read.ok ? asObject(read.value) : undefined
  if (question === undefined) return refusal('The body is no JSON object.', [])
  const stranger = Object.keys(question).find(name => name !== 'provider')
  if (stranger !== undefined) return refusal(`A probe has no field "${quoteText(stranger, 60)}".`, [stranger])
  if (question['provider'] === undefined) return {}
  const provider = asString(question['provider'])
  return provider === undefined ? refusal('"provider" must be the id of a provider.', ['provider']) : { provider }
}

function refusal(what: string, paths: readonly string[]): Problem {
  return problem('bad_request', what, {
    fix: ['Send {"provider": "<id>"}, or nothing to ask every provider that can be used.'],
    ...(paths.length === 0 ? {} : { paths: paths.map(path => quoteText(path, 60)) }),
  })
}

/** How a finding counts: the worst first. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.length - SEVERITIES.indexOf(severity)
}
