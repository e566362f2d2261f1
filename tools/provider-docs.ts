import { PROVIDERS } from '../src/catalog/index.ts'
import type { AuthScheme, Billing, Clients, Endpoint, Provider } from '../src/catalog/provider.ts'
import type { Quirks } from '../src/wire/quirks.ts'
import { describedAs, quirkWords, rowPath, rowsBehind, sourcesOf } from './provider-facts.ts'

const INTRO = `# Providers

<!-- Generated from the catalogue by \`npm run docs\`. Do not edit. -->

Candor knows ${PROVIDERS.length} providers by name. To use one, set the environment variable its key is usually kept in, or configure it under
\`models.providers.<id>\` ([configuration](configuration.md)); its models are then called as \`provider/model\`. \`candor providers\` says which can be
used on your machine and why the others cannot, \`candor providers <id>\` tells one of them in full, and \`candor doctor <id> --probe\` makes a real call.

A provider that is not here needs two lines: \`baseUrl\` and \`api\`, the protocol it speaks. To add it to the catalogue:
[adding a provider](adding-a-provider.md).

How to read this page:

* **Lane**: who pays. \`plan\` is a subscription, \`metered\` pay per use, \`free\` nobody, \`local\` your own machine. A call
  [never leaves its lane](routes.md#billing-lanes) unless a route of yours says so.
* **Surface**: a protocol at a base URL. If a provider has one in the client's own protocol, the bytes pass through; else Candor
  [translates](translation.md).
* **Admits**: whom the surface lets in, by \`User-Agent\`. \`everybody\`; \`clients on its list\`; \`everybody with a name of their own\`, which is what
  Candor passes on. Candor never sends another program's name by itself.
* **Differs**: where the provider's dialect departs from its protocol. Candor writes requests accordingly, and tells what it left out or filled in.
* **Sources**: where the facts are from. Each stands in a comment beside its fact in the row.
`

const LANES: Readonly<Record<Billing, string>> = {
  plan: 'plan: a subscription pays',
  metered: 'metered: pay per use',
  free: 'free: nobody pays',
  local: 'local: your own machine',
}

const ADMITTED: Readonly<Record<Clients, string>> = {
  any: 'everybody',
  listed: 'clients on its list',
  'must-identify': 'everybody with a name of their own',
}

const SENT_AS: Readonly<Record<AuthScheme, string>> = {
  bearer: '`Authorization: Bearer`',
  'x-api-key': '`x-api-key`',
  'x-goog-api-key': '`x-goog-api-key`',
  'api-key': '`api-key`',
  none: 'not sent',
}

/** docs/providers.md, from the rows of the catalogue. */
export function providersMarkdown(): string {
  return `${INTRO}\n${overview()}\n${PROVIDERS.map(section).join('\n')}`
}

function overview(): string {
  const rows = PROVIDERS.map(({ id, name, billing, endpoints, env }) => {
    const spoken = [...new Set(endpoints.map(({ protocol }) => code(protocol)))].join(', ')
    return `| [\`${id}\`](#${id}) | ${name} | ${billing} | ${spoken} | ${env[0] === undefined ? '' : code(env[0])} |`
  })
  return `## All of them

| id | name | lane | speaks | key in |
|---|---|---|---|---|
${rows.join('\n')}
`
}

function section(provider: Provider): string {
  return `## ${provider.id}

${describedAs(provider.id)}

| surface | base URL | admits | key | |
|---|---|---|---|---|
${provider.endpoints.map(surface).join('\n')}

${facts(provider)
  .map(line => `* ${line}`)
  .join('\n')}
`
}

function surface(endpoint: Endpoint): string {
  const { protocol, baseUrl, clients, auth, admits } = endpoint
  const known = admits === undefined ? '' : `; known: ${admits.map(code).join(', ')}`
  return `| ${code(protocol)} | \`${baseUrl}\` | ${ADMITTED[clients]}${known} | ${SENT_AS[auth]} | ${remarks(endpoint).join('; ')} |`
}

function remarks({ countsTokens, embeds, deprecated, imitation }: Endpoint): string[] {
  return [
    ...(countsTokens === true ? ['counts tokens'] : []),
    ...(embeds === true ? ['embeddings'] : []),
    ...(deprecated === true ? ['the provider advises against it: only if nothing else speaks the protocol'] : []),
    ...(imitation === true ? ["only for embeddings, or if the provider's own surface cannot take the call"] : []),
  ]
}

function facts(provider: Provider): string[] {
  const { id, name, billing, console: page, siblings, variables, modelAliases, modelList, usagePolicy } = provider
  const aliases = Object.entries(modelAliases ?? {}).map(([old, now]) => `${code(old)} is ${code(now)}`)
  return [
    `**Name, lane.** ${name}; ${LANES[billing]}.`,
    `**Key.** ${keyWords(provider)}${page === undefined ? '' : ` Made at <${page}>.`}`,
    ...(siblings === undefined ? [] : [`**Not to be mixed up with** ${siblings.map(other).join(', ')}.`]),
    ...(variables ?? []).map(variableWords),
    `**Models.** ${modelList === 'complete' ? 'The list is complete: another name does not exist.' : 'The list is open: other names are tried.'} \`candor models ${id}\``,
    ...(aliases.length === 0 ? [] : [`**Old names.** ${aliases.join(', ')}.`]),
    ...quotaWords(provider),
    ...(usagePolicy === undefined ? [] : [`**The provider's rules.** ${usagePolicy}`]),
    ...differences(provider),
    ...failureWords(provider),
    sourceWords(id),
  ]
}

function keyWords({ env, keyOptional, keyPrefixes = [], billing }: Provider): string {
  const beginnings = keyPrefixes.map(
    each => code(each.prefix) + (each.billing === undefined || each.billing === billing ? '' : ` (${each.billing})`),
  )
  return [
    env.length === 0
      ? 'None needed.'
      : `In ${env.map(code).join(' or ')}${keyOptional === true ? ', if it wants one' : ''}.`,
    ...(beginnings.length === 0 ? [] : [`Begins with ${beginnings.join(' or ')}.`]),
  ].join(' ')
}

function variableWords({ name, env, default: otherwise }: NonNullable<Provider['variables']>[number]): string {
  const from = `from ${env.map(code).join(' or ')}`
  return `**Address.** \`{${name}}\` is filled in ${from}${otherwise === undefined ? '' : `, else ${code(otherwise)}`}.`
}

function quotaWords({ quota }: Provider): string[] {
  if (quota === undefined) return []
  const { method, url, also, billing } = quota
  const second = also === undefined ? '' : `, and \`${also.path}\` beside it`
  const only = billing === undefined ? '' : ` Only for keys of the lane ${billing}.`
  return [`**What is left.** \`${method} ${url}\`${second}: [\`candor usage quota\`](quotas.md).${only}`]
}

function failureWords({ signs = [] }: Provider): string[] {
  const codes = [...new Set(signs.map(sign => sign.code))]
  if (codes.length === 0) return []
  return [`**Failures it has its own words for.** ${codes.map(each => `[${each}](problems.md#${each})`).join(', ')}.`]
}

function sourceWords(id: string): string {
  const rows = [id, ...rowsBehind(id)].map(
    (each, i) => `[${i === 0 ? 'the row' : `that of ${each}`}](../${rowPath(each)})`,
  )
  return `**Sources.** ${[...sourcesOf(id), ...rows].join(', ')}.`
}

/** What is true of the whole provider, then of each surface. */
function differences({ quirks, endpoints }: Provider): string[] {
  return [
    ...differs('Differs', quirks),
    ...endpoints.flatMap(endpoint => differs(`Differs over ${endpoint.protocol}`, endpoint.quirks)),
  ]
}

function differs(title: string, quirks: Quirks | undefined): string[] {
  if (quirks === undefined) return []
  const { byModel = [], ...common } = quirks
  const inner = byModel.flatMap(({ models, quirks: some }) =>
    told(some).map(words => `\n  * ${words} (models that match \`${models}\`)`),
  )
  const lines = [...told(common).map(words => `\n  * ${words}`), ...inner]
  return lines.length === 0 ? [] : [`**${title}.**${lines.join('')}`]
}

function told(quirks: Omit<Quirks, 'byModel'>): string[] {
  return (Object.entries(quirks) as [keyof Quirks, unknown][]).map(([name, value]) => {
    if (value === false) return `Not so here: ${quirkWords(name)}`
    const values = value === true ? [] : [value].flat().map(each => code(String(each)))
    return `${quirkWords(name)}${values.length === 0 ? '' : `: ${values.join(', ')}`}`
  })
}

function other(id: string): string {
  return `[\`${id}\`](#${id})`
}

/** A bar would end a cell of a table. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}
