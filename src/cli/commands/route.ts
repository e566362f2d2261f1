import type { LegText, RouteTargetView, RouteView } from '../../admin/route-view.ts'
import type { ExplainedRoute } from '../../admin/routes.ts'
import { crossingWords, retryWords } from '../../admin/story/routes.ts'
import { isObject, type JsonObject } from '../../base/json-value.ts'
import { PROTOCOL_IDS } from '../../canon/protocol.ts'
import type { RouteExplanation } from '../../pipeline/explain-route.ts'
import { accessOptions, openAccess } from '../gateway-access.ts'
import { glued, unglued } from '../glue.ts'
import { indent } from '../print.ts'
import { ask, listIn } from '../questions.ts'
import { HEADER_OPTION, headersOf, readRequestFile } from '../request-file.ts'
import { tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { exitOf, type Trouble, troubleLines } from '../trouble.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, URL_OPTION, type Verb } from '../verb.ts'

const list: Verb = {
  name: 'list',
  summary: 'The configured routes: targets, what they fall back on, and whether they may leave their lane',
  options: [CONFIG_OPTION, URL_OPTION],
  examples: [{ line: 'candor route list', about: 'all of them' }],
  async run(given, desk) {
    const access = await openAccess(accessOptions(given, 'none'), desk)
    try {
      const routes = listIn<RouteView>(await ask(access, '/candor/routes'))
      const { print } = desk
      if (print.json) print.document({ routes })
      else if (routes.length === 0)
        print.note('No route is configured. A route is an entry of "routes" in the configuration.')
      else for (const [i, route] of routes.entries()) showRoute(route, i > 0, desk)
      return EXIT.ok
    } finally {
      await access.close()
    }
  },
}

const explain: Verb = {
  name: 'explain',
  summary: 'What would be tried for a call now, in which order, and why not the others',
  args: [{ syntax: '<model>', about: 'a route, a model or an alias' }],
  options: [
    { flags: '--file <file>', about: 'a request body as JSON, for which it is explained; - reads the standard input' },
    {
      flags: '--as <protocol>',
      about: `the protocol of the request: ${PROTOCOL_IDS.join(', ')} (default: by its shape)`,
    },
    { flags: '--user-agent <name>', about: 'the name the client gives: some surfaces admit only names they know' },
    HEADER_OPTION,
    { flags: '--key <name>', about: 'the gateway key the client shows: its conversations are its own' },
    CONFIG_OPTION,
    URL_OPTION,
  ],
  examples: [
    { line: 'candor route explain coder', about: 'for a short greeting' },
    { line: 'candor route explain coder --file request.json', about: 'for this request: size, pictures, parameters' },
  ],
  notes: () =>
    'Nothing is sent, and nothing is reserved. Exit code: 0 somebody would be asked, 1 the call would be refused, 2 wrong usage, 69 no target can be used now.',
  async run(given, desk) {
    const body = await questionOf(given, desk)
    const access = await openAccess(accessOptions(given, 'none'), desk)
    try {
      const answer: object = await ask(access, '/candor/routes/explain', { body })
      const explanation = answer as ExplainedRoute
      const { print } = desk
      if (print.json) print.document({ running: access.running, explanation })
      else showExplanation(explanation, desk)
      if (!access.running && !print.json) {
        print.note()
        tell('No gateway runs now: what targets went through lately is not known, and counts as nothing.', desk)
      }
      return explanation.problem === undefined ? EXIT.ok : exitOf(troubleIn(explanation.problem))
    } finally {
      await access.close()
    }
  },
}

/** `candor route`. */
export const route: Verb = {
  name: 'route',
  summary: 'Routes: what they are, and where a call would go',
  examples: [...list.examples, ...explain.examples],
  verbs: [list, explain],
}

async function questionOf(given: Given, desk: Desk): Promise<JsonObject> {
  const protocol = given.text('as')
  if (protocol !== undefined && !PROTOCOL_IDS.some(id => id === protocol))
    throw new CliFault(EXIT.usage, `--as must be one of ${PROTOCOL_IDS.join(', ')}, not "${oneLine(protocol, 60)}".`)
  const file = given.text('file')
  const request = file === undefined ? undefined : (await readRequestFile(file, desk)).body
  const headers = headersOf(given)
  const name = given.text('user-agent')
  const key = given.text('key')
  if (name !== undefined) headers.set('user-agent', name)
  return {
    model: given.args[0] ?? '',
    ...(protocol === undefined ? {} : { protocol }),
    ...(isObject(request) ? { request } : {}),
    ...(key === undefined ? {} : { key }),
    headers: Object.fromEntries(headers),
  }
}

const TITLE_COLUMNS = 13

function row(title: string, text: string, { print, shell }: Desk): void {
  for (const line of indent(
    oneLine(text, 1_000),
    `   ${print.paint('dim', title.padEnd(TITLE_COLUMNS))}`,
    shell.stdout,
  ))
    print.line(line)
}

function showRoute(route: RouteView, isNext: boolean, desk: Desk): void {
  const { print } = desk
  const usable = route.available ? '' : `: ${print.paint('red', 'no target can be used')}`
  if (isNext) print.line()
  print.line(`${print.paint('bold', oneLine(route.name))}${usable}`)
  for (const [i, target] of route.targets.entries()) row(i === 0 ? 'targets' : '', targetWords(target, route), desk)
  const codes =
    route.fallbackOn.length === 0 ? 'nothing: the first target answers or nobody' : route.fallbackOn.join(', ')
  row('falls back', `on ${codes}`, desk)
  row('lane', crossingWords(route.crossBilling), desk)
  if (route.retry.max > 0) row('retries', retryWords(route.retry), desk)
  if (route.balance !== 'order')
    row('equals', `${route.balance}${route.affinity ? '; a conversation stays where it is' : ''}`, desk)
  if (route.signedReasoning === 'remove') row('thinking', 'signed by another model is taken out, and told', desk)
  if (route.cacheMs !== undefined) row('cache', `answers are kept for ${route.cacheMs / 1_000} s`, desk)
}

function targetWords(
  { name, ref, available, unavailable, billing, priority, weight }: RouteTargetView,
  { balance }: RouteView,
): string {
  const means = ref === undefined || ref === name ? name : `${name} = ${ref}`
  const place = balance === 'order' ? '' : `, priority ${priority}, weight ${weight}`
  const lane = billing === undefined ? '' : ` (${billing}${place})`
  return `${means}${lane}${available ? '' : `: ${unavailable ?? 'cannot be used'}`}`
}

/** Tells in words what would be tried for a call, in which order, and why not the others. */
export function showExplanation(explanation: ExplainedRoute, desk: Desk): void {
  const { print, shell } = desk
  for (const sentence of explanation.words.head)
    for (const line of indent(oneLine(sentence, 1_000), '', shell.stdout)) print.line(line)
  for (const leg of explanation.words.legs) showLeg(leg, desk)
  for (const { target, code, reason } of explanation.unusable) {
    print.line()
    headLines(target, 'cannot be used', desk)
    row('why', `${reason.replace(/\.$/, '')} (${code})`, desk)
  }
  for (const { target, reason } of explanation.missingKeys) {
    print.line()
    headLines(target, 'a key is missing', desk)
    row('why', reason, desk)
  }
  if (explanation.problem !== undefined) tellProblem(explanation.problem, desk)
}

function headLines(target: string, trouble: string, { print, shell }: Desk): void {
  const text = `${print.paint('bold', oneLine(target))}: ${print.paint('red', glued(trouble))}`
  for (const line of indent(text, '-  ', shell.stdout)) print.line(unglued(line))
}

function showLeg({ position, name, verdict, style, rows }: LegText, desk: Desk): void {
  const { print, shell } = desk
  print.line()
  const shown = oneLine(name)
  const [first = '', ...more] = indent(`${shown}: ${oneLine(verdict, 1_000)}`, String(position).padEnd(3), shell.stdout)
  const [before = '', after] = first.split(`${shown}: `)
  print.line(after === undefined ? first : `${before}${print.paint('bold', shown)}: ${print.paint(style, after)}`)
  for (const line of more) print.line(print.paint(style, line))
  for (const { title, text } of rows) row(title, text, desk)
}

function tellProblem(problem: NonNullable<RouteExplanation['problem']>, { print }: Desk): void {
  const [what = '', ...more] = troubleLines(troubleIn(problem))
  print.line()
  print.error(what)
  for (const line of more) print.note(`  ${line}`)
}

function troubleIn({ code, what, why, fix }: NonNullable<RouteExplanation['problem']>): Trouble {
  return { code, what, fix, ...(why === undefined ? {} : { why }) }
}
