/** Everything that can be set: of the node, and of this browser. */
import { ToggleGroup } from 'radix-ui'
import { useId, useState } from 'react'
import { FolderField, isWholePath } from './folder-field.tsx'
import { Icon } from './icons.tsx'
import { ColumnChoice, DensityChoice } from './list-look.tsx'
import { FormProblem } from './modal.tsx'
import { MagnetHandlerSettings } from './magnet-handler.tsx'
import { NotificationSettings } from './notifications.tsx'
import { navigate } from './navigation.ts'
import { EncryptionChoice, NetworkSwitch, ReadOnlyNote } from './network-switch.tsx'
import { SWITCHES } from './network-switches.ts'
import { PageHead } from './page-head.tsx'
import { THEMES } from './preferences.ts'
import { CategoriesSection } from './settings-categories.tsx'
import { Configured, NumbersForm, SaveBar, Section } from './settings-form.tsx'
import { AlternativeSection } from './settings-schedule.tsx'
import { setPreferences, tell, useStore } from './store.ts'
import { LANGUAGE_NAMES, LANGUAGES, strings } from './strings.ts'
import { onSubmit, useForm } from './use-form.ts'

const PARTS = [
  'speed',
  'alternative',
  'queue',
  'goals',
  'folders',
  'peers',
  'reach',
  'categories',
  'appearance',
  'integration',
] as const

export function SettingsPage() {
  const { settings: words } = strings
  return (
    <div className="page">
      <PageHead title={words.title} />
      <div className="page-body">
        <nav className="page-nav" aria-label={words.sections}>
          <ul>
            {PARTS.map((part) => (
              <li key={part}>
                <button
                  type="button"
                  className="page-link"
                  onClick={() => document.getElementById(part)?.scrollIntoView()}
                >
                  {words[part]}
                </button>
              </li>
            ))}
          </ul>
        </nav>
        <div className="settings">
          <h2 className="settings-group">{words.node}</h2>
          <NodeSections />
          <h2 className="settings-group">{words.browser}</h2>
          <AppearanceSection />
          <Section id="integration" title={words.integration}>
            <MagnetHandlerSettings />
            <NotificationSettings />
          </Section>
        </div>
      </div>
    </div>
  )
}

function NodeSections() {
  const { settings: words } = strings
  return (
    <>
      <Section id="speed" title={words.speed}>
        <NumbersForm
          rows={[
            { setting: 'downLimit', label: words.down, unit: words.unit, hint: words.limitHint },
            { setting: 'upLimit', label: words.up, unit: words.unit },
          ]}
        />
      </Section>
      <AlternativeSection />
      <Section id="queue" title={words.queue}>
        <NumbersForm
          rows={[{ setting: 'maxActive', label: words.maxActive, hint: words.maxActiveHint }]}
        />
      </Section>
      <Section id="goals" title={words.goals} lead={words.goalsLead}>
        <NumbersForm
          rows={[
            { setting: 'ratioGoal', label: words.ratio, hint: words.goalHint },
            { setting: 'seedMsGoal', label: words.seedTime, unit: words.hours },
            { setting: 'idleMsGoal', label: words.idleTime, unit: words.hours },
          ]}
        />
      </Section>
      <Section id="folders" title={words.folders}>
        <DefaultFolder />
      </Section>
      <Section id="peers" title={words.peers}>
        <NumbersForm
          rows={[
            { setting: 'maxPeers', label: words.maxPeers },
            { setting: 'maxPeersPerTorrent', label: words.maxPeersPerTorrent },
            { setting: 'uploadSlots', label: words.uploadSlots, hint: words.uploadSlotsHint },
          ]}
        />
      </Section>
      <ReachSection />
      <CategoriesSection />
    </>
  )
}

/** How peers are found and reached. What comes of it stands on a page of its own. */
function ReachSection() {
  const { settings: words } = strings
  return (
    <Section id="reach" title={words.reach} lead={words.reachLead}>
      <ReadOnlyNote />
      {SWITCHES.map((setting) => (
        <NetworkSwitch key={setting} setting={setting} />
      ))}
      <EncryptionChoice />
      <button
        type="button"
        className="button reach-more"
        onClick={() => navigate({ view: 'network' })}
      >
        <Icon name="network" />
        {words.reachMore}
      </button>
    </Section>
  )
}

function DefaultFolder() {
  const session = useStore((state) => state.feed.session)
  const [draft, setDraft] = useState<string | null>(null)
  const form = useForm()
  const { settings: words } = strings
  const folder = draft ?? session?.defaultFolder ?? ''
  const submit = async (): Promise<void> => {
    if (!isWholePath(folder)) return form.setFailure({ message: strings.move.missing, help: '' })
    const result = await form.send({ do: 'set-session', defaultFolder: folder.trim() })
    if (result?.ok !== true) return
    setDraft(null)
    tell('good', words.saved)
  }
  return (
    <form className="settings-form" noValidate onSubmit={onSubmit(() => void submit())}>
      <FolderField
        label={words.defaultFolder}
        hint={words.defaultFolderHint}
        value={folder}
        onChange={setDraft}
        isWrong={form.failure !== null}
      />
      {session?.configured.includes('defaultFolder') === true && <Configured />}
      {form.failure !== null && <FormProblem {...form.failure} />}
      <SaveBar
        isShown={draft !== null && draft !== session?.defaultFolder}
        isBusy={form.isBusy}
        onReset={() => setDraft(null)}
      />
    </form>
  )
}

function AppearanceSection() {
  const { settings: words } = strings
  const { theme, language } = useStore((state) => state.preferences)
  const id = useId()
  return (
    <Section id="appearance" title={words.appearance}>
      <div className="setting">
        <span className="setting-words" id={`${id}t`}>
          {words.theme}
        </span>
        <ToggleGroup.Root
          type="single"
          className="choice"
          aria-labelledby={`${id}t`}
          value={theme}
          onValueChange={(value) => {
            const chosen = THEMES.find((each) => each === value)
            if (chosen !== undefined) setPreferences({ theme: chosen })
          }}
        >
          {THEMES.map((each) => (
            <ToggleGroup.Item key={each} value={each} className="choice-item">
              {words.themes[each]}
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
      </div>
      <div className="setting">
        <label className="setting-words" htmlFor={`${id}l`}>
          {words.language}
        </label>
        <select
          id={`${id}l`}
          className="select"
          value={language ?? ''}
          onChange={(event) =>
            setPreferences({
              language: LANGUAGES.find((each) => each === event.target.value) ?? null,
            })
          }
        >
          <option value="">{words.languageSystem}</option>
          {LANGUAGES.map((each) => (
            <option key={each} value={each} lang={each}>
              {LANGUAGE_NAMES[each]}
            </option>
          ))}
        </select>
      </div>
      <div className="setting">
        <span className="setting-words" id={`${id}d`}>
          {words.density}
        </span>
        <DensityChoice labelledBy={`${id}d`} />
      </div>
      <h4 className="settings-sub">{words.columns}</h4>
      <p className="settings-lead">{words.columnsHint}</p>
      <ColumnChoice />
    </Section>
  )
}
