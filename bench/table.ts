/** A number as it stands in a table. */
export const round = (value: number, digits = 0) => value.toFixed(digits)

/** Begins a table below a heading of its own. */
export function table(title: string, ...columns: readonly string[]): void {
  console.log(`\n### ${title}\n`)
  row(...columns)
  row(...columns.map(() => '---'))
}

/** One line of a table. */
export function row(...cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}
