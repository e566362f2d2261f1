import { useEffect, useState } from 'preact/hooks'

/** How long the button says that it has copied, in milliseconds. */
const SAID_MS = 2_000

/** Copies a text. Where the browser does not let it (a page that is not on this machine and not over TLS), it says so. */
export function CopyButton({ text, children = 'Copy' }: { readonly text: string; readonly children?: string }) {
  const [said, setSaid] = useState<string>()
  useEffect(() => {
    if (said === undefined) return undefined
    const timer = setTimeout(() => setSaid(undefined), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      setSaid('Not allowed: select it by hand')
    }
  }
  return (
    <button type="button" onClick={() => void copy()}>
      <span aria-live="polite">{said ?? children}</span>
    </button>
  )
}
