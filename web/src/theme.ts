import { useState } from 'preact/hooks'

/** Light or dark: as the system has it, or as chosen here. */
export type Theme = 'system' | 'light' | 'dark'

const KEPT_AS = 'candor-theme'

const THEMES: readonly Theme[] = ['system', 'light', 'dark']

function kept(): Theme {
  // A browser may forbid storage; the choice then holds for this page only.
  try {
    const text = localStorage.getItem(KEPT_AS)
    return THEMES.find(theme => theme === text) ?? 'system'
  } catch {
    return 'system'
  }
}

/** Puts a theme in force, by an attribute that the style sheet knows. */
export function applyTheme(theme: Theme = kept()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  dispatchEvent(new Event(THEME_CHANGED))
}

/** Told to the window when another theme holds: pictures that were drawn with colours draw again. */
export const THEME_CHANGED = 'candor:theme'

/** The theme chosen, and how to choose another. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(kept)
  const choose = (next: Theme) => {
    try {
      localStorage.setItem(KEPT_AS, next)
    } catch {
      // Not kept, and still chosen.
    }
    applyTheme(next)
    setTheme(next)
  }
  return [theme, choose]
}
