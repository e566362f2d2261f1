import type { Provider } from './provider.ts'

/**
 * What other programs call the catalogue's providers, where it is not the catalogue's own id. Sources: the provider list of LiteLLM's
 * documentation (docs.litellm.ai/docs/providers), the ids of models.dev, which opencode uses, and the provider pages of OpenClaw's
 * documentation. Bedrock and Vertex AI are left out: those programs sign requests there, which Candor does not.
 */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'azure-openai': ['azure', 'azure-cognitive-services'],
  google: ['gemini', 'google-generative-ai'],
  moonshot: ['moonshotai', 'moonshot-ai'],
  'moonshot-cn': ['moonshotai-cn'],
  'kimi-coding': ['kimi-for-coding', 'kimi-code'],
  zai: ['z-ai'],
  'zai-cn': ['zhipuai', 'zhipu', 'bigmodel'],
  'zai-coding-plan-cn': ['zhipuai-coding-plan'],
  qwen: ['alibaba'],
  'qwen-cn': ['alibaba-cn', 'dashscope'],
  'qwen-coding-plan': ['alibaba-coding-plan'],
  'qwen-coding-plan-cn': ['alibaba-coding-plan-cn'],
  together: ['together_ai', 'togetherai'],
  fireworks: ['fireworks_ai', 'fireworks-ai'],
  nvidia: ['nvidia_nim'],
  vllm: ['hosted_vllm'],
  lmstudio: ['lm_studio', 'lm-studio'],
  llamacpp: ['llama-cpp', 'llama_cpp', 'llama.cpp'],
  ollama: ['ollama_chat'],
  xai: ['x-ai', 'grok'],
}

/** The row another program means by this name. */
export function providerCalled(name: string, rows: readonly Provider[]): Provider | undefined {
  const wanted = name.toLowerCase()
  const id = Object.keys(NAMES).find(each => NAMES[each]?.includes(wanted)) ?? wanted
  return rows.find(row => row.id === wanted) ?? rows.find(row => row.id === id)
}

/**
 * The row that is reached at this base URL. `exact`: it is one of the row's own addresses. Undefined if none is, or if several rows share the
 * host and none of them that address.
 */
export function providerAt(
  url: string,
  rows: readonly Provider[],
): { readonly row: Provider; readonly exact: boolean } | undefined {
  const wanted = spelled(url)
  const exact = rows.find(row => row.endpoints.some(endpoint => spelled(endpoint.baseUrl) === wanted))
  if (exact !== undefined) return { row: exact, exact: true }
  const host = hostOf(wanted)
  const near = rows.filter(row => row.endpoints.some(endpoint => hostOf(spelled(endpoint.baseUrl)) === host))
  const [only] = near
  return only === undefined || near.length > 1 || host === '' ? undefined : { row: only, exact: false }
}

function spelled(url: string): string {
  return url.replace(/\/+$/, '').replace(/^(https?:\/\/)localhost(?=[:/]|$)/i, '$1127.0.0.1')
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}
