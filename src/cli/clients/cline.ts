import { ANY_KEY, baseUrlFor, type Client } from './client.ts'

/** Cline: docs.cline.bot, "OpenAI Compatible". Its settings live in the editor's own storage, so nothing is edited. */
export const cline: Client = {
  id: 'cline',
  aliases: [],
  name: 'Cline',
  protocol: 'openai-completions',
  baseUrl: 'v1',
  needsModel: false,
  steps: aim => [
    'Open the settings of Cline in the editor (the gear in its panel).',
    'API Provider: OpenAI Compatible',
    `Base URL: ${baseUrlFor(aim, cline)}`,
    `OpenAI Compatible API Key: ${aim.needsKey ? "one of the gateway's own keys" : `anything, such as ${ANY_KEY}`}`,
    `Model ID: ${aim.model?.ref ?? 'the one you want; "candor models" lists them'}`,
  ],
}
