import type { DoctorView, ProbeView, Severity } from '../../../../src/admin/doctor.ts'
import { timeOfDay } from '../../words.ts'
import { Badge, type Mood } from '../badge.tsx'
import { Section } from '../page.tsx'
import { Empty } from '../states.tsx'

/** Providers that can be asked, and what the last call with each came to. Absent `ask`: this browser may not. */
export function Providers(props: {
  readonly view: DoctorView
  readonly isAsking: boolean
  readonly ask: ((provider: string) => void) | undefined
}) {
  const { view, isAsking, ask } = props
  if (view.providers.length === 0)
    return (
      <Section title="Providers">
        <Empty title="No provider can be used yet.">
          <p>
            Set a key in the environment of the gateway, or write one in its configuration:{' '}
            <code>candor providers</code> shows the names.
          </p>
        </Empty>
      </Section>
    )
  return (
    <Section title="Providers" aside="Only a call proves a key.">
      <ul class="askable">
        {view.providers.map(({ id, name }) => (
          <li key={id}>
            <span class="askable-name">{name}</span>
            <Answer provider={id} probe={view.probe} />
            {ask !== undefined && (
              <button type="button" disabled={isAsking} aria-label={`Ask ${name}`} onClick={() => ask(id)}>
                Ask
              </button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

const MOODS: Readonly<Record<Severity, Mood>> = { ok: 'good', info: 'plain', warning: 'warn', error: 'bad' }

/** With several keys there are several answers. What went wrong is told by its problem code, as everywhere; the finding above has the words. */
function Answer({ provider, probe }: { readonly provider: string; readonly probe: ProbeView | undefined }) {
  const id = `provider.${provider}.probe`
  const own = probe?.findings.filter(each => each.id === id || each.id.startsWith(`${id}.`)) ?? []
  if (own.length === 0) return <span class="soft">not asked since the gateway started</span>
  return (
    <span class="askable-answers">
      {own.map(({ id: found, severity, message, askedAt }) => (
        <span key={message}>
          <Badge mood={MOODS[severity]}>
            {found === id ? (severity === 'ok' ? 'answered' : 'not asked') : found.slice(id.length + 1)}
          </Badge>{' '}
          {askedAt !== undefined && <span class="soft">at {timeOfDay(askedAt)}</span>}
        </span>
      ))}
    </span>
  )
}
