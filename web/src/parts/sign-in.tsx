import { Page } from './page.tsx'

const VOID = 'The sign-in link was used already, or is older than ten minutes.'

/** What is shown to a browser that may see nothing. */
export function SignIn({ isVoid }: { readonly isVoid: boolean }) {
  return (
    <Page title="Sign in">
      {isVoid && <p class="note warn">{VOID}</p>}
      <p>This gateway asks for a key, so its dashboard asks who you are. Where the gateway runs, type:</p>
      <pre class="command">candor dashboard</pre>
      <p>It prints a link that signs this browser in, once. Nothing is sent anywhere else.</p>
    </Page>
  )
}

/** What is shown above the views to a browser that may read only. */
export function SignInHint({ isVoid }: { readonly isVoid: boolean }) {
  return (
    <p class="hint" role="note">
      {isVoid && `${VOID} `}
      You can look at everything here. To change something, sign in: <code>candor dashboard</code> prints a link.
    </p>
  )
}
