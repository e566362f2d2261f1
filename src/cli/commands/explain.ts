import { parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import { PROTOCOL_IDS } from '../../canon/protocol.ts'
import { type Explanation, explainCall } from '../../pipeline/explain.ts'
import { savedCall } from '../../pipeline/saved-call.ts'
import { type Recognised, recogniseRequest } from '../../wire/recognise.ts'
import { appOptions, openAside } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { HEADER_OPTION, headersOf, readRequestFile } from '../request-file.ts'
import { oneLine } from '../terminal-text.ts'
import { exitOf, type Trouble, troubleLines } from '../trouble.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, type Verb } from '../verb.ts'

/** `candor explain`. */
export const explain: Verb = {
  name: 'explain',
  summary: 'What would become of a saved request: mapped, reported, refused, and what would be sent',
  args: [{ syntax: '<file>', about: 'a request body as JSON; - reads the standard input' }],
  options: [
    {
      flags: '--to <model>',
      about: 'provider/model, or another name the gateway knows (default: the one in the request)',
    },
    {
      flags: '--from <protocol>',
      about: `the protocol of the request: ${PROTOCOL_IDS.join(', ')} (default: by its shape)`,
    },
    HEADER_OPTION,
    { flags: '--stream', about: 'as a stream, for Gemini requests: their body does not say it' },
    CONFIG_OPTION,
  ],
  examples: [
    { line: 'candor explain request.json --to kimi-coding/k3', about: 'nothing is sent, no network is used' },
    { line: 'candor explain - --to openai/gpt-4.1 --from anthropic-messages --json', about: 'for a script' },
  ],
  notes: () =>
    'Needs no key. Exit code: 0 it would be sent, 1 it would be refused, 2 wrong usage, 69 it could be sent, but its provider cannot be used yet.',
  async run(given, desk) {
    const { text, body } = await readRequestFile(given.args[0] ?? '', desk)
    const origin = originOf(given, body)
    const app = await openAside(appOptions(desk, given.text('config')))
    try {
      const house = app.house()
      const asked = { model: given.text('to') ?? modelIn(body), stream: given.flag('stream') }
      const saved = { ...origin, body: new TextEncoder().encode(text), headers: headersOf(given) }
      const explanation = await explainCall(savedCall(saved, house), asked, house)
      if (desk.print.json) desk.print.document({ request: origin, explanation: asJson(explanation) })
      else tell(origin, explanation, desk)
      const ending = explanation.problem ?? explanation.unusable
      return ending === undefined ? EXIT.ok : exitOf(troubleIn(ending))
    } finally {
      await app.close()
    }
  },
}

function modelIn({ model }: JsonObject): string {
  return typeof model === 'string' ? model : ''
}

function originOf(given: Given, body: JsonObject): Recognised {
  const named = given.text('from')
  const protocol = PROTOCOL_IDS.find(id => id === named)
  if (protocol !== undefined) return { protocol, operation: 'generate', because: '--from says so' }
  const ids = `one of ${PROTOCOL_IDS.join(', ')}`
  if (named !== undefined) throw new CliFault(EXIT.usage, `--from must be ${ids}, not "${oneLine(named, 60)}".`)
  const found = recogniseRequest(body)
  if (found !== undefined) return found
  throw new CliFault(EXIT.usage, 'The request looks like none of the protocols.', { fix: [`Say it: --from, ${ids}.`] })
}

/** The body as what it says, not as a text in a text. */
function asJson({ request, ...rest }: Explanation) {
  if (request === undefined) return rest
  const read = parseJson(request.body)
  return { ...rest, request: { ...request, body: read.ok ? read.value : request.body } }
}

function tell(origin: Recognised, explanation: Explanation, desk: Desk): void {
  const { print, shell } = desk
  const say = (text: string, first = '') => {
    for (const line of indent(text, first, shell.stdout)) print.line(line)
  }
  for (const sentence of story(origin, explanation)) say(sentence)
  for (const { title, rows } of sections(explanation)) {
    if (rows.length === 0) continue
    print.line(`\n${print.paint('bold', title)}`)
    for (const row of rows) say(oneLine(row, 400), '  ')
  }
  const { request, problem, unusable } = explanation
  if (request !== undefined) showRequest(request, unusable === undefined ? 'Sent' : 'Would be sent', desk)
  for (const each of [problem, unusable]) if (each !== undefined) tellProblem(each, desk)
}

function tellProblem(problem: Problem, { print }: Desk): void {
  const [what = '', ...more] = troubleLines(troubleIn(problem))
  print.line()
  print.error(what)
  for (const line of more) print.note(`  ${line}`)
}

function story(
  origin: Recognised,
  { route, target, billing, protocol, passThrough, request, unusable }: Explanation,
): readonly string[] {
  const what = origin.operation === 'embed' ? 'a call for embeddings' : `a request of ${origin.protocol}`
  const read = `Read as ${what}, because ${origin.because}.`
  const first = route === undefined ? read : `${read} ${routeWords(route, target)}`
  if (target === undefined || protocol === undefined) return [first]
  const goes = unusable === undefined ? 'Goes' : 'Would go'
  const way = request === undefined ? 'Would have gone' : goes
  const how = passThrough ? "the client's own bytes, with the model's name put in" : 'translated'
  return [first, `${way} to ${target} (${billing}) over ${protocol}: ${how}.`]
}

function routeWords(route: string, target: string | undefined): string {
  const goes = target === undefined ? 'none of its targets can be asked' : `what follows is for ${target}`
  return `The route "${route}": ${goes}. All its targets: candor route explain ${route} --file <file>.`
}

function sections({ passed, mapped, reported, refused, assumptions }: Explanation) {
  const lost = (each: { path: string; reason: string; parameter: string }) =>
    `${each.path}: ${each.reason} (${each.parameter})`
  return [
    { title: 'Passed over', rows: passed.map(passedWords) },
    {
      title: 'Mapped',
      rows: mapped.map(({ name, at, as }) => (at === as ? `${name}: ${at}` : `${name}: ${at} → ${as}`)),
    },
    { title: 'Reported: left out, and told', rows: reported.map(lost) },
    { title: 'Refused: leaving it out would change the answer', rows: refused.map(lost) },
    { title: 'Filled in', rows: assumptions.map(({ path, value, reason }) => `${path} = ${value}: ${reason}`) },
  ]
}

function passedWords({ target, credential, protocol, reason }: Explanation['passed'][number]): string {
  const key = credential === undefined ? undefined : `key "${credential}"`
  const place = [target, key, protocol].filter(each => each !== undefined).join(', ')
  return `${place}: ${reason}`
}

function showRequest(
  { method, url, headers, body }: NonNullable<Explanation['request']>,
  title: string,
  { print }: Desk,
): void {
  print.line(`\n${print.paint('bold', title)}`)
  print.line(`${method} ${url}`)
  for (const [name, value] of Object.entries(headers)) print.line(`${name}: ${oneLine(value, 400)}`)
  const read = parseJson(body)
  print.line(`\n${read.ok ? JSON.stringify(read.value, undefined, 2) : body}`)
}

function troubleIn({ code, what, why, fix }: Problem): Trouble {
  return { code, what, fix, ...(why === undefined ? {} : { why }) }
}
