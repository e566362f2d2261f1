import { CONFIG_BYTES_MAX } from '../src/app/config/load.ts'
import { branches, describeShape, wholeShape } from '../src/app/config/shape.ts'
import { asArray, asObject, asString, type JsonObject } from '../src/base/json-value.ts'

const INTRO = `# Configuration

<!-- Generated from the schema by \`npm run docs\`. Do not edit. -->

Candor reads one JSON5 file, and none is needed: without it every provider of the catalogue whose environment variable is set is available.
The smallest file is \`{}\`. Unknown keys, wrong values and impossible addresses are errors that name the line, the column, what was
expected and how to mend it; all of them are told at once (\`candor config check\`).

## Where it is

| | first found wins |
|---|---|
| configuration | \`--config FILE\`, \`$CANDOR_CONFIG\`, \`$XDG_CONFIG_HOME/candor/candor.json5\`, \`~/.config/candor/candor.json5\` |
| data | \`$CANDOR_HOME\`, \`$XDG_DATA_HOME/candor\`, \`~/.local/share/candor\` |

The working directory is never looked at: a cloned repository must not be able to redirect your keys. Variables must hold absolute paths.
Keep the file readable for yourself alone (mode 0600); Candor warns if others can read a key in it, or write it. It is at most ${CONFIG_BYTES_MAX / 1_048_576} MiB.

A running gateway notices a change, checks the new file beside the running configuration, and swaps. If the new one has a fault, the old one
stays in force, and the log and \`/readyz\` say so.

## Keys, and values from elsewhere

Keys (\`apiKey\`, \`gateway.keys\`), \`baseUrl\` and header values may refer to the environment:

| form | meaning |
|---|---|
| \`"\${NAME}"\` | the variable's value; an empty one counts as not set |
| \`"\${NAME:-default}"\` | the same, or the default |
| \`"$\${"\` | a literal \`\${\` |
| \`{ file: "/run/secrets/key" }\` | what the file holds, without white space around it (keys only, 64 KiB) |
| \`{ exec: ["op", "read", "op://vault/kimi/key"] }\` | the first line a program prints (keys only; no shell, 5 seconds, 64 KiB, only \`PATH\`, \`HOME\` and the variables listed in \`env\`) |

Nothing is filled in twice: what a variable holds is not looked at again. If a variable, file or program fails, that one provider is
unavailable, with the reason (\`candor providers\`); the others work. A gateway key that cannot be had stops the start instead.

A key goes to the origin of its provider's \`baseUrl\` and nowhere else. If you set \`baseUrl\` for a provider of the catalogue, its other
surfaces move along where the same change fits them (\`https://api.kimi.com/coding/v1\` → \`http://127.0.0.1:9000/coding/v1\` also moves
\`https://api.kimi.com/coding\`); those it does not fit are not used.

## Headers

Names are HTTP tokens, values one line of printable ASCII, and \`null\` removes a header. Headers of the connection and the framing (\`Host\`,
\`Content-Length\`, \`Transfer-Encoding\`, \`Connection\` and their like) cannot be set. A \`User-Agent\` is sent exactly as written, and
the receipt says that it was configured.

## Example

\`\`\`json5
{
  models: {
    default: "kimi-coding/kimi-for-coding",
    providers: {
      "kimi-coding": {
        apiKey: "\${KIMI_API_KEY}",
        headers: { "X-Team": "\${TEAM:-none}" },
      },
      "my-server": {
        baseUrl: "http://127.0.0.1:8000/v1",
        api: "openai-completions",
        models: [{ id: "local-model", contextWindow: 32768 }],
      },
    },
    aliases: { "claude-*": "kimi-coding/kimi-for-coding" },
  },
  gateway: { port: 8787 },
}
\`\`\`

\`candor config set models.default my-server/local-model\` changes one value and leaves comments and order alone; \`candor config show --origin\`
tells where each value in force comes from; \`candor config schema\` prints a JSON Schema for editors.

## All keys
`

/** docs/configuration.md, from the schema the file is checked by. */
export function configurationMarkdown(): string {
  return `${INTRO}${sections(wholeShape(), '').join('')}`
}

interface Row {
  readonly key: string
  readonly shape: JsonObject
  readonly required: boolean
}

/** The table of one object, then those of the objects in it. */
function sections(shape: JsonObject, path: string): string[] {
  const rows = rowsOf(shape)
  const title = path === '' ? 'The file' : `\`${path}\``
  const table = rows.map(row => line(row)).join('\n')
  const own = `\n### ${title}\n\n| key | value | default | meaning |\n|---|---|---|---|\n${table}\n`
  const inner = rows.flatMap(row => {
    const below = objectBelow(row.shape, path === '' ? row.key : `${path}.${row.key}`)
    return below === undefined ? [] : sections(below.shape, below.path)
  })
  return [own, ...inner]
}

function rowsOf(shape: JsonObject): Row[] {
  const required = asArray(shape['required'])
  return Object.entries(asObject(shape['properties']) ?? {}).flatMap(([key, value]) => {
    const field = asObject(value)
    return field === undefined ? [] : [{ key, shape: field, required: required.includes(key) }]
  })
}

/**
 * The object that is described next: the value itself, the only object among its forms, or what a list or a record with free keys holds. The forms of
 * keys are told above.
 */
function objectBelow(shape: JsonObject, path: string): { shape: JsonObject; path: string } | undefined {
  if (shape['properties'] !== undefined) return { shape, path }
  const forms = branches(shape)
  if (forms.length > 1) {
    const [form, ...others] = forms.filter(({ properties }) => properties !== undefined)
    return form === undefined || others.length > 0 ? undefined : { shape: form, path }
  }
  const item = asObject(shape['items'])
  if (item !== undefined) return objectBelow(item, `${path}[]`)
  const any = asObject(shape['additionalProperties'])
  return any === undefined ? undefined : objectBelow(any, `${path}.*`)
}

function line({ key, shape, required }: Row): string {
  const fallback = shape['default']
  const isPlain = typeof fallback !== 'object' || Array.isArray(fallback)
  const shown = required ? '**required**' : fallback === undefined || !isPlain ? '' : `\`${JSON.stringify(fallback)}\``
  const meaning = asString(shape['description']) ?? ''
  // Where the meaning says what a text may hold, it is all there is to say of the value.
  const value = valueWords(shape)
  return `| \`${key}\` | ${value === meaning ? 'a text' : cell(value)} | ${shown} | ${cell(meaning)} |`
}

function valueWords(shape: JsonObject): string {
  const kind = asString(shape['type'])
  const item = asObject(shape['items'])
  if (kind === 'object') return shape['properties'] === undefined ? 'an object with names of yours' : 'an object'
  if (kind === 'array' && item !== undefined)
    return `a list of: ${item['properties'] === undefined ? describeShape(item) : 'objects'}`
  return describeShape(shape)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
