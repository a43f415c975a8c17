/** A button that shows only an icon: its name is read out, and shown in a tooltip. */
import { Tooltip } from 'radix-ui'
import type { ComponentProps } from 'react'
import { Icon, type IconName } from './icons.tsx'
import { overlayPlace } from './overlay-place.ts'

type IconButtonProps = Omit<ComponentProps<'button'>, 'children' | 'aria-label'> & {
  readonly icon: IconName
  readonly label: string
  /** What the tooltip says, where the label is longer than needed. */
  readonly hint?: string
}

export function IconButton({ icon, label, hint, className = '', ...rest }: IconButtonProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button type="button" className={`icon-button ${className}`} aria-label={label} {...rest}>
          <Icon name={icon} />
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal container={overlayPlace()}>
        <Tooltip.Content className="tooltip" sideOffset={6} collisionPadding={8}>
          {hint ?? label}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
