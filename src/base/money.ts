/**
 * Money as an integer of nano-dollars (1e-9 USD): the price of one token of the cheapest model is still a whole number, and sums are
 * exact up to nine million dollars.
 */
export type NanoUsd = number & { readonly unit: 'nano-usd' }

/** Dollars to nano-dollars, rounded to the nearest. Throws RangeError if the sum does not fit. */
export function fromUsd(usd: number): NanoUsd {
  const nano = Math.round(usd * 1e9)
  if (!Number.isSafeInteger(nano)) throw new RangeError(`not an amount of money: ${usd}`)
  return nano as NanoUsd
}

/** As people read it, never with an exponent: `$0.0042`, `$12.30`, three significant digits below a dollar. */
export function showUsd(amount: NanoUsd): string {
  const usd = amount / 1e9
  if (usd === 0) return '$0'
  if (usd >= 1) return `$${usd.toFixed(2)}`
  const decimals = Math.min(9, 2 - Math.floor(Math.log10(usd)))
  return `$${usd.toFixed(decimals).replace(/\.?0+$/, '')}`
}
