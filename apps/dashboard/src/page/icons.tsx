/** Line icons on a 20 x 20 grid, drawn in the text's colour. They say nothing to a screen reader: their buttons do. */
const PATHS = {
  plus: 'M10 4v12M4 10h12',
  share: 'M10 12.500V3.500M6.500 6.500 10 3l3.500 3.500M4 10.500V15a1.500 1.500 0 0 0 1.500 1.500h9A1.500 1.500 0 0 0 16 15v-4.500',
  pause: 'M7 4.500v11M13 4.500v11',
  play: 'M6.500 4.200v11.600l9-5.800z',
  more: 'M10 4.500v.01M10 10v.01M10 15.500v.01',
  close: 'M5 5l10 10M15 5 5 15',
  back: 'M12 4.500 6.500 10l5.500 5.500',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.500 13.500 17 17',
  down: 'M10 4v11M5.500 10.500 10 15l4.500-4.500',
  up: 'M10 16V5M5.500 9.500 10 5l4.500 4.500',
  check: 'M4.500 10.500 8.500 14.500 15.500 6',
  alert: 'M10 6.500v4.500M10 13.800v.01M8.600 3.300 2.400 14.100a1.600 1.600 0 0 0 1.400 2.400h12.400a1.600 1.600 0 0 0 1.400-2.400L11.400 3.300a1.600 1.600 0 0 0-2.800 0z',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.300l2.700 1.600',
  magnet: 'M4 4h3.500v6a2.500 2.500 0 0 0 5 0V4H16v6a6 6 0 0 1-12 0zM4 7h3.500M12.500 7H16',
  scan: 'M16 10a6 6 0 1 1-1.800-4.300M16 3.500V7h-3.500',
  file: 'M5.500 3h5.500l4 4v9.500a.5.5 0 0 1-.5.5h-9a.5.5 0 0 1-.5-.5v-13a.5.5 0 0 1 .5-.5zM11 3v4h4',
  trash: 'M4 6h12M8 6V4h4v2M5.500 6l.8 10.500h7.400L14.500 6M8.500 9v5M11.500 9v5',
  folder: 'M3 6a1.500 1.500 0 0 1 1.500-1.500h3L9.500 6.500h6A1.500 1.500 0 0 1 17 8v6.500a1.500 1.500 0 0 1-1.500 1.500h-11A1.500 1.500 0 0 1 3 14.500z',
  list: 'M4 5.500h12M4 10h12M4 14.500h12',
  exit: 'M8.500 3.500H5A1.500 1.500 0 0 0 3.500 5v10A1.500 1.500 0 0 0 5 16.500h3.500M9 10h8M13.500 6.500 17 10l-3.500 3.500',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg className={`icon ${className}`} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The bird. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M4 9.500c3.600-.5 6 .9 7.700 3C13.500 8.900 16.700 6.500 20.600 6.500c2.500 0 4.400 1.600 4.900 3.700l3 2-3.100 1.200c-.3 6.400-4.500 10.700-10.500 10.700-1.300 0-2.500-.2-3.700-.6L5.200 27.500l1.900-5.900C4.800 18.700 3.700 14.200 4 9.500z" />
      <circle cx="21.400" cy="10.600" r="1.300" />
    </svg>
  )
}
