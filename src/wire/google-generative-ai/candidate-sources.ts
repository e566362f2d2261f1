import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../base/json-value.ts'

/**
 * Pages an answer is grounded in, as citations. They have OpenAI's form, because that is what every client with a place for sources reads;
 * `groundingChunk` is the source's number in Gemini's own `groundingMetadata`, which travels whole beside them.
 */
export function groundingCitations(metadata: JsonObject): JsonObject[] {
  return asArray(metadata.groundingChunks).flatMap((value, groundingChunk) => {
    const chunk = asObject(value)
    const source = asObject(chunk?.web) ?? asObject(chunk?.maps) ?? asObject(chunk?.retrievedContext)
    const url = asString(source?.uri) ?? ''
    if (!/^https?:/.test(url)) return []
    return [{ type: 'url_citation', url, title: asString(source?.title) ?? url, groundingChunk }]
  })
}

/** The entries of `citationMetadata`: `citationSources` in the Gemini API, `citations` on Vertex. */
export function citationEntries(metadata: JsonObject): JsonObject[] {
  return [...asArray(metadata.citationSources), ...asArray(metadata.citations)].filter(isObject)
}

/** What becomes of a citation on its way to a Gemini client. */
export type WrittenCitation =
  | { readonly type: 'source'; readonly source: JsonObject }
  /** It stands in `groundingMetadata` already. */
  | { readonly type: 'grounding' }
  | { readonly type: 'none' }

/** A citation as an entry of `citationMetadata`, if it names where it is from. `own`: it was read from this protocol. */
export function writeCitation(citation: JsonValue, own: boolean): WrittenCitation {
  const wire = asObject(citation)
  if (wire === undefined) return { type: 'none' }
  if (own && wire.groundingChunk !== undefined) return { type: 'grounding' }
  const inner = asObject(wire.url_citation) ?? wire
  const uri = asString(inner.uri) ?? asString(inner.url)
  if (uri === undefined) return { type: 'none' }
  const startIndex = asNumber(inner.startIndex) ?? asNumber(inner.start_index)
  const endIndex = asNumber(inner.endIndex) ?? asNumber(inner.end_index)
  const title = asString(inner.title)
  const license = asString(inner.license)
  const source = {
    ...(startIndex === undefined ? {} : { startIndex }),
    ...(endIndex === undefined ? {} : { endIndex }),
    uri,
    ...(title === undefined ? {} : { title }),
    ...(license === undefined ? {} : { license }),
  }
  return { type: 'source', source }
}
