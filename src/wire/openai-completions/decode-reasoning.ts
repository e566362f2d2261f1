import type { JsonObject } from '../../base/json-value.ts'
import type { ReasoningWish } from '../../canon/request.ts'
import { maybeBoolean, maybeCount, maybeObject, maybeText, noteUnknown, type Reading } from '../reading.ts'

const THINKING_FIELDS = new Set(['type', 'budget_tokens'])
const REASONING_FIELDS = new Set(['effort', 'max_tokens', 'enabled', 'exclude'])

/** One dialect's words for how much to think. */
interface Said {
  readonly at: string
  readonly mode?: ReasoningWish['mode'] | undefined
  readonly effort?: string | undefined
  readonly budgetTokens?: number | undefined
  readonly show?: string | undefined
}

/**
 * Reads how much the model shall think: OpenAI's `reasoning_effort`, and the dialects' `thinking {type, budget_tokens}`,
 * `enable_thinking` with `thinking_budget`, and OpenRouter's `reasoning {effort, max_tokens, enabled, exclude}`. Several may stand together;
 * "off" in any of them counts.
 */
export function readReasoningWish(body: JsonObject, reading: Reading): ReasoningWish | undefined {
  const said = [
    readEffort(body, reading),
    readThinking(body, reading),
    readEnabled(body, reading),
    readObject(body, reading),
  ]
  const wishes = said.filter(wish => wish !== undefined)
  const first = wishes[0]
  if (first === undefined) return undefined
  const off = wishes.find(wish => wish.mode === 'off')
  if (off !== undefined) return { mode: 'off', at: off.at, ...(off.effort === undefined ? {} : { effort: off.effort }) }
  const named = wishes.find(wish => wish.effort !== undefined)
  const budgetTokens = wishes.find(wish => wish.budgetTokens !== undefined)?.budgetTokens
  const show = wishes.find(wish => wish.show !== undefined)?.show
  return {
    mode: wishes.find(wish => wish.mode === 'adaptive') === undefined ? 'on' : 'adaptive',
    at: first.at,
    ...(named?.effort === undefined ? {} : { effort: named.effort }),
    ...(named === undefined || named.at === first.at ? {} : { places: { effort: named.at } }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(show === undefined ? {} : { show }),
  }
}

function readEffort(body: JsonObject, reading: Reading): Said | undefined {
  const at = 'reasoning_effort'
  const effort = maybeText(body.reasoning_effort, at, reading)
  return effort === undefined ? undefined : { at, effort, mode: effort === 'none' ? 'off' : 'on' }
}

function readThinking(body: JsonObject, reading: Reading): Said | undefined {
  const at = 'thinking'
  const thinking = maybeObject(body.thinking, at, reading)
  if (thinking === undefined) return undefined
  noteUnknown(thinking, THINKING_FIELDS, at, reading)
  const budgetTokens = maybeCount(thinking.budget_tokens, `${at}.budget_tokens`, 0, reading)
  switch (thinking.type) {
    case 'disabled':
      return { at, mode: 'off' }
    case 'enabled':
      return { at, mode: 'on', budgetTokens }
    case 'adaptive':
    case 'auto':
      return { at, mode: 'adaptive', budgetTokens }
    default:
      reading.faults.push({ path: `${at}.type`, rule: 'must be enabled, disabled or adaptive' })
      return undefined
  }
}

function readEnabled(body: JsonObject, reading: Reading): Said | undefined {
  const enabled = maybeBoolean(body.enable_thinking, 'enable_thinking', reading)
  const budgetTokens = maybeCount(body.thinking_budget, 'thinking_budget', 0, reading)
  if (enabled === undefined && budgetTokens === undefined) return undefined
  const at = enabled === undefined ? 'thinking_budget' : 'enable_thinking'
  return { at, mode: enabled === false ? 'off' : 'on', budgetTokens }
}

function readObject(body: JsonObject, reading: Reading): Said | undefined {
  const at = 'reasoning'
  const reasoning = maybeObject(body.reasoning, at, reading)
  if (reasoning === undefined) return undefined
  noteUnknown(reasoning, REASONING_FIELDS, at, reading)
  const effort = maybeText(reasoning.effort, `${at}.effort`, reading)
  const enabled = maybeBoolean(reasoning.enabled, `${at}.enabled`, reading)
  const exclude = maybeBoolean(reasoning.exclude, `${at}.exclude`, reading)
  return {
    at,
    mode: enabled === false || effort === 'none' ? 'off' : 'on',
    effort,
    budgetTokens: maybeCount(reasoning.max_tokens, `${at}.max_tokens`, 0, reading),
    show: exclude === true ? 'omitted' : undefined,
  }
}
