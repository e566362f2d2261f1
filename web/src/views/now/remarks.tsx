import { useState } from 'preact/hooks'
import type { Notice } from '../../../../src/admin/live.ts'
import type { Remark, RemarkKind } from '../../../../src/admin/remarks.ts'
import { Badge, type Mood } from '../../parts/badge.tsx'
import { Sentence } from '../../parts/clamped.tsx'
import { Section } from '../../parts/page.tsx'
import { count, timeHere } from '../../words.ts'
import type { Moment } from './state.ts'

const KINDS: Readonly<Record<RemarkKind, { readonly mood: Mood; readonly word: string }>> = {
  'fell-back': { mood: 'warn', word: 'fell back' },
  moved: { mood: 'plain', word: 'tried again' },
  refused: { mood: 'warn', word: 'refused' },
  failed: { mood: 'bad', word: 'failed' },
  cut: { mood: 'bad', word: 'cut' },
  low: { mood: 'warn', word: 'little left' },
}

const TITLE = 'What did not simply go well'

/** Lines that are shown unasked. */
const AT_FIRST = 6

/** What fell back, was refused, failed or was cut, in words; and what the gateway says of itself. The newest first. */
export function Remarks({ moment }: { readonly moment: Moment }) {
  const lines = linesOf(moment)
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? lines : lines.slice(0, AT_FIRST)
  return (
    <Section title={TITLE} aside={lines.length === 0 ? undefined : 'of the newest calls, and of the gateway itself'}>
      {lines.length === 0 && <p class="soft">Nothing among the newest calls: no fallback, no refusal, no failure.</p>}
      {lines.length > 0 && (
        <ul class="remarks" aria-label={TITLE}>
          {shown.map(line =>
            'notice' in line ? (
              <NoticeLine key={line.key} notice={line.notice} />
            ) : (
              <RemarkLine key={line.key} newest={line.newest} times={line.times} />
            ),
          )}
        </ul>
      )}
      {lines.length > AT_FIRST && (
        <div class="actions">
          <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? `Only the newest ${AT_FIRST}` : `Show all ${lines.length}`}
          </button>
        </div>
      )}
    </Section>
  )
}

/** A line, with what it is known by. The same said of several calls in a row is told once. */
type Line = { readonly key: string; readonly at: number } & (
  | { readonly notice: Notice }
  | { readonly newest: Remark; readonly times: number }
)

function linesOf({ remarks, notices }: Moment): readonly Line[] {
  const told: Extract<Line, { newest: Remark }>[] = []
  for (const remark of remarks) {
    const last = told.at(-1)
    if (last?.newest.text === remark.text) told[told.length - 1] = { ...last, times: last.times + 1 }
    else told.push({ key: remark.callId, at: remark.at, newest: remark, times: 1 })
  }
  const said = notices.map(notice => ({ key: `${notice.at} ${notice.text}`, at: notice.at, notice }))
  return [...told, ...said].sort((a, b) => b.at - a.at)
}

function RemarkLine({
  newest: { callId, at, kind, text },
  times,
}: {
  readonly newest: Remark
  readonly times: number
}) {
  const { mood, word } = KINDS[kind]
  return (
    <li>
      <a href={`/calls/${encodeURIComponent(callId)}`}>{timeHere(at)}</a>
      <span>
        <Badge mood={mood}>{word}</Badge>
      </span>
      <span>
        <Sentence text={text} />
        {times > 1 && <strong> {count(times)} times in a row.</strong>}
      </span>
    </li>
  )
}

function NoticeLine({ notice: { at, level, text } }: { readonly notice: Notice }) {
  const mood = level === 'error' ? 'bad' : level === 'warn' ? 'warn' : 'plain'
  return (
    <li>
      <span>{timeHere(at)}</span>
      <span>
        <Badge mood={mood}>gateway</Badge>
      </span>
      <span>
        <Sentence text={text} />
      </span>
    </li>
  )
}
