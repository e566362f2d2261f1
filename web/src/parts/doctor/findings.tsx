import type { CheckedFinding, Severity } from '../../../../src/admin/doctor.ts'
import { moment, plural } from '../../words.ts'
import { Badge, type Mood } from '../badge.tsx'
import { CopyButton } from '../copy-button.tsx'
import { Section } from '../page.tsx'
import { partsOf } from './commands.ts'

interface Group {
  readonly severity: Severity
  readonly title: string
  readonly one: string
  readonly mood: Mood
}

/** The worst first. */
const GROUPS: readonly Group[] = [
  { severity: 'error', title: 'Errors', one: 'error', mood: 'bad' },
  { severity: 'warning', title: 'Warnings', one: 'warning', mood: 'warn' },
  { severity: 'info', title: 'Worth knowing', one: 'thing worth knowing', mood: 'plain' },
  { severity: 'ok', title: 'In order', one: 'thing in order', mood: 'good' },
]

/** How many of each there are, in words: `1 error, 2 warnings`. What there is none of is left out. */
export function countWords(findings: readonly CheckedFinding[]): string {
  const words = GROUPS.flatMap(({ severity, one }) => {
    const count = findings.filter(each => each.severity === severity).length
    return count === 0 ? [] : [plural(count, one, one.replace(/^(thing|error|warning)/, '$1s'))]
  })
  return words.join(', ')
}

/** All findings by their severity. Those in order are folded away where something is not. */
export function Findings({ findings }: { readonly findings: readonly CheckedFinding[] }) {
  const isWell = findings.every(({ severity }) => severity === 'ok' || severity === 'info')
  return (
    <>
      {GROUPS.map(group => {
        const own = findings.filter(({ severity }) => severity === group.severity)
        if (own.length === 0) return null
        if (group.severity === 'ok' && !isWell)
          return (
            <details key={group.severity} class="panel">
              <summary>{plural(own.length, 'thing in order', 'things in order')}</summary>
              <List group={group} findings={own} />
            </details>
          )
        return (
          <Section key={group.severity} title={group.title} aside={plural(own.length, 'finding')}>
            <List group={group} findings={own} />
          </Section>
        )
      })}
    </>
  )
}

function List({ group, findings }: { readonly group: Group; readonly findings: readonly CheckedFinding[] }) {
  return (
    <ul class="findings" aria-label={group.title}>
      {findings.map(finding => (
        <li key={`${finding.id} ${finding.message}`}>
          <One finding={finding} mood={group.mood} />
        </li>
      ))}
    </ul>
  )
}

function One({ finding, mood }: { readonly finding: CheckedFinding; readonly mood: Mood }) {
  const { severity, message, check, fixHint, askedAt } = finding
  const where = whereOf(finding)
  return (
    <>
      <p>
        <Badge mood={mood}>{severity}</Badge> <span class="finding-check">{check}</span> {message}
        {askedAt !== undefined && <span class="soft"> Asked at {moment(askedAt)}.</span>}
      </p>
      {where !== undefined && severity !== 'ok' && (
        <p class="finding-where">
          <code>{where}</code> <CopyButton text={where}>Copy the place</CopyButton>
        </p>
      )}
      {fixHint !== undefined && <Advice text={fixHint} />}
    </>
  )
}

/** `path:line:column`, as editors take it. */
function whereOf({ path, line, column }: CheckedFinding): string | undefined {
  if (path === undefined) return undefined
  return [path, line, line === undefined ? undefined : column].filter(part => part !== undefined).join(':')
}

/** How to mend it: commands stand by themselves, to be copied. */
function Advice({ text }: { readonly text: string }) {
  return (
    <p class="finding-fix">
      <strong>Fix:</strong>{' '}
      {partsOf(text.replace(/\.$/, '')).map(part =>
        part.isCommand ? (
          <span key={part.text} class="finding-command">
            <code>{part.text}</code> <CopyButton text={part.text} />
          </span>
        ) : (
          <span key={part.text}>{part.text}</span>
        ),
      )}
    </p>
  )
}
