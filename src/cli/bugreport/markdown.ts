import type { Report, ReportedFinding } from './report.ts'

/** The report as one Markdown document. What others wrote stands in code blocks, and has no backtick in it. */
export function reportMarkdown(report: Report): string {
  const { id, at, versions, installed, gateway, environment, configuration, findings, receipts, receiptsFault } = report
  const runs = gateway === null ? 'no gateway runs' : 'a gateway runs'
  return `${[
    `# Candor bug report ${id}`,
    '',
    'What happened, what should have happened, and how to see it again:',
    '',
    '> (please write it here, with lines of the log that belong to it: Candor keeps no log of calls)',
    '',
    '## Where',
    '',
    ...block('json', JSON.stringify({ at, ...versions, installed, gateway: gateway ?? runs }, null, 2)),
    '',
    'Variables that are set:',
    '',
    ...block('text', environment.join('\n') || '(none that matters)'),
    '',
    '## Configuration',
    '',
    ...block('json', JSON.stringify(configuration, null, 2)),
    '',
    '## Doctor',
    '',
    ...block('text', findings.map(findingLine).join('\n')),
    '',
    '## Newest calls',
    '',
    ...(receiptsFault === undefined ? [] : block('text', receiptsFault)),
    ...block('json', receipts.map(receipt => JSON.stringify(receipt)).join('\n') || '(none)'),
  ].join('\n')}\n`
}

function findingLine({ id, severity, message, fixHint }: ReportedFinding): string {
  return `${severity.padEnd(7)}  ${id}: ${message}${fixHint === undefined ? '' : ` Fix: ${fixHint}`}`
}

function block(language: string, text: string): readonly string[] {
  return [`\`\`\`${language}`, text, '```']
}
