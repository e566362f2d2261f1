import { useState } from 'preact/hooks'
import type { ModelView } from '../../../../src/admin/contract.ts'

/** What cannot be called, by the reason: mostly a provider's key is missing, and then none of its models can. */
export function Others({ models, isOpen }: { readonly models: readonly ModelView[]; readonly isOpen: boolean }) {
  const groups = new Map<string, Group>()
  for (const { id, candor } of models) {
    const who = candor.route === true ? 'routes' : candor.provider
    const why = candor.unavailable ?? 'the gateway does not say why'
    const key = JSON.stringify([who, why])
    const group = groups.get(key) ?? { who, why, ids: [] }
    group.ids.push(id)
    groups.set(key, group)
  }
  return (
    <div class="models-reasons">
      {[...groups].map(([key, { who, why, ids }]) => (
        <Reason key={key} {...{ who, why, ids }} isOpen={isOpen} />
      ))}
    </div>
  )
}

/** The list is made when it is opened: together they may be a thousand. */
function Reason({ who, why, ids, isOpen }: Group & { readonly isOpen: boolean }) {
  const [opened, setOpened] = useState(false)
  const isShown = opened || isOpen
  return (
    <details open={isShown} onToggle={event => setOpened(event.currentTarget.open)}>
      <summary>
        <strong>{who}</strong>{' '}
        <span class="soft">
          ({ids.length}): {why}
        </span>
      </summary>
      {isShown && (
        <ul>
          {ids.map(id => (
            <li key={id}>
              <code>{id}</code>
            </li>
          ))}
        </ul>
      )}
    </details>
  )
}

interface Group {
  readonly who: string
  readonly why: string
  readonly ids: string[]
}
