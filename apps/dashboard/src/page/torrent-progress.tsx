import type { TorrentSummary } from '@pigeon/control/contract'
import { formatPercent } from '@pigeon/control/units'
import { Progress } from 'radix-ui'
import { strings } from './strings.ts'

/** The bar of one torrent, coloured by its state. */
export function TorrentProgress({ torrent }: { torrent: TorrentSummary }) {
  const isUnknown = torrent.state === 'metadata'
  return (
    <Progress.Root
      className="progress"
      data-tone={torrent.state}
      value={isUnknown ? null : Math.floor(torrent.progress * 1000) / 10}
      max={100}
      getValueLabel={() => formatPercent(torrent.progress)}
      aria-label={strings.list.progressOf(torrent.name)}
    >
      <Progress.Indicator
        className="progress-fill"
        style={isUnknown ? {} : { transform: `scaleX(${torrent.progress})` }}
      />
    </Progress.Root>
  )
}
