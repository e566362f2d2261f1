import { linkRows } from './link.ts'
import type { Provider } from './provider.ts'
import { anthropic } from './providers/anthropic.ts'
import { azureOpenai } from './providers/azure-openai.ts'
import { bedrock } from './providers/bedrock.ts'
import { byteplusCodingPlan } from './providers/byteplus-coding-plan.ts'
import { cerebras } from './providers/cerebras.ts'
import { deepseek } from './providers/deepseek.ts'
import { fireworks } from './providers/fireworks.ts'
import { google } from './providers/google.ts'
import { groq } from './providers/groq.ts'
import { huggingface } from './providers/huggingface.ts'
import { kimiCoding } from './providers/kimi-coding.ts'
import { kimiCodingGlobal } from './providers/kimi-coding-global.ts'
import { llamacpp } from './providers/llamacpp.ts'
import { lmstudio } from './providers/lmstudio.ts'
import { minimax } from './providers/minimax.ts'
import { minimaxCn } from './providers/minimax-cn.ts'
import { mistral } from './providers/mistral.ts'
import { moonshot } from './providers/moonshot.ts'
import { moonshotCn } from './providers/moonshot-cn.ts'
import { nvidia } from './providers/nvidia.ts'
import { ollama } from './providers/ollama.ts'
import { ollamaCloud } from './providers/ollama-cloud.ts'
import { openai } from './providers/openai.ts'
import { opencode } from './providers/opencode.ts'
import { opencodeGo } from './providers/opencode-go.ts'
import { openrouter } from './providers/openrouter.ts'
import { qianfanCoding } from './providers/qianfan-coding.ts'
import { qwen } from './providers/qwen.ts'
import { qwenCn } from './providers/qwen-cn.ts'
import { qwenCodingPlan } from './providers/qwen-coding-plan.ts'
import { qwenCodingPlanCn } from './providers/qwen-coding-plan-cn.ts'
import { qwenTokenPlan } from './providers/qwen-token-plan.ts'
import { sglang } from './providers/sglang.ts'
import { stepfun } from './providers/stepfun.ts'
import { stepfunPlan } from './providers/stepfun-plan.ts'
import { tencentCodingPlan } from './providers/tencent-coding-plan.ts'
import { together } from './providers/together.ts'
import { vertex } from './providers/vertex.ts'
import { vllm } from './providers/vllm.ts'
import { volcengine } from './providers/volcengine.ts'
import { volcengineAgentPlan } from './providers/volcengine-agent-plan.ts'
import { volcengineCodingPlan } from './providers/volcengine-coding-plan.ts'
import { xai } from './providers/xai.ts'
import { xiaomi } from './providers/xiaomi.ts'
import { xiaomiTokenPlan } from './providers/xiaomi-token-plan.ts'
import { zai } from './providers/zai.ts'
import { zaiCn } from './providers/zai-cn.ts'
import { zaiCodingPlan } from './providers/zai-coding-plan.ts'
import { zaiCodingPlanCn } from './providers/zai-coding-plan-cn.ts'

/**
 * Every provider Candor knows by name, in the order they are shown. A row for a new one: docs/adding-a-provider.md.
 *
 * Left out on purpose: GitHub Copilot (its tokens live minutes and its surfaces want headers that say to be another program), Bedrock's
 * Converse API (signed requests and a binary stream, not one of the four protocols), Vertex AI with Google's own credentials (tokens that
 * live an hour), Ollama's native protocol (the same server speaks two of the four).
 */
export const PROVIDERS: readonly Provider[] = linkRows([
  kimiCoding,
  kimiCodingGlobal,
  moonshot,
  moonshotCn,
  anthropic,
  openai,
  google,
  openrouter,
  deepseek,
  zai,
  zaiCn,
  zaiCodingPlan,
  zaiCodingPlanCn,
  minimax,
  minimaxCn,
  qwen,
  qwenCn,
  qwenCodingPlan,
  qwenCodingPlanCn,
  qwenTokenPlan,
  opencode,
  opencodeGo,
  xai,
  groq,
  mistral,
  cerebras,
  together,
  fireworks,
  nvidia,
  huggingface,
  volcengine,
  volcengineCodingPlan,
  volcengineAgentPlan,
  byteplusCodingPlan,
  stepfun,
  stepfunPlan,
  xiaomi,
  xiaomiTokenPlan,
  tencentCodingPlan,
  qianfanCoding,
  azureOpenai,
  bedrock,
  vertex,
  ollama,
  ollamaCloud,
  lmstudio,
  vllm,
  sglang,
  llamacpp,
])

const byId = new Map(PROVIDERS.map(provider => [provider.id, provider]))

/** The row with this id. */
export function findProvider(id: string): Provider | undefined {
  return byId.get(id)
}
