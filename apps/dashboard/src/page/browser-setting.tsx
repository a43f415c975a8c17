import type { ReactNode } from 'react'

interface BrowserSettingProps {
  readonly title: string
  readonly text: string
  readonly children?: ReactNode
}

/** A setting of this browser: what it is, and what can be done about it here. */
export function BrowserSetting({ title, text, children }: BrowserSettingProps) {
  return (
    <div className="browser-setting">
      <h3 className="browser-setting-title">{title}</h3>
      <p className="browser-setting-text">{text}</p>
      {children}
    </div>
  )
}
