import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Section } from '../../parts/page.tsx'
import { BODY_FILE, curlOf } from './curl.ts'

/** The same once more: by hand, or in the playground. The body is missing, and that is said. */
export function Again({ receipt }: { readonly receipt: Receipt }) {
  const command = curlOf(receipt, location.origin)
  const { requestedModel, servedModel } = receipt
  const model = requestedModel || servedModel
  return (
    <Section title="Once more" aside={<CopyButton text={command}>Copy as curl</CopyButton>}>
      <p class="soft">
        The request's body was not kept, so it cannot be replayed from here: put it into <code>{BODY_FILE}</code>.
        {model !== undefined && (
          <>
            {' '}
            Or <a href={`/playground?model=${encodeURIComponent(model)}`}>open the playground with this model</a>.
          </>
        )}
      </p>
      <pre class="wrapped">{command}</pre>
    </Section>
  )
}
