import { createHash } from 'node:crypto'

/**
 * Gives tool-call ids a form the provider takes: the same id always becomes the same other one, for call and result alike. Nine letters
 * and digits, which is what the strictest provider known wants. Without a pattern ids stay as they are.
 */
export function openToolIds(pattern: string | undefined): (id: string) => string {
  if (pattern === undefined) return id => id
  const allowed = new RegExp(pattern)
  return id => (allowed.test(id) ? id : shortId(id))
}

function shortId(id: string): string {
  return createHash('sha256').update(id).digest('base64').replace(/[+/=]/g, '').slice(0, 9)
}
