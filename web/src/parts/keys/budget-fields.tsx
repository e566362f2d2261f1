import { Choice } from '../choice.tsx'
import { Field } from '../field.tsx'
import type { BudgetDraft } from './draft.ts'
import { KINDS, PERIODS, UNITS } from './words.ts'

const NEW_BUDGET: BudgetDraft = { most: '', unit: 'usd', period: 'month', kind: 'hard' }

/** The budgets of a key, each changed or taken away. */
export function BudgetFields(props: {
  readonly budgets: readonly BudgetDraft[]
  readonly refused: ReadonlyMap<string, string>
  readonly onChange: (budgets: readonly BudgetDraft[]) => void
}) {
  const { budgets, refused, onChange } = props
  return (
    <fieldset>
      <legend>Budgets</legend>
      {budgets.length === 0 && <p class="field-hint">None: what the key may use up is not bounded.</p>}
      {budgets.map((budget, i) => (
        <BudgetRow
          key={i}
          place={i}
          budget={budget}
          refused={refused}
          onChange={changed => onChange(budgets.with(i, changed))}
          onRemove={() => onChange(budgets.toSpliced(i, 1))}
        />
      ))}
      <div class="actions">
        <button type="button" onClick={() => onChange([...budgets, NEW_BUDGET])}>
          Add a budget
        </button>
      </div>
    </fieldset>
  )
}

function BudgetRow(props: {
  readonly place: number
  readonly budget: BudgetDraft
  readonly refused: ReadonlyMap<string, string>
  readonly onChange: (budget: BudgetDraft) => void
  readonly onRemove: () => void
}) {
  const { place, budget, refused } = props
  const path = `budgets[${place}]`
  const name = `of budget ${place + 1}`
  return (
    <div class="budget-row">
      <Field label={`Most ${name}`} refusal={refused.get(`${path}.most`) ?? refused.get(path)}>
        {control => (
          <input
            {...control}
            inputMode="decimal"
            value={budget.most}
            onInput={event => props.onChange({ ...budget, most: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={`Counted ${name} in`} refusal={refused.get(`${path}.unit`)}>
        {control => (
          <Choice
            control={control}
            value={budget.unit}
            among={UNITS}
            onChange={unit => props.onChange({ ...budget, unit })}
          />
        )}
      </Field>
      <Field label={`Period ${name}`} refusal={refused.get(`${path}.period`)}>
        {control => (
          <Choice
            control={control}
            value={budget.period}
            among={PERIODS}
            onChange={period => props.onChange({ ...budget, period })}
          />
        )}
      </Field>
      <Field label={`When budget ${place + 1} is used up`} refusal={refused.get(`${path}.kind`)}>
        {control => (
          <Choice
            control={control}
            value={budget.kind}
            among={KINDS}
            onChange={kind => props.onChange({ ...budget, kind })}
          />
        )}
      </Field>
      <button type="button" aria-label={`Remove budget ${place + 1}`} onClick={props.onRemove}>
        Remove
      </button>
    </div>
  )
}
