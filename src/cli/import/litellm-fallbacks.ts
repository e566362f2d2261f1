import type { Path } from '../../app/config/tree.ts'
import { asArray, asObject, type JsonObject } from '../../base/json-value.ts'
import { shownName } from './found-key.ts'
import { type Harvest, leaveOut } from './harvest.ts'
import type { Group } from './litellm.ts'
import { modelId } from './model-facts.ts'

const SECTIONS = ['router_settings', 'litellm_settings'] as const

/** `fallbacks: [{ a: [b, c] }]` of both sections, with names led to their targets. */
export function readFallbacks(
  harvest: Harvest,
  groups: ReadonlyMap<string, Group>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const section of SECTIONS) {
    const settings = asObject(harvest.document.value[section]) ?? {}
    for (const [i, entry] of asArray(settings['fallbacks']).entries())
      for (const [name, others] of Object.entries(asObject(entry) ?? {})) {
        const path = [section, 'fallbacks', i, name]
        const targets = asArray(others).flatMap(other => targetsOf(harvest, other, groups, path))
        if (!groups.has(name))
          leaveOut(harvest, path, `the fallback of ${shownName(name)}`, 'no such model is carried over')
        else if (targets.length > 0) found.set(name, [...(found.get(name) ?? []), ...targets])
      }
    otherFallbacks(harvest, section, settings)
  }
  return found
}

function targetsOf(
  harvest: Harvest,
  other: unknown,
  groups: ReadonlyMap<string, Group>,
  path: Path,
): readonly string[] {
  const group = groups.get(modelId(other) ?? '')
  if (group !== undefined) return group.targets
  leaveOut(harvest, path, `the fallback ${shownName(String(other))}`, 'no such model is carried over')
  return []
}

function otherFallbacks(harvest: Harvest, section: string, settings: JsonObject): void {
  const reasons: readonly (readonly [string, string])[] = [
    ['context_window_fallbacks', 'Write a route with fallbackOn: ["context_too_long"].'],
    ['content_policy_fallbacks', 'Write a route with fallbackOn: ["content_refused"].'],
    ['default_fallbacks', 'Write a route for each model that may fall back.'],
  ]
  for (const [key, fix] of reasons)
    if (settings[key] !== undefined)
      leaveOut(harvest, [section, key], key, 'Candor falls back only on a route that says on what', fix)
}

/** `model_group_alias: { a: b }`: a further name for the same targets. */
export function readGroupAliases(harvest: Harvest, groups: ReadonlyMap<string, Group>): void {
  for (const section of SECTIONS) {
    const aliases = asObject(asObject(harvest.document.value[section])?.['model_group_alias']) ?? {}
    for (const [alias, value] of Object.entries(aliases)) {
      const path = [section, 'model_group_alias', alias]
      const target = modelId(typeof value === 'string' ? value : asObject(value)?.['model'])
      const group = groups.get(target ?? '')
      const name = modelId(alias)
      if (group === undefined || name === undefined || groups.has(name))
        leaveOut(harvest, path, `the alias ${shownName(alias)}`, 'no such model is carried over')
      else harvest.names.push({ name, targets: group.targets, path })
    }
  }
}
