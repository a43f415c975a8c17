/** The switches of the node's network, wherever they stand: with what they do, and why one cannot be used. */
import { type ReactNode, useId } from 'react'
import { Configured } from './settings-form.tsx'
import { ENCRYPTIONS, isOffByProxy, type SwitchKey } from './network-switches.ts'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { useMayChange } from './use-scope.ts'
import { useWanted } from './use-wanted.ts'

interface NetworkSwitchProps {
  readonly setting: SwitchKey
  /** Called once it was changed. */
  readonly onChanged?: (() => void) | undefined
  /** How it is going, below the words. */
  readonly children?: ReactNode
}

export function NetworkSwitch({ setting, onChanged, children }: NetworkSwitchProps) {
  const session = useStore((state) => state.feed.session)
  const mayChange = useMayChange()
  const { shown, isBusy, want } = useWanted(session?.[setting] ?? false)
  const id = useId()
  if (session === null) return null
  const words = strings.network.switches[setting]
  const change = async (isOn: boolean): Promise<void> => {
    await want(isOn, { do: 'set-session', [setting]: isOn })
    onChanged?.()
  }
  return (
    <div className="net-switch">
      <input
        type="checkbox"
        role="switch"
        id={id}
        className="switch"
        checked={shown}
        disabled={!mayChange}
        aria-busy={isBusy}
        aria-describedby={mayChange ? `${id}n` : `${id}n ${READ_ONLY_ID}`}
        onChange={(event) => void change(event.target.checked)}
      />
      <div className="net-switch-words">
        <label htmlFor={id}>{words.label}</label>
        <div id={`${id}n`}>
          <p className="field-hint">{words.hint}</p>
          <SwitchNotes keys={[setting]} isProxied={isOffByProxy(setting, session)} />
        </div>
        {children}
      </div>
    </div>
  )
}

export function EncryptionChoice({ onChanged }: { onChanged?: () => void }) {
  const session = useStore((state) => state.feed.session)
  const mayChange = useMayChange()
  const { shown, want } = useWanted(session?.encryption ?? 'prefer')
  const id = useId()
  if (session === null) return null
  const words = strings.network
  const change = async (encryption: (typeof ENCRYPTIONS)[number]): Promise<void> => {
    await want(encryption, { do: 'set-session', encryption })
    onChanged?.()
  }
  return (
    <fieldset
      className="net-encryption"
      disabled={!mayChange}
      aria-describedby={mayChange ? `${id}n` : `${id}n ${READ_ONLY_ID}`}
    >
      <legend>{words.encryption}</legend>
      <div className="choice">
        {ENCRYPTIONS.map((each) => (
          <label key={each} className="choice-item net-choice">
            <input
              type="radio"
              className="hidden-label"
              name={id}
              checked={shown === each}
              onChange={() => void change(each)}
            />
            {words.encryptions[each]}
          </label>
        ))}
      </div>
      <div id={`${id}n`}>
        <p className="field-hint">
          {words.encryptionTexts[shown]} {words.encryptionHint}
        </p>
        <SwitchNotes keys={['encryption']} isProxied={false} />
      </div>
    </fieldset>
  )
}

/** Said once, before the switches that it turns off. */
export function ReadOnlyNote() {
  const mayChange = useMayChange()
  if (mayChange) return null
  return (
    <p className="configured" id={READ_ONLY_ID}>
      {strings.network.readOnly}
    </p>
  )
}

const READ_ONLY_ID = 'read-only-note'

/** Why a change does not last, or has no effect. */
function SwitchNotes({ keys, isProxied }: { keys: readonly string[]; isProxied: boolean }) {
  const configured = useStore((state) => state.feed.session?.configured)
  return (
    <>
      {keys.some((key) => configured?.includes(key)) && <Configured />}
      {isProxied && <p className="configured">{strings.network.proxied}</p>}
    </>
  )
}
