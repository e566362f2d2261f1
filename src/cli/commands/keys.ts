import type { KeyView, MadeKeyView } from '../../admin/keys.ts'
import { plural } from '../amounts.ts'
import { confirm } from '../confirm.ts'
import { type Access, accessOptions, openAccess } from '../gateway-access.ts'
import { BUDGET_NOTES, type KeyBody, LIMIT_OPTIONS, limitsBody } from '../keys/key-options.ts'
import { KEY_COLUMNS, keyCells, tellKey } from '../keys/key-words.ts'
import { unknownModelWords } from '../keys/unknown-models.ts'
import { ask, listIn } from '../questions.ts'
import { isInteractive } from '../shell.ts'
import { tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT, type Given, URL_OPTION, type Verb } from '../verb.ts'

const KEY_ARGUMENT = { syntax: '<key>', about: 'its name or id' }

const create: Verb = {
  name: 'create',
  summary: 'Make a key; its secret is printed once and never kept',
  args: [{ syntax: '<name>', about: 'by which people know it' }],
  options: [
    { flags: '--owner <who>', about: 'whom it belongs to' },
    { flags: '--tag <word>', about: 'a word to sort keys by; may be repeated', repeats: true },
    ...LIMIT_OPTIONS,
    { flags: '--admin', about: 'may also use the admin API: keys, providers, receipts of all' },
    URL_OPTION,
  ],
  examples: [
    { line: 'candor keys create ci --expires 30d --budget 5usd/day', about: 'five dollars a day, for a month' },
    { line: "candor keys create team --model 'moonshot/*' --rpm 60", about: 'one provider only, 60 requests a minute' },
    { line: 'candor keys create ops --admin', about: 'for whoever looks after the gateway' },
  ],
  notes: () => BUDGET_NOTES,
  run: (given, desk) =>
    withGateway(
      given,
      desk,
      async access => {
        const [name = ''] = given.args
        const isFirst = (await listKeys(access)).length === 0
        const made = await ask(access, '/candor/keys', { body: newKey(name, given) })
        tellMade(madeIn(made), 'made', desk)
        await warnOfModels(given, access, desk)
        if (isFirst) tell('It is the first one: from now on this gateway asks for a key, whatever becomes of it.', desk)
        return EXIT.ok
      },
      'needed',
    ),
}

const list: Verb = {
  name: 'list',
  summary: 'All keys: state, limits, and what they have used of their budgets',
  options: [{ flags: '--all', about: 'also revoked ones' }, URL_OPTION],
  examples: [{ line: 'candor keys list --json', about: 'for a script' }],
  run: (given, desk) =>
    withGateway(given, desk, async access => {
      const { print, shell } = desk
      const all = await listKeys(access)
      const shown = given.flag('all') ? all : all.filter(key => key.state !== 'revoked')
      if (print.json) print.document({ keys: shown })
      else if (shown.length > 0)
        print.table(
          KEY_COLUMNS,
          shown.map(key => keyCells(key, shell.clock.now())),
        )
      const hidden = all.length - shown.length
      if (all.length === 0)
        tell('There are no keys: the gateway asks for none. Make one: candor keys create <name>', desk)
      if (hidden > 0) print.note(`${plural(hidden, 'revoked key is', 'revoked keys are')} not shown; --all shows them.`)
      return EXIT.ok
    }),
}

const show: Verb = {
  name: 'show',
  summary: 'Everything about one key, but not its secret',
  args: [KEY_ARGUMENT],
  options: [URL_OPTION],
  examples: [{ line: 'candor keys show ci', about: 'its rights, limits and budgets' }],
  run: (given, desk) =>
    withGateway(given, desk, async access => {
      tellOne(await findKey(access, given), desk)
      return EXIT.ok
    }),
}

const limit: Verb = {
  name: 'limit',
  summary: 'Change what a key may do and use; the word none takes a limit away',
  args: [KEY_ARGUMENT],
  options: [...LIMIT_OPTIONS, URL_OPTION],
  examples: [
    { line: 'candor keys limit ci --rpm 30 --budget 10usd/day', about: 'the rest stays as it is' },
    { line: 'candor keys limit ci --budget none', about: 'no budget any more' },
  ],
  notes: () =>
    `${BUDGET_NOTES}\nA budget takes the place of the one of the same unit, period and kind; the others stay.`,
  run: (given, desk) =>
    withGateway(given, desk, async access => {
      const before = await findKey(access, given)
      const body = limitsBody(given, before)
      if (Object.keys(body).length === 0)
        throw new CliFault(EXIT.usage, 'Nothing to change was named.', { fix: ['See: candor keys limit --help'] })
      tellOne(keyIn(await ask(access, pathOf(before.id), { method: 'PATCH', body })), desk)
      await warnOfModels(given, access, desk)
      return EXIT.ok
    }),
}

const rotate: Verb = {
  name: 'rotate',
  summary: 'Give a key a new secret; the old one is refused at once',
  args: [KEY_ARGUMENT],
  options: [URL_OPTION],
  examples: [{ line: 'candor keys rotate ci', about: 'limits, budgets and receipts stay with the key' }],
  run: (given, desk) =>
    withGateway(given, desk, async access => {
      const { id } = await findKey(access, given)
      tellMade(madeIn(await ask(access, `${pathOf(id)}/rotate`, { method: 'POST' })), 'rotated', desk)
      return EXIT.ok
    }),
}

const revoke: Verb = {
  name: 'revoke',
  summary: 'Refuse a key from now on, for good',
  args: [KEY_ARGUMENT],
  options: [{ flags: '-y, --yes', about: 'revoke without asking' }, URL_OPTION],
  asks: true,
  examples: [{ line: 'candor keys revoke ci', about: 'its next call is refused; its receipts stay' }],
  run: (given, desk) =>
    withGateway(given, desk, async access => {
      const { id, name } = await findKey(access, given)
      const question = `Revoke the key "${oneLine(name)}" (${id}) for good?`
      if (isInteractive(desk.shell) && !given.flag('yes') && !(await confirm(question, desk)))
        throw new CliFault(EXIT.finding, 'Nothing was changed.')
      const key = keyIn(await ask(access, `${pathOf(id)}/revoke`, { method: 'POST' }))
      if (desk.print.json) desk.print.document({ key })
      else desk.print.note(`The key "${oneLine(key.name)}" (${key.id}) is revoked.`)
      return EXIT.ok
    }),
}

/** `candor keys`. */
export const keys: Verb = {
  name: 'keys',
  summary: 'The keys clients show to the gateway: make, limit, rotate and revoke them',
  verbs: [create, list, show, rotate, revoke, limit],
  examples: [
    { line: 'candor keys create ci --budget 5usd/day', about: 'a key that spends at most five dollars a day' },
    { line: 'candor keys list', about: 'who may call, and what has been used' },
  ],
}

/** Without a ledger there is no key to look at or to change: it is made for the first one only. */
async function withGateway(
  given: Given,
  desk: Desk,
  run: (access: Access) => Promise<number>,
  ledger: 'needed' | 'existing' = 'existing',
): Promise<number> {
  const access = await openAccess(accessOptions(given, ledger), desk)
  try {
    return await run(access)
  } finally {
    await access.close()
  }
}

/** Such a name hinders nothing, so it is told after the rest. */
async function warnOfModels(given: Given, access: Access, { print }: Desk): Promise<void> {
  for (const words of await unknownModelWords(given.list('model'), access)) print.warn(words)
}

function newKey(name: string, given: Given): KeyBody {
  const owner = given.text('owner')
  return {
    name,
    ...(owner === undefined ? {} : { owner }),
    tags: given.list('tag'),
    ...limitsBody(given),
    admin: given.flag('admin'),
  }
}

async function listKeys(access: Access): Promise<readonly KeyView[]> {
  return listIn<KeyView>(await ask(access, '/candor/keys'))
}

async function findKey(access: Access, given: Given): Promise<KeyView> {
  const [idOrName = ''] = given.args
  return keyIn(await ask(access, pathOf(idOrName)))
}

function pathOf(idOrName: string): string {
  return `/candor/keys/${encodeURIComponent(idOrName)}`
}

function tellOne(key: KeyView, desk: Desk): void {
  if (desk.print.json) desk.print.document({ key })
  else tellKey(key, desk)
}

function keyIn(body: object): KeyView {
  return body as KeyView
}

function madeIn(body: object): MadeKeyView {
  return body as MadeKeyView
}

/** The secret is the only line of the standard output, so that a script can take it from there. */
function tellMade({ key, secret }: MadeKeyView, what: 'made' | 'rotated', desk: Desk): void {
  const { print } = desk
  if (print.json) {
    print.document({ key, secret })
    return
  }
  tell(`The key "${oneLine(key.name)}" (${key.id}) is ${what}. This is its secret, shown only now:`, desk)
  print.line(secret)
  tell('A client sends it as "Authorization: Bearer …", "x-api-key" or "x-goog-api-key".', desk)
}
