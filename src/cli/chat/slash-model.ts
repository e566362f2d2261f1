import type { ModelView } from '../../admin/contract.ts'
import { coolDownWords } from '../../admin/story/health.ts'
import { showTokens } from '../amounts.ts'
import { askModel, askModels } from '../questions.ts'
import { oneLine } from '../terminal-text.ts'
import { modelWords } from './conversation.ts'
import { canRedraw } from './drawing.ts'
import { type Choice, pick } from './picker.ts'
import { type SlashDesk, say } from './slash-desk.ts'

/** `/model [name]`: chooses a model by its name, or lets the person pick one. */
export async function chooseModel(name: string, desk: SlashDesk): Promise<void> {
  const { conversation, access } = desk
  const chosen = name === '' ? await picked(desk) : name
  if (chosen === undefined) return
  const view = await askModel(access, chosen)
  if (!view.candor.available) {
    const why = oneLine(view.candor.unavailable ?? 'no reason is told', 400)
    say(
      desk,
      `${oneLine(chosen)} cannot be called: ${why}. The model stays ${oneLine(conversation.model) || 'as it was'}.`,
    )
    return
  }
  conversation.model = chosen
  const means = view.id === chosen ? '' : `, which is ${oneLine(view.id)}`
  say(desk, `Model: ${oneLine(chosen)}${means} (${kindOf(view)}).`)
  const down = view.candor.cools_down
  if (down !== undefined) say(desk, `It ${coolDownWords(down, desk.shell.clock.now())}.`)
}

async function picked(desk: SlashDesk): Promise<string | undefined> {
  const { conversation, access, shell } = desk
  const models = canRedraw(shell) ? await askModels(access, false) : []
  const chosen = models.length === 0 ? undefined : await pick('Model', models.map(choiceOf), conversation.model, desk)
  if (chosen === undefined)
    say(desk, `Model: ${modelWords(conversation)}. Choose with /model NAME; /models lists them.`)
  return chosen
}

/** A model in the picker: its lane, its context and its price. */
function choiceOf(model: ModelView): Choice {
  const { context_window: context, price, billing, cools_down: down } = model.candor
  const paid =
    billing !== 'metered' || model.candor.route === true
      ? kindOf(model)
      : `metered, ${price === undefined ? 'price not known' : `$${price.input} in / $${price.output} out per M`}`
  const about = [
    paid,
    ...(context === undefined ? [] : [`${showTokens(context)} context`]),
    ...(down === undefined ? [] : [`cools down: ${down.reason}`]),
  ]
  return { name: model.id, about: about.join(' · ') }
}

/** Who pays; of a route also where it leads. */
function kindOf({ candor }: ModelView): string {
  const { targets, billing } = candor
  return targets === undefined ? billing : `a route to ${oneLine(targets.join(', '), 400)}; ${billing}`
}

/** `/models [word]`. */
export async function listModels(word: string, desk: SlashDesk): Promise<void> {
  const all = await askModels(desk.access, false)
  const shown = all.filter(model => model.id.includes(word))
  for (const model of shown.slice(0, MODELS_SHOWN)) say(desk, `  ${oneLine(model.id)}${mark(model, desk)}`)
  if (shown.length === 0)
    say(
      desk,
      all.length === 0
        ? 'No model can be called: no provider has a key.'
        : `None has "${oneLine(word, 40)}" in its name.`,
    )
  if (shown.length > MODELS_SHOWN)
    say(desk, `  … and ${shown.length - MODELS_SHOWN} more: /models WORD shows those with the word in their name.`)
}

const MODELS_SHOWN = 40

function mark(model: ModelView, { conversation }: SlashDesk): string {
  const { route, cools_down: down } = model.candor
  const words = [
    ...(model.id === conversation.model ? ['chosen'] : []),
    ...(route === true ? [kindOf(model)] : []),
    ...(down === undefined ? [] : [`cools down: ${down.reason}`]),
  ]
  return words.length === 0 ? '' : `  (${words.join('; ')})`
}
