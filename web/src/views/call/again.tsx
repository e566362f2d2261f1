import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { LongText } from '../../parts/long-text.tsx'
import { Section } from '../../parts/page.tsx'
import { BODY_FILE, curlOf, type Without } from './curl.ts'
import { ReplayPart } from './replay.tsx'
import type { Bodies } from './use-bodies.ts'

/** The same once more: from here where the bodies are kept, in the playground, or by hand. */
export function Again({ receipt, known }: { readonly receipt: Receipt; readonly known: Bodies }) {
  const { text, without } = curlOf(receipt, location.origin, known.state === 'here' ? known.view : undefined)
  const { requestedModel, servedModel } = receipt
  const model = requestedModel || servedModel
  return (
    <Section title="Once more" aside={<CopyButton text={text}>Copy as curl</CopyButton>}>
      <ReplayPart receipt={receipt} known={known} />
      <h3>By hand</h3>
      <p class="soft">
        {without === undefined ? (
          <>
            The command carries the request as it was. Put a gateway key into <code>CANDOR_KEY</code>, if one is asked
            for.
          </>
        ) : (
          <>
            {unsaid(without, known)} Put the request into <code>{BODY_FILE}</code>.
          </>
        )}
        {model !== undefined && (
          <>
            {' '}
            Or <a href={`/playground?model=${encodeURIComponent(model)}`}>open the playground with this model</a>.
          </>
        )}
      </p>
      <LongText text={text} name="Command for curl" />
    </Section>
  )
}

const UNSAID: Readonly<Record<Exclude<Without, 'unknown'>, string>> = {
  cut: 'The command does not carry the request: its end was not kept.',
  masked: 'The command does not carry the request: what looks like a key in it is masked here.',
  long: 'The command does not carry the request: it is too long to be pasted.',
  'no JSON': 'The command does not carry the request: it is no JSON, and may not be harmless in a shell.',
}

/** Why the body does not stand in the command. */
function unsaid(without: Without, { state }: Bodies): string {
  if (without !== 'unknown') return UNSAID[without]
  if (state === 'never') return "The request's body was not kept, so it cannot be made again from here."
  if (state === 'gone') return "The request's body is not there, so it cannot be made again from here."
  return 'The command does not carry the request: it is not shown here.'
}
