import { Page } from '../parts/page.tsx'
import type { View } from '../view.ts'

/** What happens at this moment. */
export const now: View = { path: '/', name: 'Now', Show: Now }

function Now() {
  return (
    <Page title="Now">
      <p>Calls as they happen.</p>
    </Page>
  )
}
