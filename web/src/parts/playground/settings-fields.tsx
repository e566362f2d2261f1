import { Field } from '../field.tsx'
import type { Settings } from './conversation.ts'

/** How questions are asked, folded away until wanted. */
export function SettingsFields({
  settings,
  onChange,
}: {
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}) {
  return (
    <details class="panel">
      <summary>Settings: system prompt, temperature, output limit, tools</summary>
      <div class="form">
        <div class="form-grid">
          <Field label="Temperature" hint="Empty: the model's own.">
            {control => (
              <input
                {...control}
                inputMode="decimal"
                value={settings.temperature}
                onInput={event => onChange({ ...settings, temperature: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label="Most output tokens" hint="Empty: the model's own.">
            {control => (
              <input
                {...control}
                inputMode="numeric"
                value={settings.maxTokens}
                onInput={event => onChange({ ...settings, maxTokens: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
        <Field label="System prompt">
          {control => (
            <textarea
              {...control}
              rows={2}
              value={settings.system}
              onInput={event => onChange({ ...settings, system: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Tools" hint="A JSON list as Chat Completions has it. Nothing is run: you write the results.">
          {control => (
            <textarea
              {...control}
              class="mono"
              rows={4}
              spellcheck={false}
              value={settings.tools}
              onInput={event => onChange({ ...settings, tools: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
    </details>
  )
}
