import { type Aim, baseUrlFor, type Client } from './client.ts'

/** Cursor: its models settings. Cursor's own servers make the calls, so an address of this machine cannot work. */
export const cursor: Client = {
  id: 'cursor',
  aliases: [],
  name: 'Cursor',
  protocol: 'openai-completions',
  baseUrl: 'v1',
  needsModel: false,
  steps: aim => [
    ...reachable(aim),
    'Open Cursor Settings, Models, API Keys.',
    'OpenAI API Key: one of the keys in gateway.keys',
    `Override OpenAI Base URL: ${baseUrlFor(aim, cursor)}`,
    `Add a custom model, and choose it: ${aim.model?.ref ?? 'the one you want; "candor models" lists them'}`,
    'The override holds for all models of Cursor that go by the OpenAI key.',
  ],
}

function reachable({ url }: Aim): readonly string[] {
  const { protocol, hostname } = new URL(url)
  const isLocal = /^(?:localhost|127\.|\[::1\]|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(hostname)
  if (!isLocal && protocol === 'https:') return []
  return [
    `Cursor's servers make the calls, so ${url} cannot work: give Candor a public https address with keys (gateway.keys), and name it with --url.`,
  ]
}
