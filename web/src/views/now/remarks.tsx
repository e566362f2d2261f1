import type { Remark, RemarkKind } from '../../../../src/admin/remarks.ts'
import { Badge, type Mood } from '../../parts/badge.tsx'
import { Section } from '../../parts/page.tsx'
import { count, timeOfDay } from '../../words.ts'
import type { Moment, Notice } from './state.ts'

const KINDS: Readonly<Record<RemarkKind, { readonly mood: Mood; readonly word: string }>> = {
  'fell-back': { mood: 'warn', word: 'fell back' },
  moved: { mood: 'plain', word: 'tried again' },
  refused: { mood: 'warn', word: 'refused' },
  failed: { mood: 'bad', word: 'failed' },
  cut: { mood: 'bad', word: 'cut' },
  low: { mood: 'warn', word: 'little left' },
}

const TITLE = 'What did not simply go well'

/** What fell back, was refused, failed or was cut, in words; and what the gateway says of itself. */
export function Remarks({ moment: { remarks, notices } }: { readonly moment: Moment }) {
  const isEmpty = remarks.length === 0 && notices.length === 0
  return (
    <Section title={TITLE} aside={isEmpty ? undefined : 'of the newest calls'}>
      {isEmpty && <p class="soft">Nothing among the newest calls: no fallback, no refusal, no failure.</p>}
      {!isEmpty && (
        <ul class="remarks" tabIndex={0} aria-label={TITLE}>
          {notices.map(notice => (
            <NoticeLine key={`${notice.at} ${notice.text}`} notice={notice} />
          ))}
          {told(remarks).map(each => (
            <RemarkLine key={each.newest.callId} {...each} />
          ))}
        </ul>
      )}
    </Section>
  )
}

/** The same said of several calls in a row, told once. */
interface Told {
  readonly newest: Remark
  readonly times: number
}

function told(remarks: readonly Remark[]): readonly Told[] {
  const all: Told[] = []
  for (const remark of remarks) {
    const last = all.at(-1)
    if (last?.newest.text === remark.text) all[all.length - 1] = { ...last, times: last.times + 1 }
    else all.push({ newest: remark, times: 1 })
  }
  return all
}

function RemarkLine({ newest: { callId, at, kind, text }, times }: Told) {
  const { mood, word } = KINDS[kind]
  return (
    <li>
      <a href={`/calls/${encodeURIComponent(callId)}`}>{timeOfDay(at)}</a>
      <span>
        <Badge mood={mood}>{word}</Badge>
      </span>
      <span>
        {text}
        {times > 1 && <strong> {count(times)} times in a row.</strong>}
      </span>
    </li>
  )
}

function NoticeLine({ notice: { at, level, text } }: { readonly notice: Notice }) {
  const mood = level === 'error' ? 'bad' : level === 'warn' ? 'warn' : 'plain'
  return (
    <li>
      <span>{timeOfDay(at)}</span>
      <span>
        <Badge mood={mood}>gateway</Badge>
      </span>
      <span>{text}</span>
    </li>
  )
}
