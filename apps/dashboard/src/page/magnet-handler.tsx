import { useState } from 'react'
import { ROOT } from './base-path.ts'
import { BrowserSetting } from './browser-setting.tsx'
import { strings } from './strings.ts'

/** Makes the browser open magnet links here. The browser is asked only after a click here. */
export function MagnetHandlerSettings() {
  const words = strings.magnets
  const [isAsked, setAsked] = useState(false)
  if (!('registerProtocolHandler' in navigator) || !isSecureContext)
    return <BrowserSetting title={words.title} text={words.unable} />
  const address = `${location.origin}${ROOT}add?url=%s`
  return (
    <BrowserSetting title={words.title} text={words.text}>
      <button
        type="button"
        className="button"
        onClick={() => {
          navigator.registerProtocolHandler('magnet', address)
          setAsked(true)
        }}
      >
        {words.register}
      </button>
      <p className="setting-answer" role="status">
        {isAsked ? words.asked : ''}
      </p>
    </BrowserSetting>
  )
}
