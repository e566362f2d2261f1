import type { LoadResult } from '../../app/config/config.ts'
import { parsePath, parseValue, setInFile } from '../../app/config/edit.ts'
import { showFault, showWarning } from '../../app/config/fault.ts'
import { loadConfig } from '../../app/config/load.ts'
import { resolveConfig } from '../../app/config/resolve.ts'
import { jsonSchema } from '../../app/config/schema.ts'
import { effectiveValues, showValues } from '../../app/config/show.ts'
import { errorCode } from '../../base/error-code.ts'
import { plural } from '../amounts.ts'
import { opened, pathsOf } from '../gateway-access.ts'
import { tell as say } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, type Verb } from '../verb.ts'

const check: Verb = {
  name: 'check',
  summary: 'Check the configuration and print every fault with its place',
  options: [CONFIG_OPTION],
  examples: [{ line: 'candor config check', about: 'exit code 2 if anything is wrong' }],
  async run(given, desk) {
    const loaded = await load(given, desk)
    const { print } = desk
    const faults = loaded.ok ? [] : loaded.faults
    const warnings = loaded.ok ? loaded.warnings : []
    if (print.json)
      print.document({
        ok: loaded.ok,
        file: fileOf(loaded),
        exists: !loaded.ok || loaded.config.source.exists,
        faults,
        warnings,
      })
    else tell(loaded, desk)
    return loaded.ok ? EXIT.ok : EXIT.usage
  },
}

const path: Verb = {
  name: 'path',
  summary: 'Where the configuration file and the data folder are, and what decided it',
  options: [CONFIG_OPTION],
  examples: [{ line: 'candor config path', about: 'the file comes first' }],
  async run(given, desk) {
    const { shell, print } = desk
    const { configFile, configFrom, dataDir, dataFrom } = pathsOf(shell, given.text('config'))
    if (print.json) print.document({ configFile, configFrom, dataFolder: dataDir, dataFrom })
    else {
      print.line(configFile)
      say(`from ${configFrom}; the data folder is ${dataDir}, from ${dataFrom}`, desk)
    }
    return EXIT.ok
  },
}

const show: Verb = {
  name: 'show',
  summary: 'The values in force, secrets masked',
  options: [{ flags: '--origin', about: 'where each value comes from' }, CONFIG_OPTION],
  examples: [{ line: 'candor config show --origin', about: 'which source won, value by value' }],
  async run(given, desk) {
    const { print, shell } = desk
    const { config } = good(await load(given, desk))
    const values = effectiveValues(await opened(resolveConfig(config, shell.env)))
    if (print.json) print.document({ values })
    else print.line(showValues(values, { origin: given.flag('origin') }))
    return EXIT.ok
  },
}

const set: Verb = {
  name: 'set',
  summary: 'Set one value in the file; comments and everything else stay as they are',
  args: [
    { syntax: '<path>', about: 'such as gateway.port or models.providers.openai.apiKey' },
    { syntax: '<value>', about: 'JSON5, or a text' },
  ],
  options: [CONFIG_OPTION],
  examples: [
    { line: 'candor config set gateway.port 9000', about: 'a number' },
    {
      line: `candor config set models.providers.openai.apiKey '\${OPENAI_API_KEY}'`,
      about: 'a reference, so that no key is in the file',
    },
  ],
  async run(given, desk) {
    const { print } = desk
    const [where = '', value = ''] = given.args
    const parsed = parsePath(where)
    if (parsed === undefined)
      throw new CliFault(EXIT.usage, `"${oneLine(where, 80)}" is not a path.`, {
        fix: ['Write it like gateway.port or models.aliases["gpt-4.1"].'],
      })
    const file = pathsOf(desk.shell, given.text('config')).configFile
    const written = await setInFile({ file, path: parsed, value: parseValue(value) }).catch(unwritable(file))
    if (!written.ok)
      throw new CliFault(EXIT.usage, faultWords(written.faults), {
        why: 'Nothing was written: the file would have to be right with it.',
      })
    if (print.json) print.document({ file, path: where, warnings: written.warnings })
    else print.note(`${where} is set in ${file}.`)
    for (const warning of written.warnings) print.warn(showWarning(warning, file))
    return EXIT.ok
  },
}

const schema: Verb = {
  name: 'schema',
  summary: 'The JSON Schema of the configuration, for editors',
  examples: [{ line: 'candor config schema > candor.schema.json', about: 'then name it in the file as $schema' }],
  async run(_given, { print }) {
    print.line(JSON.stringify(jsonSchema(), null, 2))
    return EXIT.ok
  },
}

/** `candor config`. */
export const config: Verb = {
  name: 'config',
  summary: 'Check, show and change the configuration',
  verbs: [check, path, show, set, schema],
  examples: [
    { line: 'candor config check', about: 'every fault with its line' },
    { line: 'candor config show --origin', about: 'what is in force, and why' },
  ],
}

async function load(given: Given, { shell }: Desk): Promise<LoadResult> {
  const { configFile, configNamed } = pathsOf(shell, given.text('config'))
  return await loadConfig({ file: configFile, mustExist: configNamed })
}

function fileOf(loaded: LoadResult): string {
  return loaded.ok ? loaded.config.source.file : loaded.file
}

function tell(loaded: LoadResult, { print }: Desk): void {
  if (!loaded.ok) {
    for (const fault of loaded.faults) print.line(`${showFault(fault)}\n`)
    print.note(`${plural(loaded.faults.length, 'fault')} in ${loaded.file}.`)
    return
  }
  const { file, exists } = loaded.config.source
  for (const warning of loaded.warnings) print.warn(showWarning(warning, file))
  print.line(exists ? `${file} is good.` : `There is no ${file}; the environment alone decides, and that is good.`)
}

/** The configuration, or its faults as the end of the command. */
function good(loaded: LoadResult): Extract<LoadResult, { ok: true }> {
  if (loaded.ok) return loaded
  throw new CliFault(EXIT.usage, faultWords(loaded.faults))
}

function faultWords(faults: Extract<LoadResult, { ok: false }>['faults']): string {
  return faults.map(showFault).join('\n\n')
}

function unwritable(file: string) {
  return (error: unknown): never => {
    const code = errorCode(error)
    throw new CliFault(EXIT.finding, `${file} cannot be written (${code}).`)
  }
}
