/** Connects to a peer whose address is known from elsewhere. */
import { type FormEvent, useState } from 'react'
import { FormProblem } from './modal.tsx'
import { run, tell } from './store.ts'
import { strings } from './strings.ts'

export function AddPeer({ id }: { id: string }) {
  const [failure, setFailure] = useState<{ message: string; help?: string } | null>(null)
  const words = strings.peers
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form).get('peer')
    const peer = typeof given === 'string' ? given.trim() : ''
    if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(peer))
      return setFailure({ message: words.addWrong })
    const result = await run({ do: 'add-peer', id, peer })
    if (!result.ok) return setFailure(result.problem)
    setFailure(null)
    form.reset()
    tell('good', words.added)
  }
  return (
    <form
      className="add-peer"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault()
        void submit(event.currentTarget)
      }}
    >
      <label htmlFor="add-peer">{words.add}</label>
      <input
        id="add-peer"
        name="peer"
        className="input"
        placeholder={words.addPlaceholder}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={failure !== null}
      />
      <button type="submit" className="button">
        {words.addSubmit}
      </button>
      {failure !== null && <FormProblem {...failure} />}
    </form>
  )
}
