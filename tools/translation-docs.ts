import { PARAMETER_NAMES, PARAMETERS, type ParameterName } from '../src/canon/parameters.ts'
import { WIRE_PROTOCOLS } from '../src/wire/index.ts'
import type { WireProtocol } from '../src/wire/wire-protocol.ts'

const INTRO = `# Translation

<!-- Generated from the parameter tables by \`npm run docs\`. Do not edit. -->

When a client and a provider speak the same protocol, nothing is translated: the bytes go through as they came, and fields Candor has
never heard of survive. When they differ, the request goes through one canonical form. This page says, for every parameter, what becomes of it.

* **mapped**: said in the other protocol's words. A value it has no words for is treated like the parameter itself.
* **reported**: left out, because the answer stays the same. Told in the \`candor-losses\` header and in the receipt.
* **refused**: leaving it out would change the answer, so the call ends with \`untranslatable\` before anything is sent. Allow it with the
  request header \`candor-allow-loss: <name>\` or with \`translate.allowLoss\` in the configuration; then it is reported.

A provider may know less than its protocol; its own limits are losses of the same two kinds. What a protocol demands and the client did not
say (an output limit, for one) is filled in and told in the receipt as an assumption.
`

/** docs/translation.md, from the tables the codecs themselves work by. */
export function translationMarkdown(): string {
  const lanes = WIRE_PROTOCOLS.flatMap(from => WIRE_PROTOCOLS.filter(to => to !== from).map(to => lane(from, to)))
  return `${INTRO}\n${lanes.join('\n')}`
}

function lane(from: WireProtocol, to: WireProtocol): string {
  const rows = PARAMETER_NAMES.filter(name => from.parameters[name] !== undefined).map(name => row(name, from, to))
  const unknown = `| \`unknown_fields\` | ${PARAMETERS.unknown_fields.meaning} | anywhere | **refused** | |`
  const all = rows.some(r => r.startsWith('| `unknown_fields`')) ? rows : [...rows, unknown]
  return `## From ${from.id} to ${to.id}

| name | meaning | in the request | becomes | |
|---|---|---|---|---|
${all.join('\n')}
`
}

function row(name: ParameterName, from: WireProtocol, to: WireProtocol): string {
  const source = from.parameters[name]
  const target = to.parameters[name]
  const becomes =
    target === undefined
      ? PARAMETERS[name].kind === 'hint'
        ? 'reported'
        : '**refused**'
      : `mapped: \`${cell(target.path)}\``
  const notes = [...new Set([source?.note, target?.note])].filter(note => note !== undefined).join('; ')
  return `| \`${name}\` | ${PARAMETERS[name].meaning} | \`${cell(source?.path ?? '')}\` | ${becomes} | ${cell(notes)} |`
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
