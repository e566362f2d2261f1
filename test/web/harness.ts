import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { SignInLink } from '../../src/admin/session-view.ts'
import type { Gateway } from '../e2e/harness.ts'

/** Where pictures of the views are kept to be looked at. */
const SCREENSHOTS = fileURLToPath(new URL('../../build/screenshots', import.meta.url))

/** The sizes a view is looked at. */
export const SIZES = {
  wide: { width: 1280, height: 900 },
  narrow: { width: 360, height: 740 },
} as const

/** A browser for one file of tests. It must be closed at the end. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    // A container has no rights for Chromium's own sandbox, and little shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
}

/** The longest wait for one thing of a page, in milliseconds. */
const WAIT_MS = 20_000

/** How a page is opened. */
export interface VisitOptions {
  readonly size?: keyof typeof SIZES
  readonly dark?: boolean
  /** Without signing in first. */
  readonly stranger?: boolean
}

/** A page of the dashboard, and what the browser had to say about it. */
export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console, of scripts, and breaches of the content security policy. A test expects none. */
  readonly complaints: readonly string[]
  /** Goes to a path of the gateway and waits until its heading is there. */
  go(path: string): Promise<void>
  /** Keeps a picture as build/screenshots/<name>.png. */
  picture(name: string): Promise<void>
  close(): Promise<void>
}

/** Opens a page at a gateway, signed in. */
export async function visit(browser: Browser, gateway: Gateway, options: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: SIZES[options.size ?? 'wide'],
    colorScheme: options.dark === true ? 'dark' : 'light',
    reducedMotion: 'reduce',
  })
  // Sooner than the time a test has: then it says what it waited for.
  context.setDefaultTimeout(WAIT_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(`error: ${error.message}`))
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  if (options.stranger !== true) await page.goto(await signInLink(gateway))
  return {
    page,
    context,
    complaints,
    async go(path) {
      await page.goto(gateway.url + path)
      await page.locator('main h1').waitFor()
    },
    async picture(name) {
      mkdirSync(SCREENSHOTS, { recursive: true })
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
    },
    close: () => context.close(),
  }
}

/** A link that signs a browser in, asked for as `candor dashboard` does. */
export async function signInLink(gateway: Gateway): Promise<string> {
  const { adminToken } = await Bun.file(join(gateway.dataDir, 'gateway.json')).json()
  const headers = { authorization: `Bearer ${adminToken}` }
  const response = await gateway.fetch('/candor/sign-in-links', { method: 'POST', headers })
  const link = (await response.json()) as SignInLink
  return gateway.url + link.path
}

/** What axe finds of serious or critical weight: `rule: where`. A test expects nothing. */
export async function barriers(page: Page): Promise<string[]> {
  const source = await Bun.file(fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))).text()
  // Evaluated by the browser's debugger, which the page's own policy does not bind.
  await page.evaluate(source)
  return await page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(found => found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(node => id + ': ' + node.target.join(' '))))`)
}

/** Waits until an expression is true in the page. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = Date.now() + WAIT_MS
  while ((await page.evaluate(`Boolean(${expression})`)) !== true)
    if (Date.now() > end) throw new Error(`never true: ${expression}`)
}

/** True if the page is wider than the window: something would have to be scrolled sideways. */
export async function overflows(page: Page): Promise<boolean> {
  return await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}
