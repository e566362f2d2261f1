import type { ShownValue } from '../../admin/config-view.ts'
import { parseJson } from '../../base/json.ts'
import { asString } from '../../base/json-value.ts'
import type { Access } from '../gateway-access.ts'
import { ask, askModel, askModels } from '../questions.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, EXIT } from '../verb.ts'
import { tellFault } from './slash.ts'
import type { SlashDesk } from './slash-desk.ts'
import { chooseModel } from './slash-model.ts'

/** Whether a request that names no model finds one: its name, that there is `none`, or nothing where the gateway does not tell it to this caller. */
export type DefaultModel = { readonly name: string } | 'none' | undefined

/** Asks for it. Never rejects. */
export async function askDefault(access: Access): Promise<DefaultModel> {
  const view: { values?: readonly ShownValue[] } | undefined = await ask(access, '/candor/config').catch(
    () => undefined,
  )
  if (!Array.isArray(view?.values)) return undefined
  const told = view.values.find(({ path }) => path === 'models.default')
  const read = parseJson(told?.value ?? 'null')
  const name = read.ok ? asString(read.value) : undefined
  return name === undefined ? 'none' : { name }
}

/**
 * Sees to it, before the first message, that there is a model to talk to: the one that was named or is the default is looked at, and where there is
 * neither the person picks one. What stands against it is told, and the conversation begins all the same: it can be mended meanwhile.
 */
export async function settleModel(fallback: DefaultModel, desk: SlashDesk): Promise<void> {
  const { model } = desk.conversation
  try {
    if (model !== '') await lookAt(model, desk)
    else if (fallback === 'none') await pickFirst(desk)
    else if (fallback !== undefined) await lookAt(fallback.name, desk)
  } catch (error) {
    if (!(error instanceof CliFault)) throw error
    tellFault(error, desk)
  }
}

async function lookAt(name: string, { access }: SlashDesk): Promise<void> {
  const { id, candor } = await askModel(access, name)
  if (candor.available) return
  const look = candor.route === true ? `candor route explain ${id}` : `candor doctor ${candor.provider}`
  throw new CliFault(EXIT.absent, `${oneLine(name)} cannot be called.`, {
    why: `${oneLine(candor.unavailable ?? 'no reason is told', 400)}.`,
    fix: [`See what is missing: ${oneLine(look)}`, 'Or choose another one here: /model'],
  })
}

async function pickFirst(desk: SlashDesk): Promise<void> {
  if ((await askModels(desk.access, false)).length > 0) return await chooseModel('', desk)
  throw new CliFault(EXIT.absent, 'No model is known that can be called.', {
    why: 'No provider has a key, or those that can be used list no models.',
    fix: [
      'Set up a provider: candor init',
      'See what each provider lacks: candor providers',
      'Try it without any key: start candor demo, then candor chat again',
    ],
  })
}
