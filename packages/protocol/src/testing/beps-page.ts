import type { BepRow } from '../bep/registry.ts'

/** The text of `docs/beps.md`. */
export function bepsPage(rows: readonly BepRow[]): string {
  return `# BEPs

Printed from \`packages/protocol/src/bep/registry.ts\` by \`node scripts/beps.mjs\`; do not edit.

| BEP | title | status | modules | vectors | note |
|---|---|---|---|---|---|
${rows.map(line).join('\n')}

*whole*: all that a client needs of it. *part*: as the note says. *planned*: at most its traces in other formats.
`
}

function line(row: BepRow): string {
  const modules = row.modules.map((path) => linked(path.replace(/^bep\//, ''), `src/${path}`))
  const vectors = row.vectors === null ? '' : linked(row.vectors, `vectors/${row.vectors}`)
  const cells = [
    `[${row.number}](${row.url})`,
    row.title,
    row.status,
    modules.join('<br>'),
    vectors,
    row.note,
  ]
  return `| ${cells.join(' | ')} |`
}

function linked(text: string, path: string): string {
  return `[${text}](../packages/protocol/${path})`
}
