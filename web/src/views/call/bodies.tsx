import type { BodiesView } from '../../../../src/admin/bodies.ts'
import type { StatusView } from '../../../../src/admin/contract.ts'
import { showBytes } from '../../../../src/admin/story/amounts.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { useQuestion } from '../../api.ts'
import { Section } from '../../parts/page.tsx'
import { TroubleNote, Waiting } from '../../parts/states.tsx'
import { moment, plural } from '../../words.ts'
import { BodyPane } from './body-pane.tsx'
import type { Bodies as Known } from './use-bodies.ts'

/** What the client asked, and what it was given, where that is kept; else why it is not there, and how it would be. */
export function Bodies({ receipt, known }: { readonly receipt: Receipt; readonly known: Known }) {
  const kept = known.state === 'here' ? `Kept until ${moment(known.view.keptUntil)}` : undefined
  return (
    <Section title="What was asked and answered" aside={kept}>
      <Inside receipt={receipt} known={known} />
    </Section>
  )
}

function Inside({ receipt, known }: { readonly receipt: Receipt; readonly known: Known }) {
  switch (known.state) {
    case 'never':
      return <NotKept />
    case 'running':
      return <p class="soft">It is kept, and is here once the call has ended.</p>
    case 'stranger':
      return (
        <p class="soft">
          It is kept, and only an administrator sees it: <code>candor dashboard</code> prints a link that signs this
          browser in.
        </p>
      )
    case 'asking':
      return <Waiting what="what was asked and answered" />
    case 'large':
      return (
        <p>
          <button type="button" onClick={known.fetch}>
            Fetch it
          </button>{' '}
          <span class="soft">It is large: {showBytes(known.bytes)}.</span>
        </p>
      )
    case 'gone':
      return (
        <div class="note">
          <p>
            <strong>It was to be kept, and is not there.</strong> {known.trouble.why}
          </p>
          {known.trouble.fix.map(line => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )
    case 'trouble':
      return <TroubleNote trouble={known.trouble} again={known.again} />
    case 'here':
      return <Panes receipt={receipt} view={known.view} />
  }
}

function NotKept() {
  const { answer } = useQuestion<StatusView>('/candor/status')
  const keepDays = answer?.bodies.keepDays ?? 0
  return (
    <p class="soft">
      {keepDays > 0 ? (
        <>It was not kept. That of calls made from now on is kept for {plural(keepDays, 'day')}.</>
      ) : (
        <>
          It was not kept. <code>candor config set bodies.keepDays 7</code> keeps that of calls made from then on, for
          seven days.
        </>
      )}
    </p>
  )
}

function Panes({ receipt, view }: { readonly receipt: Receipt; readonly view: BodiesView }) {
  return (
    <div class="bodies">
      <BodyPane name="The request" body={view.request} />
      {view.reply === undefined ? (
        <p class="soft">There is no reply: the client left before there was anything.</p>
      ) : (
        <BodyPane
          name="The reply"
          body={view.reply}
          {...(receipt.stream ? { protocol: receipt.clientProtocol } : {})}
        />
      )}
    </div>
  )
}
