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

/** As people read it: `$0.0042`, `$12.30`, four significant digits below a cent. */
export function showUsd(amount: NanoUsd): string {
  const usd = amount / 1e9
  if (usd === 0) return '$0'
  return usd >= 1 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(3)).toString()}`
}
