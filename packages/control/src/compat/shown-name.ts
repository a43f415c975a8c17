import type { TorrentSummary } from '../contract.ts'

/**
 * What clients are shown as a torrent's name: never empty, for a magnet without one goes by its hash, and one component of a
 * path, as on the disk: programs put it behind the folder to find the files, and must not be led elsewhere.
 */
export function shownName({ name, id }: TorrentSummary): string {
  if (name === '') return id
  const component = name.replaceAll(/[/\\]/g, '')
  return /^[. ]*$/.test(component) ? '_' : component
}
