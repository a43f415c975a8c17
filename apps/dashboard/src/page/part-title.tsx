import { useIsNarrow } from './use-media.ts'

/** Of a part of the details: below the torrent's name, which is the page's own title on a phone. */
export function PartTitle({ text }: { text: string }) {
  const Heading = useIsNarrow() ? 'h2' : 'h3'
  return <Heading className="part-title">{text}</Heading>
}
