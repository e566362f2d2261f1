import { useLayoutEffect, useRef } from 'preact/hooks'
import type { SessionView } from '../../src/admin/session-view.ts'
import { ask, useQuestion } from './api.ts'
import { Page } from './parts/page.tsx'
import { SignIn, SignInHint } from './parts/sign-in.tsx'
import { TroubleNote, Waiting } from './parts/states.tsx'
import { followLinks, keepLeft, type Place, usePlace } from './router.ts'
import { SessionContext } from './session.ts'
import { type Theme, useTheme } from './theme.ts'
import { findView, type View } from './view.ts'
import { VIEWS } from './views.ts'

/** The dashboard: navigation at the side, one view, and who is signed in. */
export function App() {
  const place = usePlace()
  const session = useQuestion<SessionView>('/candor/session', 60_000)
  const { answer } = session
  useLayoutEffect(() => {
    document.addEventListener('click', followLinks)
    document.addEventListener('keydown', focusSearch)
    return () => {
      document.removeEventListener('click', followLinks)
      document.removeEventListener('keydown', focusSearch)
    }
  }, [])
  return (
    <div class="frame">
      <a class="skip" href="#main">
        Skip to the view
      </a>
      <Side path={place.path} session={answer} />
      <main id="main">
        {answer !== undefined && <Inside place={place} session={answer} />}
        {answer === undefined && session.trouble === undefined && <Waiting what="the gateway" />}
        {answer === undefined && session.trouble !== undefined && (
          <TroubleNote trouble={session.trouble} again={session.again} />
        )}
      </main>
    </div>
  )
}

function Inside({ place, session }: { readonly place: Place; readonly session: SessionView }) {
  const found = findView(VIEWS, place.path)
  useArrival(place.path, session.mayRead ? (found?.view.name ?? 'Not found') : 'Sign in')
  if (!session.mayRead) return <SignIn isVoid={place.query.get('sign-in') === 'void'} />
  return (
    <SessionContext.Provider value={session}>
      {!session.mayChange && <SignInHint isVoid={place.query.get('sign-in') === 'void'} />}
      {found === undefined ? <NoView path={place.path} /> : <found.view.Show key={found.view.path} rest={found.rest} />}
      <p class="zone soft">All times are those of {ZONE}, unless another zone is named.</p>
    </SessionContext.Provider>
  )
}

/** Where the browser is, as `Europe/Vienna`. */
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

/** Whoever goes to another view is put at its heading, as a page that loads anew would; the first view leaves the focus where it is. */
function useArrival(path: string, name: string): void {
  const before = useRef(path)
  useLayoutEffect(() => {
    document.title = `${name} · Candor`
  }, [name])
  useLayoutEffect(() => {
    if (before.current === path) return
    keepLeft(before.current)
    before.current = path
    document.querySelector<HTMLElement>('main h1')?.focus()
    scrollTo(0, 0)
  }, [path])
}

function NoView({ path }: { readonly path: string }) {
  return (
    <Page title="There is no such view">
      <p>
        Nothing is shown at <code>{path}</code>. <a href="/">Go to what happens now</a>
      </p>
    </Page>
  )
}

function Side({ path, session }: { readonly path: string; readonly session: SessionView | undefined }) {
  const list = useRef<HTMLUListElement>(null)
  // Where it is narrow the views stand in a row that scrolls.
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [path])
  return (
    <header class="side">
      <a class="brand" href="/">
        Candor
      </a>
      <nav aria-label="Views">
        <ul ref={list}>
          {VIEWS.filter(view => view.inside !== true).map(view => (
            <li key={view.path}>
              <a href={view.path} aria-current={isCurrent(view, path) ? 'page' : undefined}>
                {view.name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="side-end">
        <ThemeSwitch />
        {session?.signedIn === true && (
          <button type="button" class="quiet" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
      </div>
    </header>
  )
}

function isCurrent(view: View, path: string): boolean {
  return path === view.path || (view.path !== '/' && path.startsWith(`${view.path}/`))
}

async function signOut(): Promise<void> {
  await ask('/candor/sign-out', { method: 'POST' }).catch(() => undefined)
  location.assign('/')
}

const THEME_NAMES: readonly (readonly [Theme, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

function ThemeSwitch() {
  const [theme, choose] = useTheme()
  return (
    <label class="theme">
      <span class="visually-hidden">Colours</span>
      <select
        value={theme}
        onChange={event => {
          const chosen = THEME_NAMES.find(([id]) => id === event.currentTarget.value)
          if (chosen !== undefined) choose(chosen[0])
        }}
      >
        {THEME_NAMES.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

/** `/` goes to the view's search field, as in many programs. */
function focusSearch(event: KeyboardEvent): void {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]') !== null)
    return
  const field = document.querySelector<HTMLElement>('main [data-search]')
  if (field === null) return
  event.preventDefault()
  field.focus()
}
