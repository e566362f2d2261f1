import type { JSX } from 'preact'

/** What a view is given. Filters stand in the query: `usePlace` and `changeQuery` of router.ts. */
export interface ViewProps {
  /** What the `*` of the view's path took, unescaped; empty without one. */
  readonly rest: string
}

/** One view: a file in views/, and a line in views.ts. */
export interface View {
  /** `/calls`, or `/calls/*` where something follows. */
  readonly path: string
  /** The word in the navigation and in the title. */
  readonly name: string
  /** Not in the navigation: one gets there from another view. */
  readonly inside?: true
  readonly Show: (props: ViewProps) => JSX.Element
}

/** The view for a path, and what its `*` takes. */
export function findView(
  views: readonly View[],
  path: string,
): { readonly view: View; readonly rest: string } | undefined {
  const exact = views.find(view => view.path === path)
  if (exact !== undefined) return { view: exact, rest: '' }
  for (const view of views) {
    const start = view.path.endsWith('*') ? view.path.slice(0, -1) : undefined
    if (start !== undefined && path.startsWith(start) && path.length > start.length)
      return { view, rest: unescaped(path.slice(start.length)) }
  }
  return undefined
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
