import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { CONTENT_SECURITY_POLICY } from '../../src/http/dashboard.ts'
import { type Gateway, removeHome, runCandor, startGateway, temporaryHome } from '../e2e/harness.ts'
import { barriers, openBrowser, overflows, signInLink, visit } from './harness.ts'

const ADMIN = 'cnd_foundationAdministrator01'

let browser: Browser
let open: Gateway
let locked: Gateway

beforeAll(async () => {
  open = await startGateway({ config: {} })
  locked = await startGateway({ config: { gateway: { keys: [ADMIN] } }, key: ADMIN })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await Promise.all([open.stop(), locked.stop()])
})

const HTML = { accept: 'text/html,application/xhtml+xml' }

describe('signing in', () => {
  test('a link opens the dashboard, signed in, without a complaint of the browser', async () => {
    const at = await visit(browser, locked)
    await at.page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
    expect(new URL(at.page.url()).pathname + new URL(at.page.url()).search).toBe('/')
    expect(await at.page.title()).toBe('Now · Candor')
    const [cookie] = await at.context.cookies()
    expect(cookie).toMatchObject({
      name: `candor_session_${locked.port}`,
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
    })
    await at.page.getByRole('button', { name: 'Sign out' }).click()
    await at.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await at.context.cookies()).toEqual([])
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('a link works once', async () => {
    const link = await signInLink(locked)
    const first = await visit(browser, locked, { stranger: true })
    const second = await visit(browser, locked, { stranger: true })
    await first.page.goto(link)
    await first.page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
    await second.page.goto(link)
    await second.page.getByText('The sign-in link was used already').waitFor()
    expect(await second.context.cookies()).toEqual([])
    await first.close()
    await second.close()
  })

  test('two gateways of one host stay signed in beside each other, and are left one by one', async () => {
    const at = await visit(browser, locked)
    const now = at.page.getByRole('heading', { name: 'Now', level: 1 })
    const signOut = at.page.getByRole('button', { name: 'Sign out' })
    await now.waitFor()
    await at.page.goto(await signInLink(open))
    await signOut.waitFor()
    await at.go('/')
    await signOut.click()
    await at.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await at.page.goto(`${open.url}/`)
    await signOut.waitFor()
    expect((await at.context.cookies()).map(({ name }) => name)).toEqual([`candor_session_${open.port}`])
    await at.close()
  })

  test('a stranger sees how to sign in, and nothing else', async () => {
    const at = await visit(browser, locked, { stranger: true, size: 'narrow' })
    await at.go('/')
    expect(await at.page.locator('main').innerText()).toContain('candor dashboard')
    expect(await at.page.locator('main table').count()).toBe(0)
    expect(await barriers(at.page)).toEqual([])
    expect(await overflows(at.page)).toBe(false)
    await at.picture('sign-in-narrow')
    await at.close()
  })

  test('at an open gateway a stranger may look, and is told how to change things', async () => {
    const at = await visit(browser, open, { stranger: true })
    await at.go('/')
    await at.page.getByRole('heading', { name: 'Providers' }).waitFor()
    expect(await at.page.getByRole('note').innerText()).toContain('To change something, sign in')
    expect(await barriers(at.page)).toEqual([])
    await at.picture('now-empty')
    await at.close()
  })
})

describe('candor dashboard', () => {
  test('prints a link that works, and nothing beside it on the standard output', async () => {
    const run = runCandor(['dashboard'], { home: locked.home })
    expect((await run.exited).code).toBe(0)
    const response = await fetch(run.stdout().trim(), { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/'])
    expect(response.headers.get('set-cookie')).toStartWith(`candor_session_${locked.port}=`)
    expect(run.stderr()).toContain('It works once, within ten minutes')
  })

  test('without a gateway there is none', async () => {
    const home = temporaryHome()
    const run = runCandor(['dashboard', '--json'], { home })
    expect((await run.exited).code).toBe(69)
    expect(run.stdout() + run.stderr()).toContain('No gateway runs')
    removeHome(home)
  })

  test('a log holds no link, only how to get one', () => {
    expect(open.stderr()).toContain('"signIn":"candor dashboard"')
    expect(open.stderr()).not.toContain('token=')
  })
})

describe('moving about', () => {
  test('a link changes the view, its title and the place of the focus; back leads back', async () => {
    const at = await visit(browser, open)
    await at.go('/calls/req_x')
    const now = at.page.getByRole('heading', { name: 'Now', level: 1 })
    await at.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Now' }).click()
    await now.waitFor()
    expect(await at.page.evaluate('document.activeElement === document.querySelector("h1")')).toBe(true)
    expect([await at.page.title(), new URL(at.page.url()).pathname]).toEqual(['Now · Candor', '/'])
    await at.page.goBack()
    await now.waitFor({ state: 'detached' })
    expect(new URL(at.page.url()).pathname).toBe('/calls/req_x')
    await at.close()
  })

  test('the keyboard alone: past the navigation into the view', async () => {
    const at = await visit(browser, open)
    await at.go('/')
    await at.page.keyboard.press('Tab')
    expect(await at.page.evaluate('document.activeElement.textContent')).toBe('Skip to the view')
    await at.page.keyboard.press('Enter')
    await at.page.waitForFunction('location.hash === "#main"')
    await at.page.keyboard.press('Tab')
    expect(await at.page.evaluate('document.activeElement.closest("main") !== null')).toBe(true)
    await at.close()
  })

  test('a theme that was chosen holds against the system, and after the page is loaded anew', async () => {
    const at = await visit(browser, open)
    await at.go('/')
    const ground = () => at.page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    await at.page.getByLabel('Colours').selectOption('dark')
    const dark = await ground()
    expect(dark).not.toBe(light)
    await at.go('/')
    expect(await ground()).toBe(dark)
    await at.page.getByLabel('Colours').selectOption('light')
    expect(await ground()).toBe(light)
    await at.close()
  })
})

test('a gateway that does not answer is told, and asked again until it does', async () => {
  const at = await visit(browser, open)
  const trouble = at.page.getByRole('alert').filter({ hasText: 'The gateway does not answer.' })
  await at.page.route('**/candor/routes', route => route.abort())
  await at.go('/routes')
  await trouble.waitFor()
  await at.page.unroute('**/candor/routes')
  await at.page.getByText('No route is configured.').waitFor()
  expect(await trouble.count()).toBe(0)
  await at.close()
})

describe('what is served', () => {
  test('browsers get the page with its policy, programs get text', async () => {
    const page = await open.fetch('/', { headers: HTML })
    expect(page.headers.get('content-type')).toStartWith('text/html')
    expect(page.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    const text = await page.text()
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=/)
    expect((await open.fetch('/')).headers.get('content-type')).toStartWith('text/plain')
  })

  test('every file the page names is there, kept for long, and small enough', async () => {
    const page = await (await open.fetch('/', { headers: HTML })).text()
    const names = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, name = '']) => name)
    expect(names.map(name => name.replace(/^.*\./, '')).sort()).toEqual(['css', 'js', 'svg'])
    let scriptBytes = 0
    for (const name of names) {
      const response = await open.fetch(name)
      expect([response.status, response.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ])
      if (name.endsWith('.js')) scriptBytes = gzipSync(await response.arrayBuffer()).length
    }
    expect(scriptBytes).toBeGreaterThan(10_000)
    expect(scriptBytes).toBeLessThan(150_000)
  })

  test.each([
    ['/calls', HTML, 200],
    ['/calls/req_x', HTML, 200],
    ['/playground', HTML, 200],
    ['/models', { accept: 'application/json' }, 404],
    ['/nowhere', HTML, 404],
    ['/assets/index.html', HTML, 404],
    ['/assets/../package.json', HTML, 404],
    ['/assets/..%2f..%2fpackage.json', HTML, 404],
  ])('%s %j is answered %d', async (path, headers, status) => {
    expect((await open.fetch(path, { headers })).status).toBe(status)
  })
})
