import type { View } from './view.ts'
import { configuration } from './views/configuration.tsx'
import { keys } from './views/keys.tsx'
import { now } from './views/now.tsx'
import { playground } from './views/playground.tsx'

/** Every view, in the order of the navigation. Adding one is a file in views/ and a line here. */
export const VIEWS: readonly View[] = [now, keys, configuration, playground]
