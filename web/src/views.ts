import type { View } from './view.ts'
import { now } from './views/now.tsx'

/** Every view, in the order of the navigation. Adding one is a file in views/ and a line here. */
export const VIEWS: readonly View[] = [now]
