import type { FieldControl } from './field.tsx'

/** A choice of one out of few. */
export function Choice<Id extends string>(props: {
  readonly control: FieldControl
  readonly value: Id
  readonly among: readonly (readonly [Id, string])[]
  readonly onChange: (chosen: Id) => void
}) {
  return (
    <select
      {...props.control}
      value={props.value}
      onChange={event => {
        const chosen = props.among.find(([id]) => id === event.currentTarget.value)
        if (chosen !== undefined) props.onChange(chosen[0])
      }}
    >
      {props.among.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}
