import 'react'

declare module 'react' {
  interface CSSProperties {
    /** The tracks of the list, for its head and its rows. */
    '--grid'?: string
  }
}
