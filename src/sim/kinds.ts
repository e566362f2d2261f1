import { anthropic } from './providers/anthropic.ts'
import { google } from './providers/google.ts'
import { kimiCoding } from './providers/kimi-coding.ts'
import { moonshot } from './providers/moonshot.ts'
import { openAi } from './providers/openai.ts'
import type { SimKind, SimKindId } from './sim-kind.ts'

/** Every provider that can be simulated. */
export const SIM_KINDS: Readonly<Record<SimKindId, SimKind>> = {
  'kimi-coding': kimiCoding,
  moonshot,
  anthropic,
  openai: openAi,
  google,
}
