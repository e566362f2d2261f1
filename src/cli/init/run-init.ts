import type { AppOptions } from '../../app/app.ts'
import { checkText } from '../../app/config/load.ts'
import type { Paths } from '../../app/config/paths.ts'
import type { JsonValue } from '../../base/json-value.ts'
import type { Provider } from '../../catalog/provider.ts'
import type { Answer } from '../chat/ask.ts'
import { unifiedDiff } from '../clients/diff.ts'
import { serveDemo } from '../commands/serve.ts'
import { appOptions, pathsOf } from '../gateway-access.ts'
import { runImport } from '../import/run-import.ts'
import type { Source } from '../import/sources.ts'
import { indent } from '../print.ts'
import { isInteractive } from '../shell.ts'
import { tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { exitOf } from '../trouble.ts'
import { CliFault, type Desk, EXIT, type Given } from '../verb.ts'
import { askModel, type Chosen, choosePlace, complete, type Detour, type Place, type Setting } from './choose.ts'
import { type ConfigBefore, faultIn, readBefore, textWith } from './draft.ts'
import { editsFor } from './edits.ts'
import { goOnCommand } from './go-on.ts'
import { modelChoices } from './model-list.ts'
import { Back, Cancelled, type Prompter } from './prompter.ts'
import { prove } from './prove.ts'
import { type KeyFile, placeForKey, storeAll } from './store.ts'
import { lookAround } from './surroundings.ts'
import { baseUrlsOf, clientsHere } from './told.ts'
import { withWayBack } from './way-back.ts'
import { type KeyPlace, readWishes } from './wishes.ts'

/** What the program brings along and tests replace. */
export interface InitParts {
  readonly prompter: (desk: Desk) => Prompter
  readonly rows: readonly Provider[]
  /** Starts the gateway, at the end, if that is wanted. */
  readonly serve: (given: Given, desk: Desk) => Promise<number>
}

/** The first minute: look around, choose, prove, write, tell. Nothing is written before the proof, or before somebody wants it without one. */
export async function runInit(given: Given, desk: Desk, parts: InitParts): Promise<number> {
  const sofar: Sofar = { chosen: undefined }
  try {
    return await firstMinute(given, desk, parts, sofar)
  } catch (error) {
    if (!(error instanceof Cancelled || error instanceof Back)) throw error
    desk.print.note('\nStopped. Nothing was written.')
    if (sofar.chosen !== undefined) desk.print.note(`To go on from there: ${goOnCommand(sofar.chosen)}`)
    return EXIT.interrupted
  }
}

/** What was chosen by now, so that whoever stops can go on from there. */
interface Sofar {
  chosen: Place | Chosen | undefined
}

async function firstMinute(given: Given, desk: Desk, parts: InitParts, sofar: Sofar): Promise<number> {
  const wishes = await readWishes(given, desk)
  const paths = pathsOf(desk.shell, given.text('config'))
  const before = await readBefore(paths.configFile)
  const interactive = isInteractive(desk.shell) && !desk.print.json
  if (before.text !== undefined && !interactive && !wishes.force)
    throw new CliFault(EXIT.usage, `${before.file} is there already, and there is nobody to ask.`, {
      fix: [
        'Change it all the same (the change is shown): --force',
        'Or one value of it: candor config set PATH VALUE',
      ],
    })
  const takeOver = (source: Source, file: string | undefined) =>
    runImport({ source, file, write: true, keysToFiles: false, yes: wishes.yes }, given, desk)
  if (wishes.from !== undefined) return await takeOver(wishes.from.source, wishes.from.file)
  if (interactive) desk.print.note('Looking for keys, local model servers and other tools …')
  const around = await lookAround(paths, parts.rows, desk)
  const setting: Setting = { desk, wishes, around, prompter: interactive ? parts.prompter(desk) : undefined }
  if (interactive) greet(setting)
  const ready = await decide(setting, before, paths, sofar)
  if ('exit' in ready) return ready.exit
  if ('detour' in ready)
    return ready.detour === 'demo' ? await leadToDemo(given, desk) : await takeOver(ready.source, ready.file)
  return await write(ready, setting, before, given, parts)
}

function greet({ around, desk }: Setting): void {
  desk.print.note('Escape: one question back. Ctrl-C: stop, nothing is written.')
  const { keys, servers, tools } = around
  if (keys.length + servers.length > 0) return
  desk.print.note('No key was found in the environment, and no local model server answers.')
  if (tools.length > 0) desk.print.note(`There is something of ${tools.map(({ name }) => name).join(', ')}, though.`)
}

async function leadToDemo(given: Given, desk: Desk): Promise<number> {
  tell(
    'Simulated providers need no key. When you have one, run candor init again. Where each is made says: candor providers <id>',
    desk,
  )
  desk.print.note()
  return await serveDemo(given, desk)
}

/** A choice, with the proof of it if one was made. */
interface Ready {
  readonly chosen: Chosen
  readonly answer?: Answer
}

type Decision = Ready | { readonly exit: number } | Detour

/** Asks for all that makes a call. */
async function choose(setting: Setting, sofar: Sofar): Promise<Chosen | Detour> {
  const asked = async (prompter: Prompter | undefined) => {
    const place = await choosePlace({ ...setting, prompter })
    if ('detour' in place) return place
    sofar.chosen = place
    return await complete(place, { ...setting, prompter })
  }
  return setting.prompter === undefined ? await asked(undefined) : await withWayBack(setting.prompter, asked)
}

/** Chooses and proves, again and again until it works or the person wants it as it is. */
async function decide(setting: Setting, before: ConfigBefore, paths: Paths, sofar: Sofar): Promise<Decision> {
  let current = setting
  for (;;) {
    const first = await choose(current, sofar)
    if ('detour' in first) return first
    let chosen = first
    for (;;) {
      sofar.chosen = chosen
      if (!setting.wishes.probe) return { chosen }
      const answer = await prove(
        `${chosen.id}/${chosen.model}`,
        proofOptions(chosen, before, paths, setting.desk),
        setting.desk,
      )
      if (answer.outcome === 'whole') return { chosen, answer }
      const next = await afterFailure(answer, chosen, setting)
      if (typeof next === 'number') return { exit: next }
      if (next === 'anyway') return { chosen, answer }
      if (next === 'provider') break
      if (typeof next === 'object') chosen = { ...chosen, ...next }
    }
    // What was named on the command line did not work: now it is asked.
    const { force, serve } = setting.wishes
    current = { ...current, wishes: { probe: true, yes: false, force, serve } }
  }
}

/** What to do with a choice that did not answer: another model, another word, or the exit code to leave with. */
async function afterFailure(answer: Answer, { row, listed }: Chosen, { prompter, desk }: Setting) {
  const exit = answer.trouble === undefined ? EXIT.finding : exitOf(answer.trouble)
  if (prompter === undefined) {
    if (desk.print.json)
      desk.print.document({ outcome: 'failed', ...(answer.trouble === undefined ? {} : { error: answer.trouble }) })
    desk.print.note('Nothing was written. Without the call: --no-probe')
    return exit
  }
  return await withWayBack(prompter, async asking => {
    const next = await asking.select<'model' | 'provider' | 'again' | 'anyway' | number>(
      'It did not answer. What now?',
      [
        { value: 'model', label: 'Another model' },
        { value: 'provider', label: 'Another provider or key' },
        { value: 'again', label: 'Ask once more' },
        { value: 'anyway', label: 'Write it anyway', hint: 'unproven' },
        { value: exit, label: 'Leave', hint: 'nothing is written' },
      ],
    )
    return next === 'model' ? { model: await askModel(asking, modelChoices(row, listed)) } : next
  })
}

/** Where a key from the hand is while it is tried: in the environment of this process alone. */
const HAND_VARIABLE = 'THE_KEY_YOU_GAVE'

function proofOptions(chosen: Chosen, before: ConfigBefore, paths: Paths, desk: Desk): AppOptions {
  const { key } = chosen
  const text = textWith(before, editsFor(chosen, reference(key, `\${${HAND_VARIABLE}}`), before))
  const fault = faultIn(text, paths.configFile)
  if (fault !== undefined) throw new CliFault(EXIT.usage, `The configuration would not be valid: ${fault}`)
  const options = appOptions(desk)
  const env = key.from === 'hand' ? { ...options.env, [HAND_VARIABLE]: key.key.reveal() } : options.env
  return { ...options, env, configText: { text, label: paths.configFile }, log: () => {} }
}

/** How a key is referred to; never the key. */
function reference(key: KeyPlace, byHand: JsonValue): JsonValue | undefined {
  if (key.from === 'environment') return `\${${key.name}}`
  if (key.from === 'file') return { file: key.file }
  return key.from === 'hand' ? byHand : undefined
}

async function write(
  ready: Ready,
  setting: Setting,
  before: ConfigBefore,
  given: Given,
  parts: InitParts,
): Promise<number> {
  const { desk, prompter, wishes } = setting
  const { chosen, answer } = ready
  const { key } = chosen
  const keyFile: KeyFile | undefined =
    key.from === 'hand' ? await placeForKey(before.file, chosen.id, key.key) : undefined
  const after = textWith(
    before,
    editsFor(chosen, reference(key, keyFile === undefined ? '' : { file: keyFile.file }), before),
  )
  const fault = faultIn(after, before.file)
  if (fault !== undefined) throw new CliFault(EXIT.usage, `The configuration would not be valid: ${fault}`)
  const isProven = answer?.outcome === 'whole'
  if (before.text !== after) {
    const diff = unifiedDiff(
      { file: before.file, before: before.text, after },
      new Set([`${chosen.id}/${chosen.model}`, chosen.baseUrl ?? '']),
    )
    desk.shell.stderr.write(`\n${diff}`)
    const asks = before.text !== undefined && !wishes.force
    if (asks && prompter !== undefined && !(await prompter.confirm(`Change ${before.file}?`, false)))
      throw new Cancelled()
  }
  if (before.text !== after)
    await storeAll(
      { file: before.file, before: before.text, after },
      keyFile === undefined ? [] : [keyFile],
      desk.shell,
    )
  tellWritten(chosen, { file: before.file, after, keyFile, isProven, changed: before.text !== after }, answer, desk)
  const serves = wishes.serve || (prompter !== undefined && !wishes.yes && (await wantsToServe(prompter)))
  if (serves) return await parts.serve(given, desk)
  if (prompter !== undefined) desk.print.note('Start it when you like: candor serve')
  return EXIT.ok
}

async function wantsToServe(prompter: Prompter): Promise<boolean> {
  return await prompter.confirm('Start the gateway now?', true).catch((error: unknown) => {
    // It is written: leaving here only means no.
    if (error instanceof Cancelled || error instanceof Back) return false
    throw error
  })
}

interface Written {
  readonly file: string
  readonly after: string
  readonly keyFile: KeyFile | undefined
  readonly isProven: boolean
  readonly changed: boolean
}

function tellWritten(chosen: Chosen, written: Written, answer: Answer | undefined, desk: Desk): void {
  const { print, shell } = desk
  const checked = checkText(written.after, written.file)
  const urls = baseUrlsOf(checked.ok ? checked.config.gateway : { host: '127.0.0.1', port: 8787 })
  const clients = clientsHere(shell)
  const ref = `${chosen.id}/${chosen.model}`
  if (print.json) {
    print.document({
      outcome: written.changed ? 'written' : 'nothing',
      file: written.file,
      ...(written.keyFile === undefined ? {} : { keyFile: written.keyFile.file }),
      model: ref,
      proven: written.isProven,
      ...(answer === undefined ? {} : { text: answer.text }),
      baseUrls: urls,
      clients: clients.map(({ id }) => id),
    })
    return
  }
  const row = (title: string, text: string) => {
    for (const line of indent(text, `  ${print.paintNote('dim', title.padEnd(18))} `, shell.stderr)) print.note(line)
  }
  print.note(written.changed ? `Written: ${written.file}` : `Nothing to change: ${written.file} says so already.`)
  row('default model', oneLine(ref))
  row('key', keyWords(chosen.key, written.keyFile))
  if (!written.isProven) print.warn('This is unproven: it has not answered. To try it: candor doctor --probe')
  print.note('\nOnce the gateway runs, clients go to:')
  row('OpenAI clients', print.paintNote('cyan', urls.openai))
  row('Anthropic clients', `${print.paintNote('cyan', urls.anthropic)}   (without /v1)`)
  row('Gemini clients', `${print.paintNote('cyan', urls.gemini)}   (without /v1beta)`)
  if (clients.length > 0) print.note('\nFound on this machine:')
  for (const { id, name } of clients) row(name, `candor connect ${id}`)
  print.note()
}

function keyWords(key: KeyPlace, keyFile: KeyFile | undefined): string {
  if (key.from === 'environment') return `from the environment variable ${key.name}`
  if (key.from === 'file') return `from ${key.file}`
  return keyFile === undefined ? 'none' : `in ${keyFile.file}, readable for you alone`
}
