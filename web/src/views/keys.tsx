import './keys.css'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { KeyView, MadeKeyView } from '../../../src/admin/keys.ts'
import { ask, asTrouble, type Trouble, useQuestion } from '../api.ts'
import { Confirm } from '../parts/confirm.tsx'
import { bodyOf, draftOf, type KeyDraft, NEW_KEY } from '../parts/keys/draft.ts'
import { type KeyAction, KeyCard } from '../parts/keys/key-card.tsx'
import { KeyForm } from '../parts/keys/key-form.tsx'
import { SecretNote } from '../parts/keys/secret-note.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Empty, TroubleNote, Waiting } from '../parts/states.tsx'
import { changeQuery, usePlace } from '../router.ts'
import { useSession } from '../session.ts'
import type { View } from '../view.ts'
import { plural } from '../words.ts'

/** The gateway's own keys: what they may do, what they have used, and how they are made. */
export const keys: View = { path: '/keys', name: 'Keys', Show: Keys }

/** How often sums are asked for again, milliseconds. */
const AGAIN_MS = 15_000

/** What is being done at this moment. */
type Doing =
  | { readonly what: 'create' }
  | { readonly what: KeyAction; readonly key: KeyView }
  | { readonly what: 'show-secret'; readonly made: MadeKeyView }
  | { readonly what: 'tell'; readonly words: string }
  | { readonly what: 'fail'; readonly trouble: Trouble }

/** What is asked about first. */
const ASKED: readonly Doing['what'][] = ['rotate', 'revoke']

function Keys() {
  const { answer, trouble, again } = useQuestion<{ data: readonly KeyView[] }>('/candor/keys', AGAIN_MS)
  const { mayChange } = useSession()
  const [doing, setDoing] = useState<Doing>()
  const done = (next: Doing | undefined) => {
    setDoing(next)
    again()
    // A form that is gone takes its focus with it; a question gives it back by itself.
    if (next === undefined && doing !== undefined && !ASKED.includes(doing.what))
      document.querySelector<HTMLElement>('main h1')?.focus()
  }
  const create = mayChange && (
    <button type="button" class="main" onClick={() => setDoing({ what: 'create' })}>
      Make a key
    </button>
  )
  return (
    <Page title="Keys" about="What clients show to this gateway. Providers never see them." actions={create}>
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {doing !== undefined && <Underway doing={doing} done={done} />}
      {answer === undefined ? (
        trouble === undefined && <Waiting what="the keys" />
      ) : (
        <List all={answer.data} act={mayChange ? (what, key) => setDoing({ what, key }) : undefined} />
      )}
    </Page>
  )
}

/** What is being done, above the list: a form, a question, or what came of it. */
function Underway({ doing, done }: { readonly doing: Doing; readonly done: (next?: Doing) => void }) {
  switch (doing.what) {
    case 'create':
      return (
        <Section title="A new key">
          <KeyForm
            start={NEW_KEY}
            verb="Make the key"
            send={draft => create(draft).then(done)}
            onCancel={() => done()}
          />
        </Section>
      )
    case 'change':
      return (
        <Section title={`Change ${doing.key.name}`}>
          <KeyForm
            key={doing.key.id}
            start={draftOf(doing.key)}
            verb="Save"
            send={draft => change(doing.key, draft).then(done)}
            onCancel={() => done()}
          />
        </Section>
      )
    case 'rotate':
      return (
        <Confirm
          title={`A new secret for ${doing.key.name}?`}
          yes="Make a new secret"
          onNo={done}
          onYes={() => void rotate(doing.key).then(done)}
        >
          <p>The one it has now is refused at once: whoever uses it must be given the new one.</p>
        </Confirm>
      )
    case 'revoke':
      return (
        <Confirm
          title={`Revoke ${doing.key.name}?`}
          yes="Revoke"
          onNo={done}
          onYes={() => void revoke(doing.key).then(done)}
        >
          <p>From now on it is refused, for good. Calls that run with it end as they would.</p>
        </Confirm>
      )
    case 'show-secret':
      return <SecretNote made={doing.made} onDone={() => done()} />
    case 'tell':
      return <Told words={doing.words} />
    case 'fail':
      return <TroubleNote trouble={doing.trouble} />
  }
}

async function create(draft: KeyDraft): Promise<Doing> {
  const made = await ask<MadeKeyView>('/candor/keys', { body: bodyOf(draft) })
  return { what: 'show-secret', made }
}

async function change(key: KeyView, draft: KeyDraft): Promise<Doing> {
  const body = bodyOf(draft, draftOf(key))
  if (Object.keys(body).length === 0) return { what: 'tell', words: `Nothing of ${key.name} was changed.` }
  await ask<KeyView>(pathOf(key), { method: 'PATCH', body })
  return { what: 'tell', words: `${draft.name} was changed. It holds from the next call.` }
}

async function rotate(key: KeyView): Promise<Doing> {
  try {
    const made = await ask<MadeKeyView>(`${pathOf(key)}/rotate`, { method: 'POST' })
    return { what: 'show-secret', made }
  } catch (error) {
    return { what: 'fail', trouble: asTrouble(error) }
  }
}

async function revoke(key: KeyView): Promise<Doing> {
  try {
    await ask<KeyView>(`${pathOf(key)}/revoke`, { method: 'POST' })
    return { what: 'tell', words: `${key.name} is revoked.` }
  } catch (error) {
    return { what: 'fail', trouble: asTrouble(error) }
  }
}

function pathOf({ id }: KeyView): string {
  return `/candor/keys/${encodeURIComponent(id)}`
}

/** What came of it. It takes the focus, for the button it came from may be gone. */
function Told({ words }: { readonly words: string }) {
  const note = useRef<HTMLParagraphElement>(null)
  useLayoutEffect(() => {
    note.current?.focus()
  }, [words])
  return (
    <p ref={note} class="note good" role="status" tabIndex={-1}>
      {words}
    </p>
  )
}

/** Keys shown at once; a search finds the others. */
const SHOWN_MAX = 100

function List(props: {
  readonly all: readonly KeyView[]
  readonly act: ((action: KeyAction, key: KeyView) => void) | undefined
}) {
  const { all, act } = props
  const { query } = usePlace()
  const [text, withRevoked] = [query.get('q') ?? '', query.get('revoked') === 'true']
  if (all.length === 0) return <NoKeys />
  const found = all.filter(key => (withRevoked || key.state !== 'revoked') && isFound(key, text))
  const now = Date.now()
  return (
    <>
      <div class="keys-bar">
        <label>
          <span class="visually-hidden">Search by name, owner or tag</span>
          <input
            type="search"
            data-search
            placeholder="Name, owner or tag"
            value={text}
            onInput={event => changeQuery({ q: event.currentTarget.value }, { replace: true })}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={withRevoked}
            onChange={event => changeQuery({ revoked: event.currentTarget.checked ? 'true' : undefined })}
          />
          <span>With those that are revoked</span>
        </label>
        <span class="soft" role="status">
          {found.length > SHOWN_MAX
            ? `${SHOWN_MAX} of ${plural(found.length, 'key')}; search for the others`
            : plural(found.length, 'key')}
        </span>
      </div>
      {found.slice(0, SHOWN_MAX).map(key => (
        <KeyCard key={key.id} view={key} now={now} act={act === undefined ? undefined : action => act(action, key)} />
      ))}
    </>
  )
}

function isFound({ name, owner, tags, id, hint }: KeyView, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  return [name, owner ?? '', id, hint, ...tags].some(word => word.toLowerCase().includes(wanted))
}

function NoKeys() {
  return (
    <Empty title="There are no keys, so this gateway asks for none.">
      <p>Whoever reaches it may call every model. With the first key made here, every call must show one.</p>
      <p>
        On the command line: <code>candor keys create ci</code>
      </p>
    </Empty>
  )
}
