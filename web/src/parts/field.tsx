import './forms.css'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** What a control inside a {@link Field} must carry. */
export interface FieldControl {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean
}

/** A control with its label, what to know about it, and what is wrong with what stands in it. */
export function Field(props: {
  readonly label: string
  readonly hint?: ComponentChildren
  /** Why what is written there was refused. */
  readonly refusal?: string | undefined
  readonly children: (control: FieldControl) => ComponentChildren
}) {
  const id = useId()
  const { hint, refusal } = props
  const described = [hint === undefined ? '' : `${id}-hint`, refusal === undefined ? '' : `${id}-refusal`]
    .join(' ')
    .trim()
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({
        id,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': refusal !== undefined,
      })}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {refusal !== undefined && (
        <p class="field-refusal" id={`${id}-refusal`}>
          {refusal}
        </p>
      )}
    </div>
  )
}
