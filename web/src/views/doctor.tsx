import './doctor.css'
import { useState } from 'preact/hooks'
import type { CheckView, DoctorView, ProbeView } from '../../../src/admin/doctor.ts'
import { ask, asTrouble, type Trouble, useQuestion } from '../api.ts'
import { Confirm } from '../parts/confirm.tsx'
import { countWords, Findings } from '../parts/doctor/findings.tsx'
import { Providers } from '../parts/doctor/providers.tsx'
import { Page } from '../parts/page.tsx'
import { TroubleNote, Waiting } from '../parts/states.tsx'
import { useSession } from '../session.ts'
import type { View } from '../view.ts'
import { moment, plural } from '../words.ts'

/** What is wrong here, and how to mend it. */
export const doctor: View = { path: '/doctor', name: 'Doctor', Show: Doctor }

/** How often it is looked again, milliseconds; and while providers are asked. */
const AGAIN_MS = 20_000
const AGAIN_ASKING_MS = 400

function Doctor() {
  const [isSent, setSent] = useState(false)
  const [isConfirming, setConfirming] = useState(false)
  const [failed, setFailed] = useState<Trouble>()
  const { answer, trouble, again, asking } = useQuestion<DoctorView>(
    '/candor/doctor',
    isSent ? AGAIN_ASKING_MS : AGAIN_MS,
  )
  const { mayChange } = useSession()
  const isAsking = isSent || answer?.probe?.state === 'running'
  const send = async (provider?: string) => {
    setConfirming(false)
    setFailed(undefined)
    setSent(true)
    try {
      await ask<ProbeView>('/candor/doctor/probe', { body: provider === undefined ? {} : { provider } })
    } catch (error) {
      setFailed(asTrouble(error))
    } finally {
      setSent(false)
      again()
    }
  }
  const actions = (
    <>
      <button type="button" disabled={asking} onClick={again}>
        Look again
      </button>
      {mayChange && (answer?.providers.length ?? 0) > 0 && (
        <button type="button" class="main" disabled={isAsking} onClick={() => setConfirming(true)}>
          Ask every provider
        </button>
      )}
    </>
  )
  return (
    <Page
      title="Doctor"
      about="What is wrong here, and how to mend it. No provider is asked unless you say so."
      actions={actions}
    >
      {isConfirming && answer !== undefined && (
        <Question view={answer} onYes={() => void send()} onNo={() => setConfirming(false)} />
      )}
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {failed !== undefined && <TroubleNote trouble={failed} />}
      {answer === undefined ? (
        trouble === undefined && <Waiting what="the doctor" />
      ) : (
        <>
          <Summary view={answer} isAsking={isAsking} />
          <Findings findings={allOf(answer)} />
          <Providers view={answer} isAsking={isAsking} ask={mayChange ? id => void send(id) : undefined} />
          <Checked view={answer} />
        </>
      )}
    </Page>
  )
}

/** What holds now, and what providers answered when they were asked. A check that was made again with their answers counts once. */
function allOf({ findings, probe }: DoctorView): DoctorView['findings'] {
  const asked = probe?.findings ?? []
  return [...findings.filter(({ check }) => !asked.some(each => each.check === check)), ...asked]
}

function Question(props: { readonly view: DoctorView; readonly onYes: () => void; readonly onNo: () => void }) {
  const count = props.view.providers.length
  return (
    <Confirm title="Ask every provider?" yes="Ask" onYes={props.onYes} onNo={props.onNo}>
      <p>
        This costs one short call for each key of {count === 1 ? 'one provider' : `${count} providers`}, for one token,
        and one short streamed call with the first that answers. Each has a receipt.
      </p>
    </Confirm>
  )
}

function Summary({ view, isAsking }: { readonly view: DoctorView; readonly isAsking: boolean }) {
  const all = allOf(view)
  const isWell = all.every(({ severity }) => severity === 'ok' || severity === 'info')
  const isBad = all.some(({ severity }) => severity === 'error')
  const asking = view.probe?.state === 'running' ? view.probe.asking : undefined
  return (
    <div class={`note ${isWell ? 'good' : isBad ? 'bad' : 'warn'}`} role="status">
      <p>
        {isWell ? <strong>All is well.</strong> : <strong>Something wants mending.</strong>} {countWords(all)}.{' '}
        <span class="soft">Looked at {moment(view.at)}.</span>
      </p>
      {isAsking && <p>Asking {asking ?? 'providers'} …</p>}
    </div>
  )
}

/** What the findings are about, for whoever wonders what was not looked at. */
function Checked({ view }: { readonly view: DoctorView }) {
  return (
    <details class="panel">
      <summary>What was looked at: {plural(view.checks.length, 'check')}</summary>
      <CheckList checks={view.checks} />
      <p class="soft">
        On the command line there is more: <code>candor doctor</code> also looks at the settings of agents on this
        machine, and with <code>--fix</code> repairs what it safely can.
      </p>
    </details>
  )
}

function CheckList({ checks }: { readonly checks: readonly CheckView[] }) {
  return (
    <ul class="checked-list">
      {checks.map(({ id, about }) => (
        <li key={id}>
          <code>{id}</code>: {about}
        </li>
      ))}
    </ul>
  )
}
