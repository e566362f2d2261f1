/** A model's resource name: `models/gemini-x`. A name that says its collection itself stays as it is. */
export function modelName(model: string): string {
  return /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`
}

/**
 * The path of a model's method below an endpoint's base URL: `/models/gemini-x:countTokens`. What follows the collection is one segment, so that no
 * name leads anywhere else: a `..` between slashes would.
 */
export function methodPath(model: string, method: string): string {
  const name = modelName(model)
  const slash = name.indexOf('/')
  return `/${name.slice(0, slash)}/${encodeURIComponent(name.slice(slash + 1).toWellFormed())}:${method}`
}
