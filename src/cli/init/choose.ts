import { checkBaseUrl } from '../../app/config/base-url.ts'
import { nearest } from '../../base/nearest.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../../canon/protocol.ts'
import type { Provider } from '../../catalog/provider.ts'
import { hostName } from '../import/place-provider.ts'
import type { FoundSource } from '../import/sources.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT } from '../verb.ts'
import { type ModelList, modelChoices } from './model-list.ts'
import type { Choice, Prompter } from './prompter.ts'
import { keyVariable, type Surroundings } from './surroundings.ts'
import type { KeyPlace, Wishes } from './wishes.ts'

/** A provider and how to get to it. */
export interface Place {
  readonly id: string
  readonly row?: Provider
  readonly baseUrl?: string
  readonly api?: ProtocolId
  readonly key?: KeyPlace
  /** The key is to be pasted, whatever the environment holds. */
  readonly pastes?: true
  /** What it says it serves, where it was asked. */
  readonly listed?: readonly string[]
}

/** What a person chose instead of a provider. */
export type Detour = { readonly detour: 'demo' } | ({ readonly detour: 'import' } & NonNullable<Wishes['from']>)

/** Everything the configuration needs. */
export interface Chosen extends Place {
  readonly key: KeyPlace
  /** The model as the provider names it. */
  readonly model: string
}

/** Who is asked, and what is known. Without a prompter nothing is asked: what is missing is a usage fault. */
export interface Setting {
  readonly desk: Desk
  readonly wishes: Wishes
  readonly around: Surroundings
  readonly prompter: Prompter | undefined
}

/** Finds the provider: named, proposed, or asked for. Throws a usage fault. */
export async function choosePlace(setting: Setting): Promise<Place | Detour> {
  const { wishes, prompter, around } = setting
  if (wishes.provider !== undefined) return namedPlace(wishes.provider, setting)
  const found = foundPlaces(around)
  const [first] = found
  if (wishes.yes && first !== undefined) return withAddress(first.value, wishes)
  if (prompter === undefined) throw missing('provider', around)
  const chosen = await prompter.select<Place | Detour | 'paste' | 'address'>('Which provider shall answer first?', [
    ...found,
    { value: 'paste', label: 'Another provider', hint: 'with a key you paste' },
    { value: 'address', label: 'Another address', hint: 'any server that speaks one of the four protocols' },
    ...around.tools.map(source => toolChoice(source)),
    { value: { detour: 'demo' }, label: 'None yet: simulated providers', hint: 'no key, no cost (candor demo)' },
  ])
  if (chosen === 'paste') return withAddress(await askRow(prompter, around, setting.desk), wishes)
  if (chosen === 'address') return await askAddress(prompter, wishes)
  return 'detour' in chosen ? chosen : withAddress(chosen, wishes)
}

function foundPlaces({ keys, servers }: Surroundings): readonly Choice<Place>[] {
  return [
    ...keys.map(({ row, name, elsewhere }) => ({
      value: {
        id: row.id,
        row,
        key: { from: 'environment', name } as const,
        ...(elsewhere === undefined ? {} : { baseUrl: elsewhere.url }),
      },
      label: row.name,
      hint: `key in ${name}${elsewhere === undefined ? '' : `, at ${oneLine(elsewhere.url, 60)} (${elsewhere.name})`}`,
    })),
    ...servers.map(({ row, baseUrl, models }) => ({
      value: { id: row.id, row, key: { from: 'nowhere' } as const, listed: models },
      label: row.name,
      hint: `answers at ${baseUrl} with ${models.length === 1 ? '1 model' : `${models.length} models`}`,
    })),
  ]
}

function toolChoice(source: FoundSource): Choice<Detour> {
  return {
    value: { detour: 'import', source, file: source.found },
    label: `Take over what ${source.name} has`,
    hint: 'shows everything first (candor import)',
  }
}

function withAddress(place: Place, { baseUrl, api, key }: Wishes): Place {
  return {
    ...place,
    ...(baseUrl === undefined ? {} : { baseUrl: checkedUrl(baseUrl) }),
    ...(api === undefined ? {} : { api }),
    ...(key === undefined ? {} : { key }),
  }
}

function namedPlace(id: string, setting: Setting): Place {
  const { wishes, around } = setting
  const found = foundPlaces(around).find(({ value }) => value.id === id)?.value
  const row = around.rows.find(each => each.id === id)
  if (found !== undefined) return withAddress(found, wishes)
  if (row !== undefined) return withAddress({ id, row }, wishes)
  if (wishes.baseUrl !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id)) {
    if (wishes.api === undefined && setting.prompter === undefined)
      throw new CliFault(EXIT.usage, `What is spoken at ${oneLine(wishes.baseUrl, 100)} is not said.`, {
        fix: [`Name the protocol: --api ${PROTOCOL_IDS.join(' | ')}`],
      })
    return withAddress({ id }, wishes)
  }
  const close = nearest(
    id,
    around.rows.map(each => each.id),
    2,
  )
  throw new CliFault(EXIT.usage, `The catalogue has no provider "${oneLine(id, 60)}".`, {
    fix: [
      ...close.map(each => `Did you mean: --provider ${each}`),
      'One of your own needs an address: --base-url URL --api PROTOCOL',
    ],
  })
}

async function askRow(prompter: Prompter, { rows }: Surroundings, { print }: Desk): Promise<Place> {
  const remote = rows.filter(({ billing }) => billing !== 'local')
  const choices = remote.map(({ id, name, billing }) => ({ value: id, label: name, hint: `${id}, ${billing}` }))
  for (;;) {
    const id = await prompter.search('Which provider?', choices)
    const row = remote.find(each => each.id === id)
    if (row === undefined) {
      print.warn(`The catalogue has no provider "${oneLine(id, 60)}".`)
      continue
    }
    if (row.console !== undefined) print.note(`Its keys are made at ${row.console}`)
    return { id, row, pastes: true }
  }
}

async function askAddress(prompter: Prompter, wishes: Wishes): Promise<Place> {
  const url =
    wishes.baseUrl ??
    (await prompter.text('Its base URL (such as https://host.example/v1)', text => {
      const checked = checkBaseUrl(text, false)
      return checked.ok ? undefined : `This ${checked.reason}; expected: ${checked.expected}`
    }))
  return withAddress({ id: hostName(checkedUrl(url)), baseUrl: checkedUrl(url) }, wishes)
}

function checkedUrl(text: string): string {
  const checked = checkBaseUrl(text, false)
  if (checked.ok) return checked.url
  throw new CliFault(EXIT.usage, `The base URL ${checked.reason}.`, {
    fix: [checked.fix ?? `Expected: ${checked.expected}`],
  })
}

/** Asks for what the place still lacks, key and model. Throws a usage fault where nobody can be asked. */
export async function complete(place: Place, setting: Setting): Promise<Chosen> {
  const withApi = { ...place, ...(await apiFor(place, setting)) }
  const key = place.key ?? (await keyFor(place, setting))
  return { ...withApi, key, model: await modelFor(place, setting) }
}

async function apiFor({ row, api }: Place, { prompter }: Setting): Promise<{ api?: ProtocolId }> {
  if (row !== undefined || api !== undefined || prompter === undefined) return {}
  const names = ['OpenAI Chat Completions (most servers)', 'OpenAI Responses', 'Anthropic Messages', 'Gemini']
  const choices = PROTOCOL_IDS.map((value, i) => ({ value, label: names[i] ?? value, hint: value }))
  return { api: await prompter.select('What does it speak?', choices) }
}

async function keyFor({ row, id, pastes }: Place, { prompter, desk, around }: Setting): Promise<KeyPlace> {
  const name = pastes === true ? undefined : keyVariable(row, desk.shell.env)
  if (name !== undefined) return { from: 'environment', name }
  if (row?.keyOptional === true) return { from: 'nowhere' }
  if (prompter === undefined) {
    // A server of one's own may want none.
    if (row === undefined) return { from: 'nowhere' }
    throw missing('key', { ...around, rows: [row] })
  }
  for (;;) {
    const key = await prompter.secret(`The key for ${row?.name ?? id}${row === undefined ? ' (none: Enter)' : ''}`)
    if (key !== undefined) return { from: 'hand', key }
    if (row === undefined) return { from: 'nowhere' }
    desk.print.warn(`${row.name} needs a key. Ctrl-C leaves.`)
  }
}

async function modelFor(place: Place, { wishes, prompter }: Setting): Promise<string> {
  if (wishes.model !== undefined) return ownName(wishes.model, place.id)
  const list = modelChoices(place.row, place.listed)
  if (wishes.yes && list.proposed !== undefined) return list.proposed
  if (prompter === undefined)
    throw new CliFault(EXIT.usage, `Which model of ${place.id} shall answer is not said.`, {
      fix: ['Name it: --model ID', ...(list.proposed === undefined ? [] : [`Such as: --model ${list.proposed}`])],
    })
  return await askModel(prompter, list)
}

/** Asks for one of the models. */
export async function askModel(prompter: Prompter, { choices, proposed }: ModelList): Promise<string> {
  const isName = (text: string) => (text === '' || text.length > 256 ? 'A name of 1 to 256 characters.' : undefined)
  if (choices.length === 0) return await prompter.text('Its model, as the provider names it', isName)
  return await prompter.search('Which model?', choices, proposed)
}

/** `provider/model` is understood too. */
function ownName(model: string, provider: string): string {
  return model.startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model
}

/** Rows named where a person has no key yet. */
const ROWS_NAMED_MAX = 6

function missing(what: 'provider' | 'key', { rows }: Surroundings): CliFault {
  const withKey = rows.filter(({ console, env }) => console !== undefined && env.length > 0).slice(0, ROWS_NAMED_MAX)
  const words =
    what === 'provider'
      ? { text: 'Which provider to use is not said, and there is nobody to ask.', fix: 'Name one: --provider ID' }
      : {
          text: 'The key is not said, and there is nobody to ask.',
          fix: 'Say where it is: --key-env, --key-file or --key-stdin',
        }
  return new CliFault(EXIT.usage, words.text, {
    fix: [
      words.fix,
      ...withKey.map(({ name, env, console }) => `A key for ${name}: ${console}, then set ${env[0]}`),
      'Try it without any key: candor demo',
    ],
  })
}
