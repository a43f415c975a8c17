import 'react'

declare module 'react' {
  interface CSSProperties {
    /** The tracks of the list, for its head and its rows. */
    '--grid'?: string
    /** What they need at least; more than there is room for is scrolled to. */
    '--list-width'?: string
  }
}
