import type { KeyView } from '../../../../src/admin/keys.ts'
import { count, moment } from '../../words.ts'
import { Badge } from '../badge.tsx'
import { Bar } from '../bar.tsx'
import { LIMITS } from './draft.ts'
import { budgetName, budgetWords, leftOf } from './words.ts'

/** What can be done with a key. */
export type KeyAction = 'change' | 'rotate' | 'revoke'

const ACTIONS: readonly (readonly [KeyAction, string])[] = [
  ['change', 'Change'],
  ['rotate', 'New secret'],
  ['revoke', 'Revoke'],
]

/** One key: whose it is, what it may do, and what it has used. Absent `act`: nothing can be done with it here. */
export function KeyCard({
  view,
  now,
  act,
}: {
  readonly view: KeyView
  readonly now: number
  readonly act: ((action: KeyAction) => void) | undefined
}) {
  return (
    <section class="panel key" aria-label={`Key ${view.name}`}>
      <div class="panel-head">
        <h2>
          {view.name} <State view={view} />
        </h2>
        {act !== undefined && view.from === 'store' && view.state !== 'revoked' && (
          <div class="actions">
            {ACTIONS.map(([action, verb]) => (
              <button
                key={action}
                type="button"
                class={action === 'revoke' ? 'danger' : undefined}
                aria-label={`${verb}: ${view.name}`}
                onClick={() => act(action)}
              >
                {verb}
              </button>
            ))}
          </div>
        )}
      </div>
      <Facts view={view} />
      {view.budgets.map(budget => (
        <Bar
          key={`${budget.unit} ${budget.period} ${budget.kind}`}
          name={budgetName(budget)}
          percentLeft={leftOf(budget)}
          words={budgetWords(budget, now)}
          dimmed={view.state !== 'active'}
        />
      ))}
    </section>
  )
}

function State({ view }: { readonly view: KeyView }) {
  return (
    <>
      <Badge mood={view.state === 'active' ? 'good' : 'bad'}>{view.state}</Badge>{' '}
      {view.admin && <Badge mood="warn">administrator</Badge>}{' '}
      {view.from === 'configuration' && <Badge>from the configuration</Badge>}
    </>
  )
}

function Facts({ view }: { readonly view: KeyView }) {
  const { owner, tags, models, hint, createdAt, expiresAt, revokedAt } = view
  const limits = LIMITS.flatMap(([name, label]) => {
    const most = view.limits[name]
    return most === undefined ? [] : [`${label}: ${count(most)}`]
  })
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Begins with', hint === '' ? undefined : hint],
    ['Owner', owner],
    ['Tags', tags.length === 0 ? undefined : tags.join(', ')],
    ['May call', models.length === 0 ? 'all models and routes' : models.join(', ')],
    ['Limits', limits.length === 0 ? 'none' : limits.join('; ')],
    ['Made', timeOf(createdAt)],
    ['Expires', timeOf(expiresAt)],
    ['Revoked', timeOf(revokedAt)],
    ['Changed', view.from === 'configuration' ? 'only in the configuration: gateway.keys' : undefined],
  ]
  return (
    <dl class="facts">
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

function timeOf(iso: string | undefined): string | undefined {
  return iso === undefined ? undefined : moment(Date.parse(iso))
}
