import { LANES, type Lane, type LaneParameter } from '../src/admin/capabilities.ts'

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

/** docs/translation.md, from the same lanes `/candor/capabilities` tells. */
export function translationMarkdown(): string {
  const translated = LANES.filter(lane => !lane.passThrough).map(section)
  return `${INTRO}\n${passed()}\n${translated.join('\n')}`
}

function passed(): string {
  const own = LANES.filter(lane => lane.passThrough).map(({ from }) => `* from ${from} to ${from}`)
  return `## Passed through

${own.join('\n')}

Every parameter arrives as it was sent. A provider that is known to refuse one of them is not sent it, and that is a loss like any other.
`
}

function section({ from, to, parameters }: Lane): string {
  return `## From ${from} to ${to}

| name | meaning | in the request | becomes | |
|---|---|---|---|---|
${parameters.map(row).join('\n')}
`
}

function row({ name, meaning, at, becomes, as, note }: LaneParameter): string {
  const fate = as === undefined ? (becomes === 'refused' ? '**refused**' : becomes) : `${becomes}: \`${cell(as)}\``
  return `| \`${name}\` | ${meaning} | \`${cell(at)}\` | ${fate} | ${cell(note ?? '')} |`
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
