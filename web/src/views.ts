import type { View } from './view.ts'
import { call } from './views/call.tsx'
import { calls } from './views/calls.tsx'
import { configuration } from './views/configuration.tsx'
import { doctor } from './views/doctor.tsx'
import { keys } from './views/keys.tsx'
import { models } from './views/models.tsx'
import { now } from './views/now.tsx'
import { playground } from './views/playground.tsx'
import { routes } from './views/routes.tsx'
import { usage } from './views/usage.tsx'

/** Every view, in the order of the navigation. Adding one is a file in views/ and a line here. */
export const VIEWS: readonly View[] = [now, calls, call, models, routes, usage, keys, doctor, configuration, playground]
