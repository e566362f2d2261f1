/**
 * How providers say that a conversation is too long for the model. The facts (who words it how) are from the MIT-licensed table in
 * pi-ai 1.5.2; the source of each stands behind it.
 */
const OVERFLOW: readonly RegExp[] = [
  /prompt (?:is )?too long/i, // Anthropic, Z.AI, Ollama
  /prompt exceeds max(?:imum)? length/i, // Z.AI in China
  /request_too_large/i, // Anthropic
  /input is too long/i, // Bedrock
  /exceeds? (?:the|this model's) context window/i, // OpenAI
  /exceeds? the model's maximum context length/i, // LiteLLM
  /context window (?:exceeded|exceeds limit)/i, // LiteLLM, MiniMax
  /input token count.{0,40}exceeds the maximum/i, // Gemini
  /maximum prompt length is \S+/i, // xAI
  /reduce the length of (?:the|your) (?:messages|input|prompt)/i, // Groq
  /maximum context length (?:is|of) \S+/i, // OpenRouter, vLLM
  /exceeds? the maximum allowed input length/i, // OpenRouter
  /is longer than the model's context length/i, // Together
  /prompt token count of \S+ exceeds the limit of/i,
  /exceeds? the available context size/i, // llama.cpp
  /greater than the context length/i, // LM Studio
  /exceeded model token limit/i, // Kimi, Moonshot
  /too large for model with \S+ maximum context length/i, // Mistral
  /model_context_window_exceeded/i, // Z.AI, Anthropic
  /exceeded max(?:imum)? context length/i, // Ollama
  /range of input length should be/i, // DashScope
  /context_length_exceeded/i,
  /too many tokens/i,
  /token limit exceeded/i,
]

/** Wordings that look like one of the above and are about speed: "Too many tokens, please wait". */
const NOT_OVERFLOW = /rate.?limit|too many requests|throttl|tokens per (?:min|day|hour)|\bTP[MD]\b|please wait/i

/** True if the text says that the input does not fit the model. */
export function saysTooLong(text: string): boolean {
  return !NOT_OVERFLOW.test(text) && OVERFLOW.some(phrase => phrase.test(text))
}
