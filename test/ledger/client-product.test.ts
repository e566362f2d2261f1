import { expect, test } from 'bun:test'
import { clientProduct } from '../../src/ledger/client-product.ts'

const AGENTS = [
  ['curl/8.5.0', 'curl'],
  ['claude-cli/1.0.83 (external, cli)', 'claude-cli'],
  ['codex_cli_rs/0.42.0 (Ubuntu 24.4.0; x86_64) xterm-256color', 'codex_cli_rs'],
  ['GeminiCLI/0.8.1/gemini-2.5-pro (linux; x64)', 'GeminiCLI'],
  ['OpenAI/Python 1.99.0', 'OpenAI/Python'],
  ['AsyncOpenAI/JS 5.2.0', 'AsyncOpenAI/JS'],
  ['ai-sdk/openai-compatible/1.0.0 runtime/bun/1.2', 'ai-sdk/openai-compatible'],
  ['Visual Studio Code/1.9', 'Visual Studio Code'],
  ['tool/v2', 'tool'],
  ['tool-1.2.3', 'tool'],
  ['tool@3.1', 'tool'],
  ['k2-client/1.0', 'k2-client'],
  ['my agent (beta)', 'my agent'],
  ['Go-http-client/2.0', 'Go-http-client'],
  ['agent', 'agent'],
  ['', ''],
  ['(nobody)', ''],
  [`${'x'.repeat(100)}/1.0`, 'x'.repeat(60)],
] as const

test.each([...AGENTS])('%s is %s', (userAgent, product) => {
  expect(clientProduct(userAgent)).toBe(product)
})
