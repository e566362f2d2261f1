import { plural } from '../../admin/story/amounts.ts'
import { nearest } from '../../base/nearest.ts'
import { oneLine } from '../../base/one-line.ts'
import { isProblem } from '../../canon/problem.ts'
import { findModel, modelsOf } from '../../catalog/models.ts'
import type { Target } from '../../pipeline/call.ts'
import type { Check, Found } from './check.ts'
import { type NamedModel, namedModels } from './named-models.ts'
import { placeOf } from './providers.ts'

/** Whether the names of models in the configuration mean something, and something that is known. */
export const modelsCheck: Check = {
  id: 'models',
  about: 'names of models in the configuration: do they mean one that is known?',
  async run({ config, house, provider }, tell) {
    if (config === undefined || house === undefined) return
    const named = namedModels(config, house).filter(
      ({ means }) => provider === undefined || (!isProblem(means) && means.provider.id === provider),
    )
    const doubts = named.flatMap(each => {
      const doubt = doubtOf(each)
      return doubt === undefined ? [] : [{ ...doubt, ...placeOf(config, each.path) }]
    })
    for (const each of doubts) tell(each)
    if (doubts.length > 0) return
    const message =
      named.length === 0
        ? 'The configuration names no model, so none of its names can be wrong.'
        : `${plural(named.length, 'name')} of models in the configuration, and every one means a model that is known.`
    tell({ id: 'models', severity: 'ok', message })
  },
}

function doubtOf({ place, name, means, isDeclared }: NamedModel): Found | undefined {
  const called = `"${oneLine(name, 120)}"`
  if (isProblem(means))
    return {
      id: 'models.unknown',
      severity: 'error',
      message: `${place} names ${called}, which means nothing: ${means.what}`,
      ...(means.fix === undefined || means.fix.length === 0 ? {} : { fixHint: means.fix.join(' ') }),
    }
  if (means.provider.unavailable !== undefined && !isDeclared)
    return {
      id: 'models.unavailable',
      severity: 'warning',
      message: `${place} names ${called}, but ${means.provider.name} cannot be used: ${means.provider.unavailable}.`,
      fixHint: `Run: candor doctor ${means.provider.id}`,
    }
  return unlisted(place, called, means, isDeclared)
}

/** The provider may have it all the same: lists grow old. A name close to a known one is rather a slip. */
function unlisted(place: string, called: string, { provider, model }: Target, isDeclared: boolean): Found | undefined {
  const { row } = provider
  if (row === undefined || modelsOf(row).length === 0 || findModel(row, model) !== undefined) return undefined
  if (!isDeclared && provider.models.some(({ id }) => id === model)) return undefined
  const near = nearest(
    model,
    modelsOf(row).map(({ id }) => id),
    2,
  )
  return {
    id: 'models.unlisted',
    severity: near.length > 0 && !isDeclared ? 'warning' : 'info',
    message: `${place} names ${called}, which the catalogue does not list for ${provider.name}: it is passed on as it is${isDeclared ? '' : ', and its price and limits are not known'}.`,
    fixHint:
      near.length > 0
        ? `Did you mean ${near.map(id => `"${provider.id}/${id}"`).join(' or ')}? Else ask it: candor doctor ${provider.id}/${model}`
        : `See whether the provider knows it: candor doctor ${provider.id}/${model}`,
  }
}
