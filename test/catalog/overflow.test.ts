import { describe, expect, test } from 'bun:test'
import { saysTooLong } from '../../src/catalog/overflow.ts'

describe('too long for the model', () => {
  test.each([
    'prompt is too long: 213462 tokens > 200000 maximum',
    'Prompt exceeds max length',
    'request_too_large',
    'Input is too long for requested model.',
    'Your input exceeds the context window of this model.',
    "The prompt exceeds the model's maximum context length of 131072 tokens",
    'litellm.ContextWindowExceededError: context window exceeded',
    'The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).',
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    'Please reduce the length of the messages or completion.',
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 500000 tokens",
    'Your prompt exceeds the maximum allowed input length',
    "The input (200000 tokens) is longer than the model's context length (131072 tokens).",
    'prompt token count of 70000 exceeds the limit of 64000',
    'request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it',
    'The number of tokens to keep from the initial prompt is greater than the context length.',
    'invalid params, context window exceeds limit',
    'Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)',
    'Prompt contains 300000 tokens and 0 draft tokens, too large for model with 131072 maximum context length',
    'prompt too long; exceeded max context length by 12 tokens',
    'InvalidParameter: Range of input length should be [1, 30720]',
  ])('%s', text => {
    expect(saysTooLong(text)).toBe(true)
  })
})

describe('about speed, or about something else', () => {
  test.each([
    'Too many tokens, please wait before trying again.',
    'Rate limit reached: prompt is too long for 6000 tokens per minute',
    'ThrottlingException: too many tokens',
    'Too many requests: token limit exceeded',
    'Request too large for model on tokens per minute (TPM)',
    'The message is too long for a subject line',
    '',
  ])('%s', text => {
    expect(saysTooLong(text)).toBe(false)
  })
})
