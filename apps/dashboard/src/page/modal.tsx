/**
 * A dialog over the page. Radix keeps the focus inside and gives it back; its own `Overlay` is not used, because that
 * locks scrolling with an inline style sheet, which our content security policy forbids. The backdrop does not scroll.
 */
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './icon-button.tsx'
import { strings } from './strings.ts'
import { useReturnFocus } from './use-return-focus.ts'

interface ModalProps {
  readonly title: string
  readonly lead?: string
  readonly size?: 'small' | 'large'
  readonly onClose: () => void
  readonly children: ReactNode
}

export function Modal({ title, lead, size, onClose, children }: ModalProps) {
  const returnFocus = useReturnFocus()
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <div className="backdrop">
          <Dialog.Content
            className={size === undefined ? 'modal' : `modal modal-${size}`}
            aria-modal="true"
            onCloseAutoFocus={returnFocus}
            // Where no field asks for the focus, the dialog itself has it, and not the button that closes it.
            onOpenAutoFocus={(event) => {
              event.preventDefault()
              if (event.target instanceof HTMLElement) event.target.focus()
            }}
            {...(lead === undefined ? { 'aria-describedby': undefined } : {})}
          >
            <header className="modal-head">
              <Dialog.Title className="modal-title">{title}</Dialog.Title>
              <Dialog.Close asChild>
                <IconButton icon="close" label={strings.close} />
              </Dialog.Close>
            </header>
            {lead !== undefined && (
              <Dialog.Description className="modal-lead">{lead}</Dialog.Description>
            )}
            {children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** What went wrong in a form, where the user looks. */
export function FormProblem({ message, help }: { message: string; help?: string }) {
  return (
    <p className="form-problem" role="alert">
      <strong>{message}</strong>
      {help !== undefined && help !== '' && <span> {help}</span>}
    </p>
  )
}

interface FormFootProps {
  readonly submit: string
  readonly isBusy?: boolean
  readonly onCancel: () => void
}

/** Back or on, at the foot of a form. What cannot be done yet is told when it is tried. */
export function FormFoot({ submit, isBusy = false, onCancel }: FormFootProps) {
  return (
    <footer className="form-foot">
      <button type="button" className="button" onClick={onCancel}>
        {strings.cancel}
      </button>
      <button type="submit" className="button button-primary" aria-busy={isBusy}>
        {submit}
      </button>
    </footer>
  )
}
