import type { JSX } from 'preact'

/** A name made of parts, which breaks behind `_` only: a problem's code, where there is little room. */
export function Code({ text }: { readonly text: string }) {
  return <code>{breakable(text, '_')}</code>
}

/** A text that may break behind each of these characters. */
export function breakable(text: string, behind: '_' | '.'): readonly (string | JSX.Element)[] {
  const parts = text.split(behind === '_' ? /(?<=_)/ : /(?<=\.)/)
  return parts.flatMap((part, place) => (place === 0 ? [part] : [<wbr key={place} />, part]))
}
