import type { ModelView } from '../../admin/contract.ts'
import { coolDownWords } from '../../admin/story/health.ts'
import { nearest } from '../../base/nearest.ts'
import { plural, showTokens } from '../amounts.ts'
import { accessOptions, openAccess } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { askModels } from '../questions.ts'
import type { Column } from '../table.ts'
import { tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, URL_OPTION, type Verb } from '../verb.ts'

const COLUMNS: readonly Column[] = [
  { title: 'MODEL', spills: true },
  { title: 'CONTEXT', right: true },
  { title: 'OUTPUT', right: true, wide: true },
  { title: 'IN / OUT PER M' },
  { title: 'NAME', wide: true, flexible: true },
]

/** `candor models`. */
export const models: Verb = {
  name: 'models',
  summary: 'Models and routes that can be called, with context window, output limit and price',
  args: [{ syntax: '[provider]', about: 'only those of one provider' }],
  options: [
    { flags: '--all', about: 'also those that cannot be called now, with the reason' },
    CONFIG_OPTION,
    URL_OPTION,
  ],
  examples: [
    { line: 'candor models kimi-coding', about: 'one provider' },
    { line: 'candor models --all --json', about: 'everything, for a script' },
  ],
  async run(given, desk) {
    const { print, shell } = desk
    const now = shell.clock.now()
    const access = await openAccess(accessOptions(given, 'none'), desk)
    try {
      const [provider] = given.args
      const everything = await askModels(access, true)
      const here = provider === undefined ? everything : ofProvider(everything, provider)
      const shown = given.flag('all') ? here : here.filter(model => model.candor.available)
      if (print.json) print.document({ models: shown })
      else {
        const withReason = given.flag('all')
        const columns = withReason ? [...COLUMNS, { title: 'AVAILABLE', wraps: true } as const] : COLUMNS
        if (shown.length > 0)
          print.table(
            columns,
            shown.map(model => cells(model, withReason, now)),
          )
        if (!withReason) tellCooling(shown, now, desk)
        const hidden = here.length - shown.length
        if (shown.length === 0) tell('No model can be called yet: no provider has a key. See: candor providers', desk)
        else if (hidden > 0) print.note(`${plural(hidden, 'model')} cannot be called now; --all shows them and why.`)
      }
      return shown.length === 0 ? EXIT.finding : EXIT.ok
    } finally {
      await access.close()
    }
  },
}

/** What can be called, but not with much hope, is told below the list. */
function tellCooling(shown: readonly ModelView[], now: number, { print, shell }: Desk): void {
  for (const { id, candor } of shown) {
    if (candor.cools_down === undefined) continue
    for (const line of indent(`${oneLine(id)} ${coolDownWords(candor.cools_down, now)}.`, '', shell.stderr))
      print.note(line)
  }
}

function ofProvider(all: readonly ModelView[], id: string): readonly ModelView[] {
  const own = all.filter(model => model.candor.provider === id)
  if (own.length > 0) return own
  const close = nearest(id, new Set(all.map(model => model.candor.provider)))
  throw new CliFault(EXIT.usage, `No model of a provider "${oneLine(id, 60)}" is listed.`, {
    fix: [...close.map(name => `Did you mean: candor models ${name}`), 'See all providers: candor providers'],
  })
}

function cells({ id, display_name, candor }: ModelView, withReason: boolean, now: number): readonly string[] {
  const row = [
    id,
    showTokens(candor.context_window),
    showTokens(candor.max_output_tokens),
    price(candor),
    nameCell(id, display_name, candor),
  ]
  return withReason ? [...row, availableCell(candor, now)] : row
}

/** The name for people; of a route where it leads. */
function nameCell(id: string, name: string, { targets }: ModelView['candor']): string {
  if (targets !== undefined) return `route: ${targets.join(', ')}`
  return name === id.slice(id.indexOf('/') + 1) ? '' : name
}

function availableCell({ available, unavailable, cools_down: down }: ModelView['candor'], now: number): string {
  if (!available) return `no: ${unavailable ?? 'no reason is told'}`
  return down === undefined ? 'yes' : `yes, but it ${coolDownWords(down, now)}`
}

/** Per million tokens, or the purse where nothing is paid by use. */
function price({ billing, price: each, route }: ModelView['candor']): string {
  if (route === true) return billing
  if (billing !== 'metered') return billing
  return each === undefined ? 'not known' : `$${each.input} / $${each.output}`
}
