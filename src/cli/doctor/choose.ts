import { SEVERITIES, type Severity } from '../../admin/doctor.ts'
import type { Check } from '../../app/doctor/check.ts'
import { nearest } from '../../base/nearest.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, EXIT, type Given } from '../verb.ts'

/** The checks that are wanted: those of `--only`, without those of `--skip`. Throws a usage fault for an id nobody has. */
export function chosenChecks(all: readonly Check[], given: Given): readonly Check[] {
  const only = idsOf(given, 'only', all)
  const skip = idsOf(given, 'skip', all) ?? []
  const chosen = all.filter(({ id }) => (only === undefined || only.includes(id)) && !skip.includes(id))
  if (chosen.length === 0) throw new CliFault(EXIT.usage, 'No check is left: --skip names all of them.')
  return chosen
}

function idsOf(given: Given, option: 'only' | 'skip', all: readonly Check[]): readonly string[] | undefined {
  const text = given.text(option)
  if (text === undefined) return undefined
  const known = all.map(({ id }) => id)
  return text.split(',').map(part => {
    const id = part.trim()
    if (known.includes(id)) return id
    const near = nearest(id.split('.')[0] ?? id, known)
    throw new CliFault(EXIT.usage, `No check is called "${oneLine(id, 60)}".`, {
      fix: [
        ...(near.length === 0 ? [] : [`Did you mean ${near.map(name => `--${option} ${name}`).join(' or ')}?`]),
        `There are: ${known.join(', ')}.`,
      ],
    })
  })
}

/** The least severity that is told. Throws a usage fault for another word. */
export function severityMin(given: Given): Severity {
  const text = given.text('severity-min') ?? 'ok'
  const found = SEVERITIES.find(each => each === text)
  if (found !== undefined) return found
  const near = nearest(text, SEVERITIES, 1).map(each => `Did you mean ${each}?`)
  throw new CliFault(EXIT.usage, `There is no severity "${oneLine(text, 40)}".`, {
    fix: [...near, `There are: ${SEVERITIES.join(', ')}.`],
  })
}
