import { type RefObject, useEffect, useRef, useState } from 'react'
import { useTheme } from './use-theme.ts'

export interface Drawing {
  readonly canvas: RefObject<HTMLCanvasElement | null>
  /** 0 before it is laid out. */
  readonly widthPx: number
}

/** What a picture is drawn with. Lengths are CSS pixels. */
export interface Brush {
  readonly paint: CanvasRenderingContext2D
  readonly widthPx: number
  readonly colour: (name: string) => string
}

/** A canvas as wide as its place, drawn anew when the width, the colours, the screen or `draw` itself change. */
export function useCanvas(heightPx: number, draw: (brush: Brush) => void): Drawing {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [widthPx, setWidthPx] = useState(0)
  const theme = useTheme()
  const scale = usePixelRatio()
  useEffect(() => {
    const element = canvas.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setWidthPx(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    const element = canvas.current
    const paint = element?.getContext('2d')
    if (!element || !paint || widthPx === 0) return
    element.width = Math.round(widthPx * scale)
    element.height = Math.round(heightPx * scale)
    paint.scale(scale, scale)
    const style = getComputedStyle(element)
    draw({ paint, widthPx, colour: (name) => style.getPropertyValue(name).trim() })
  }, [widthPx, heightPx, theme, scale, draw])
  return { canvas, widthPx }
}

/** Changes with the zoom, and when the window goes to another screen. */
function usePixelRatio(): number {
  const [ratio, setRatio] = useState(devicePixelRatio)
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`)
    const update = (): void => setRatio(devicePixelRatio)
    query.addEventListener('change', update)
    return () => query.removeEventListener('change', update)
  }, [ratio])
  return ratio
}
