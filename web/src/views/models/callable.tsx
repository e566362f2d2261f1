import { useState } from 'preact/hooks'
import type { ModelView } from '../../../../src/admin/contract.ts'
import { Badge } from '../../parts/badge.tsx'
import { Clamped, Sentence } from '../../parts/clamped.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { TableFrame } from '../../parts/table-frame.tsx'
import { count, duration } from '../../words.ts'

/** The models that can be called, with what one chooses by and how to use them. */
export function Callable({ models }: { readonly models: readonly ModelView[] }) {
  return (
    <TableFrame title="Models that can be called">
      <table class="models-list">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Lane</th>
            <th scope="col" class="number">
              Context
            </th>
            <th scope="col" class="number">
              Longest answer
            </th>
            <th scope="col" class="number">
              $ per million tokens
            </th>
            <th scope="col">Takes</th>
            <th scope="col">State</th>
            <th scope="col">Use it</th>
          </tr>
        </thead>
        <tbody>
          {models.map(model => (
            <Row key={model.id} model={model} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function Row({ model }: { readonly model: ModelView }) {
  const { id, display_name: name, candor } = model
  return (
    <tr>
      <th scope="row" class="models-name">
        <code>
          <Clamped text={id} />
        </code>
        {candor.route !== true && !id.endsWith(`/${name}`) && (
          <div class="soft">
            <Clamped text={name} />
          </div>
        )}
        {candor.targets !== undefined && (
          <div class="soft">
            <Clamped text={candor.targets.join(', then ')} />
          </div>
        )}
      </th>
      <td>
        <Badge>{candor.billing}</Badge>
      </td>
      <td class="number">{tokens(candor.context_window)}</td>
      <td class="number">{tokens(candor.max_output_tokens)}</td>
      <td class="number">{priceWords(candor)}</td>
      <td class="models-takes">
        {[...(candor.input ?? []), ...(candor.reasoning === true ? ['reasons'] : [])].join(', ') || 'not known'}
      </td>
      <td class="models-state">
        <State candor={candor} />
      </td>
      <td>
        <Use id={id} />
      </td>
    </tr>
  )
}

function tokens(amount: number | undefined): string {
  return amount === undefined ? 'not known' : count(amount)
}

function priceWords({ price, billing, route }: ModelView['candor']): string {
  if (price !== undefined) return `${price.input} in, ${price.output} out`
  if (route === true) return 'of its targets'
  return billing === 'metered' ? 'not known' : 'none a call'
}

function State({ candor }: Pick<ModelView, 'candor'>) {
  const down = candor.cools_down
  if (down === undefined) return <Badge mood="good">ready</Badge>
  const { reason, what, until } = down
  const left = until === undefined ? 'the next call decides' : `for ${duration(until - Date.now())}`
  return (
    <>
      <Badge mood="warn">cools down</Badge> <span>{left}</span>
      <div class="soft">
        <Sentence text={`${what === undefined ? '' : `${what} `}(${reason})`} />
      </div>
    </>
  )
}

/** Clients that `candor connect` knows and that are started with one model. */
const CLIENTS = ['claude', 'codex', 'gemini', 'opencode'] as const

function Use({ id }: { readonly id: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <div class="models-use">
      <a href={`/playground?${new URLSearchParams({ model: id })}`}>
        Try it<span class="visually-hidden"> {id}</span>
      </a>
      <details onToggle={event => setOpen(event.currentTarget.open)}>
        <summary>Connect</summary>
        {isOpen && <Commands model={shellWord(id)} />}
      </details>
    </div>
  )
}

/** `model`: as a shell takes it. */
function Commands({ model }: { readonly model: string }) {
  const commands = [`candor chat ${model}`, ...CLIENTS.map(client => `candor connect ${client} --model ${model}`)]
  return (
    <div class="models-commands">
      {commands.map(command => (
        <div class="models-command" key={command}>
          <code class="command">{command}</code>
          <CopyButton text={command} />
        </div>
      ))}
      <p class="soft">Connecting shows what would be changed before it is, and can be undone.</p>
    </div>
  )
}

/** A word as a shell takes it: in single quotes where it holds anything a shell would read. */
function shellWord(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
